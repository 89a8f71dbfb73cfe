#include "manifest/settings.hpp"

#include "ane/target.hpp"
#include "support/duration.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace anecompat::manifest {

namespace {

using yaml::MapReader;
using yaml::Problems;

std::optional<Expect> read_expect(MapReader& reader, std::string_view key) {
  const auto word = reader.text(key);
  if (!word)
    return std::nullopt;
  const auto expect = parse_expect(*word);
  if (!expect) {
    reader.problem(key, yaml::unknown_word("level", *word),
                   yaml::advice_for(*word, {"full", "partial", "none", "at-least-partial", "any"}));
  }
  return expect;
}

std::optional<std::uint32_t> read_count(MapReader& reader, std::string_view key) {
  const auto value = reader.integer(key, 0, std::numeric_limits<std::uint32_t>::max());
  return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

Budgets read_budgets(MapReader& reader) {
  Budgets budgets;
  auto map = reader.map("budgets");
  if (!map)
    return budgets;
  budgets.max_segments = read_count(*map, "max_segments");
  budgets.min_ane_share = map->number("min_ane_share", 0, 1);
  budgets.min_ane_cost_share = map->number("min_ane_cost_share", 0, 1);
  budgets.max_cpu_ops = read_count(*map, "max_cpu_ops");
  map->finish();
  return budgets;
}

std::optional<Targets> read_targets(MapReader& reader, Problems& problems) {
  const auto* list = reader.list("targets");
  if (list == nullptr)
    return std::nullopt;
  if (list->empty()) {
    reader.problem("targets", "is empty", "name a chip (m1, m4, a17pro) or remove the key");
    return std::nullopt;
  }
  Targets targets;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto path = fmt::format("{}[{}]", reader.path_of("targets"), i);
    const auto word = yaml::text_of((*list)[i], path, problems);
    if (!word)
      continue;
    if (to_lower(trim(*word)) == "host") {
      targets.host = true;
      continue;
    }
    const auto target = ane::parse_target(*word);
    if (!target) {
      problems.add((*list)[i].position, fmt::format("{}: {}", path, target.error().message),
                   target.error().advice);
      continue;
    }
    if (std::ranges::find(targets.chips, *target) == targets.chips.end())
      targets.chips.push_back(*target);
  }
  return targets;
}

std::optional<std::chrono::milliseconds> read_timeout(MapReader& reader) {
  const auto text = reader.text("timeout");
  if (!text)
    return std::nullopt;
  auto duration = parse_duration(*text);
  if (!duration) {
    reader.problem("timeout", duration.error().message, duration.error().advice);
    return std::nullopt;
  }
  return *duration;
}

template <typename T>
void inherit(std::optional<T>& own, const std::optional<T>& fallback) {
  if (!own)
    own = fallback;
}

}  // namespace

Settings read_settings(MapReader& reader, Problems& problems) {
  Settings settings;
  settings.expect = read_expect(reader, "expect");
  settings.expect_eligible = read_expect(reader, "expect_eligible");
  settings.budgets = read_budgets(reader);
  settings.targets = read_targets(reader, problems);
  settings.function = reader.text("function");
  settings.timeout = read_timeout(reader);
  settings.rules = read_rule_settings(reader, RuleScope::entry, problems);
  return settings;
}

void apply(const Settings& own, const Settings& defaults, EntrySpec& entry) {
  const auto& targets = own.targets ? own.targets : defaults.targets;
  entry.expect = own.expect ? own.expect : defaults.expect;
  entry.expect_eligible = own.expect_eligible ? own.expect_eligible : defaults.expect_eligible;
  if (!entry.expect && !entry.expect_eligible)
    entry.expect = Expect::full;
  entry.budgets = own.budgets;
  inherit(entry.budgets.max_segments, defaults.budgets.max_segments);
  inherit(entry.budgets.min_ane_share, defaults.budgets.min_ane_share);
  inherit(entry.budgets.min_ane_cost_share, defaults.budgets.min_ane_cost_share);
  inherit(entry.budgets.max_cpu_ops, defaults.budgets.max_cpu_ops);
  if (targets) {
    entry.targets = targets->chips;
    entry.host_target = targets->host;
  } else {
    entry.targets.assign(k_default_targets.begin(), k_default_targets.end());
  }
  entry.function = own.function.value_or(defaults.function.value_or(""));
  entry.timeout = own.timeout ? own.timeout : defaults.timeout;
  entry.rules = own.rules;
  entry.rules.severities.insert(defaults.rules.severities.begin(), defaults.rules.severities.end());
  entry.rules.thresholds.insert(defaults.rules.thresholds.begin(), defaults.rules.thresholds.end());
}

}  // namespace anecompat::manifest
