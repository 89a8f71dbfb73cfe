#include "support/unicode.hpp"

#include <algorithm>
#include <array>

namespace anecompat {

namespace {

constexpr std::string_view k_dots = "…";

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// The blocks of Unicode's EastAsianWidth.txt (W and F) that names are made of, and of its emoji.
constexpr std::array k_wide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},
    Range{0x3400, 0x4DBF},   Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},
    Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},
    Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF},
    Range{0x20000, 0x3FFFD}};

constexpr std::array k_combining = {
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489},  Range{0x0591, 0x05BD}, Range{0x064B, 0x065F},
    Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF},  Range{0x20D0, 0x20FF}, Range{0xFE00, 0xFE0F},
    Range{0xFE20, 0xFE2F}, Range{0xE0100, 0xE01EF}};

template <typename Ranges>
bool within(const Ranges& ranges, std::uint32_t value) {
  return std::ranges::any_of(
      ranges, [&](const Range& range) { return value >= range.first && value <= range.last; });
}

std::size_t width_of(const CodePoint& point) {
  if (point.value < 0x300)
    return 1;
  if (within(k_combining, point.value))
    return 0;
  return within(k_wide, point.value) ? 2 : 1;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// How many bytes at the start of `text` fit into `columns`.
std::size_t head_bytes(std::string_view text, std::size_t columns) {
  std::size_t end = 0;
  std::size_t used = 0;
  while (end < text.size()) {
    const auto point = decode_utf8(text.substr(end));
    used += width_of(point);
    if (used > columns)
      break;
    end += std::max<std::size_t>(point.length, 1);
  }
  return end;
}

// Where the last `columns` columns of `text` begin.
std::size_t tail_begin(std::string_view text, std::size_t columns) {
  auto begin = text.size();
  std::size_t used = 0;
  while (begin > 0) {
    auto start = begin - 1;
    while (start > 0 && begin - start < 4 && is_continuation(text[start]))
      --start;
    const auto point = decode_utf8(text.substr(start));
    if (point.length != begin - start)
      start = begin - 1;  // invalid UTF-8: byte by byte
    used += width_of(decode_utf8(text.substr(start)));
    if (used > columns)
      break;
    begin = start;
  }
  return begin;
}

// The length of the control sequence after its introducer: parameters, then one final byte.
std::size_t csi_length(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && text[i] >= 0x20 && text[i] <= 0x3F)
    ++i;
  return i < text.size() && text[i] >= 0x40 && text[i] <= 0x7E ? i + 1 : i;
}

// The length of an operating system command after its introducer. One that never ends hides
// nothing: only its introducer goes.
std::size_t osc_length(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\a')
      return i + 1;
    if (text[i] == '\x1b' && i + 1 < text.size() && text[i + 1] == '\\')
      return i + 2;
    if (text[i] == '\n')
      break;
  }
  return 0;
}

}  // namespace

CodePoint decode_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  if (text.empty())
    return {};
  const auto lead = byte(0);
  if (lead < 0x80)
    return {lead, 1};
  if (lead >= 0xC2 && lead < 0xE0 && tail(1))
    return {(lead & 0x1FU) << 6U | (byte(1) & 0x3FU), 2};
  if (lead >= 0xE0 && lead < 0xF0 && tail(1) && tail(2)) {
    const auto value = (lead & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU);
    if (value >= 0x800 && (value < 0xD800 || value > 0xDFFF))
      return {value, 3};
  }
  if (lead >= 0xF0 && lead < 0xF5 && tail(1) && tail(2) && tail(3)) {
    const auto value = (lead & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U |
                       (byte(3) & 0x3FU);
    if (value >= 0x10000 && value <= 0x10FFFF)
      return {value, 4};
  }
  return {};
}

bool is_deceptive(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB);
}

std::string strip_ansi(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const auto begin = text.find_first_of("\x1b\xc2");
    result += text.substr(0, begin);
    if (begin == std::string_view::npos)
      break;
    text.remove_prefix(begin);
    if (text.starts_with("\x1b[") || text.starts_with("\xc2\x9b")) {
      text.remove_prefix(2);
      text.remove_prefix(csi_length(text));
    } else if (text.starts_with("\x1b]") || text.starts_with("\xc2\x9d")) {
      text.remove_prefix(2);
      text.remove_prefix(osc_length(text));
    } else if (text.size() > 1 && text[0] == '\x1b' && text[1] >= 0x40 && text[1] <= 0x5F) {
      text.remove_prefix(2);
    } else {
      result += text[0];
      text.remove_prefix(1);
    }
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto point = decode_utf8(text);
    width += width_of(point);
    text.remove_prefix(std::max<std::size_t>(point.length, 1));
  }
  return width;
}

std::string fit_end(std::string_view text, std::size_t columns) {
  // A character never takes more columns than bytes, so short texts need no measuring.
  if (text.size() <= columns || display_width(text) <= columns)
    return std::string(text);
  if (columns == 0)
    return {};
  return std::string(text.substr(0, head_bytes(text, columns - 1))).append(k_dots);
}

std::string fit_middle(std::string_view text, std::size_t columns) {
  if (text.size() <= columns || display_width(text) <= columns)
    return std::string(text);
  if (columns == 0)
    return {};
  const auto keep = columns - 1;
  const auto head = head_bytes(text, keep / 2);
  const auto tail = tail_begin(text, keep - keep / 2);
  return std::string(text.substr(0, head)).append(k_dots).append(text.substr(tail));
}

std::string cut_to_bytes(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes)
    return std::string(text);
  if (bytes < k_dots.size())
    return {};
  auto end = bytes - k_dots.size();
  while (end > 0 && is_continuation(text[end]))
    --end;
  return std::string(text.substr(0, end)).append(k_dots);
}

}  // namespace anecompat
