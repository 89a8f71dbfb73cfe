#include "cli/diff_view.hpp"

#include "report/comparison_view.hpp"
#include "report/reporter.hpp"
#include "support/markdown.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace anecompat::cli {

namespace {

void add_line(std::string& out, std::string_view text) {
  (out += text) += '\n';
}

// The lines about one pair that both formats have.
std::string headline(const DiffedPair& pair) {
  if (pair.comparison.same())
    return fmt::format("{}: no difference", printable(pair.title));
  return fmt::format("{}: {}, {}", printable(pair.title), report::level_change(pair.comparison),
                     report::op_counts(pair.comparison));
}

std::string numbers(const evaluate::Comparison& comparison) {
  const auto shares = report::share_change(comparison);
  return fmt::format("{}{}{}", shares, shares.empty() ? "" : "; ",
                     report::segment_change(comparison));
}

std::size_t hidden(const evaluate::Comparison& comparison, std::size_t shown) {
  return comparison.changes.size() - std::min(shown, comparison.changes.size()) +
         comparison.more_changes;
}

}  // namespace

bool DiffResult::same() const {
  return only_old.empty() && only_new.empty() &&
         std::ranges::all_of(pairs, [](const auto& pair) { return pair.comparison.same(); });
}

std::string diff_text(const DiffResult& result, std::size_t shown) {
  std::string out;
  for (const auto& pair : result.pairs) {
    const auto& comparison = pair.comparison;
    add_line(out, headline(pair));
    if (!comparison.note.empty())
      add_line(out, "    " + printable(comparison.note));
    if (comparison.same())
      continue;
    add_line(out, "    " + numbers(comparison));
    for (std::size_t i = 0; i < std::min(shown, comparison.changes.size()); ++i) {
      const auto& change = comparison.changes[i];
      add_line(out, fmt::format("    {}: {}", report::change_word(change.kind),
                                report::change_line(change)));
    }
    if (const auto more = hidden(comparison, shown); more > 0)
      add_line(out, fmt::format("    … {} more (--all shows them)", more));
  }
  for (const auto& title : result.only_old)
    add_line(out, fmt::format("{}: only in {}", printable(title), printable(result.old_name)));
  for (const auto& title : result.only_new)
    add_line(out, fmt::format("{}: only in {}", printable(title), printable(result.new_name)));
  for (const auto& title : result.unknown)
    add_line(out, printable(title));
  return out;
}

std::string diff_markdown(const DiffResult& result, std::size_t shown) {
  std::string out;
  for (const auto& pair : result.pairs) {
    const auto& comparison = pair.comparison;
    add_line(out, fmt::format("**{}**", markdown_text(headline(pair))));
    add_line(out, "");
    if (comparison.same())
      continue;
    add_line(out, markdown_text(numbers(comparison)));
    add_line(out, "");
    if (!comparison.changes.empty()) {
      add_line(out, "| What | Operation |");
      add_line(out, "|---|---|");
      for (std::size_t i = 0; i < std::min(shown, comparison.changes.size()); ++i) {
        const auto& change = comparison.changes[i];
        add_line(out, fmt::format("| {} | {} |", report::change_word(change.kind),
                                  markdown_text(report::change_line(change))));
      }
      add_line(out, "");
    }
    if (const auto more = hidden(comparison, shown); more > 0) {
      add_line(out, fmt::format("_{} more_", more));
      add_line(out, "");
    }
  }
  const auto list = [&](const std::vector<std::string>& titles, const std::string& side) {
    for (const auto& title : titles)
      add_line(out, fmt::format("- {}: only in {}", markdown_code(title), markdown_code(side)));
  };
  list(result.only_old, result.old_name);
  list(result.only_new, result.new_name);
  for (const auto& title : result.unknown)
    add_line(out, "- " + markdown_text(title));
  return out;
}

std::string diff_json(const DiffResult& result) {
  using Json = nlohmann::ordered_json;
  Json json = {
      {"schema", 1}, {"old", result.old_name}, {"new", result.new_name}, {"same", result.same()}};
  auto& pairs = json["entries"] = Json::array();
  for (const auto& pair : result.pairs) {
    pairs.push_back({{"name", pair.entry},
                     {"target", pair.target},
                     {"same", pair.comparison.same()},
                     {"comparison", Json::parse(report::to_json(pair.comparison))}});
  }
  json["only_old"] = result.only_old;
  json["only_new"] = result.only_new;
  json["unknown"] = result.unknown;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace anecompat::cli
