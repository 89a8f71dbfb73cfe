#include "report/op_map.hpp"

#include "support/text.hpp"
#include "support/unicode.hpp"
#include "support/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

namespace anecompat::report {

namespace {

constexpr std::size_t k_columns = 64;
constexpr std::size_t k_pitch = 14;  // from one cell to the next, in user units
constexpr std::size_t k_cell = 10;
constexpr std::size_t k_margin = 2;
constexpr std::size_t k_longest_name = 200;
constexpr std::size_t k_bar_width = 896;
constexpr std::size_t k_bar_height = 16;
// Neighbours thinner than this are one part of the bar: nobody could tell them apart.
constexpr std::size_t k_most_parts = 448;

std::string_view class_of(const std::optional<ane::Backend>& placement) {
  return placement ? ane::to_string(*placement) : "unplaced";
}

std::string name(std::string_view text) {
  return xml_text(elide_middle(text, k_longest_name));
}

std::string tooltip(const evaluate::OpResult& op, std::size_t index) {
  auto text = fmt::format("#{} {} ({}", index, name(op.path), name(op.type));
  if (!op.shape.empty())
    text += fmt::format(", {}", name(op.shape));
  text += fmt::format("): {}", class_of(op.placement));
  if (op.boundary)
    text += ", boundary";
  if (op.reason)
    text += fmt::format(" – {}: {}", name(op.reason->code), name(op.reason->message));
  return text;
}

// The part of a segment that lies in one row, drawn behind its cells.
void add_frame(std::string& out, std::size_t first, std::size_t count, std::string_view kind) {
  const auto column = first % k_columns;
  const auto row = first / k_columns;
  fmt::format_to(std::back_inserter(out),
                 R"(<rect class="frame {}" x="{}" y="{}" width="{}" height="{}" rx="3"/>)", kind,
                 column * k_pitch + 1, row * k_pitch + 1, count * k_pitch - 2, k_pitch - 2);
}

void add_frames(std::string& out, const evaluate::Evaluation& evaluation) {
  for (const auto& segment : evaluation.segments) {
    const auto end =
        std::min<std::size_t>(std::size_t{segment.first} + segment.count, evaluation.ops.size());
    for (std::size_t first = segment.first; first < end;) {
      const auto row_end = (first / k_columns + 1) * k_columns;
      const auto count = std::min(end, row_end) - first;
      add_frame(out, first, count, ane::to_string(segment.backend));
      first += count;
    }
  }
}

}  // namespace

std::string op_map_svg(const evaluate::Evaluation& evaluation) {
  const auto count = evaluation.ops.size();
  if (count == 0)
    return {};
  const auto width = std::min(count, k_columns) * k_pitch;
  const auto height = (count + k_columns - 1) / k_columns * k_pitch;
  std::string out = fmt::format(
      R"(<svg class="map" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">)",
      width, height, "where each operation runs");
  add_frames(out, evaluation);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& op = evaluation.ops[i];
    fmt::format_to(
        std::back_inserter(out),
        "\n<rect class=\"{}{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"><title>{}"
        "</title></rect>",
        class_of(op.placement), op.boundary ? " boundary" : "", i % k_columns * k_pitch + k_margin,
        i / k_columns * k_pitch + k_margin, k_cell, k_cell, tooltip(op, i));
  }
  return out + "\n</svg>\n";
}

std::string segment_bar_svg(const evaluate::Evaluation& evaluation) {
  std::uint64_t total = 0;
  for (const auto& segment : evaluation.segments)
    total = std::max<std::uint64_t>(total, std::uint64_t{segment.first} + segment.count);
  if (total == 0)
    return {};
  std::string out = fmt::format(
      R"(<svg class="bar" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" aria-label="{2}">)",
      k_bar_width, k_bar_height, counted(evaluation.segments.size(), "segment"));
  const auto least = total / k_most_parts;
  std::uint64_t drawn = 0;  // operations left of the next part
  for (const auto& segment : evaluation.segments) {
    const auto end = std::uint64_t{segment.first} + segment.count;
    const auto first = std::max<std::uint64_t>(segment.first, drawn);
    if (end <= first || end - first < least)
      continue;
    const auto scale = static_cast<double>(k_bar_width) / static_cast<double>(total);
    fmt::format_to(std::back_inserter(out),
                   "\n<rect class=\"{}\" x=\"{:.2f}\" y=\"0\" width=\"{:.2f}\" height=\"{}\">"
                   "<title>{} on {}, from #{}</title></rect>",
                   ane::to_string(segment.backend), static_cast<double>(first) * scale,
                   static_cast<double>(end - first) * scale, k_bar_height,
                   counted(segment.count, "operation"), ane::to_string(segment.backend),
                   segment.first);
    drawn = end;
  }
  return out + "\n</svg>\n";
}

}  // namespace anecompat::report
