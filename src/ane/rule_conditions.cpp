#include "ane/rule_conditions.hpp"

#include "ane/rule_yaml.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace anecompat::ane {

namespace {

using Comparison = Condition::Comparison;

struct ComparisonInfo {
  std::string_view name;
  Comparison comparison;
  bool list;  // takes several values
};

constexpr std::array k_comparisons = {
    ComparisonInfo{"min", Comparison::min, false},
    ComparisonInfo{"max", Comparison::max, false},
    ComparisonInfo{"above", Comparison::above, false},
    ComparisonInfo{"below", Comparison::below, false},
    ComparisonInfo{"equals", Comparison::equals, false},
    ComparisonInfo{"in", Comparison::in, true},
    ComparisonInfo{"not_in", Comparison::not_in, true},
    ComparisonInfo{"any", Comparison::any, true},
    ComparisonInfo{"only", Comparison::only, true},
    ComparisonInfo{"multiple_of", Comparison::multiple_of, false},
    ComparisonInfo{"not_multiple_of", Comparison::not_multiple_of, false},
    ComparisonInfo{"factors_beyond", Comparison::factors_beyond, true},
    ComparisonInfo{"known", Comparison::known, false},
};

template <typename Range>
std::vector<std::string_view> names_of(const Range& infos) {
  std::vector<std::string_view> names;
  for (const auto& info : infos)
    names.push_back(info.name);
  return names;
}

bool fits(Comparison comparison, FactKind kind) {
  switch (comparison) {
    case Comparison::known:
      return true;
    case Comparison::equals:
      return kind != FactKind::types;
    case Comparison::in:
    case Comparison::not_in:
      return kind == FactKind::number || kind == FactKind::text;
    case Comparison::any:
    case Comparison::only:
      return kind == FactKind::types;
    default:
      return kind == FactKind::number;
  }
}

// "h13", "h14-h16" or "h16+".
Result<void> add_chips(const YAML::Node& node, const std::string& file, ChipSet& chips) {
  const auto& text = node.Scalar();
  const auto plus = text.ends_with('+');
  const auto dash = text.find('-');
  const auto first_name = text.substr(0, plus ? text.size() - 1 : std::min(dash, text.size()));
  const auto last_name = dash == std::string::npos ? first_name : text.substr(dash + 1);
  const auto family = [](std::string_view name) -> std::optional<ChipFamily> {
    for (const auto candidate : k_chip_families) {
      if (to_string(candidate) == name)
        return candidate;
    }
    return std::nullopt;
  };
  const auto first = family(first_name);
  const auto last = plus ? std::optional(k_chip_families.back()) : family(last_name);
  if (!first || !last || *first > *last) {
    return fail(rule_error(file, node, fmt::format("unknown chips \"{}\"", printable(text)),
                           "write a family (h16), a range (h13-h15) or \"h16+\""));
  }
  for (const auto candidate : k_chip_families) {
    if (candidate >= *first && candidate <= *last)
      chips.add(candidate);
  }
  return {};
}

Result<void> add_values(const YAML::Node& node, const FactInfo& fact, const std::string& file,
                        Condition& condition) {
  if (condition.comparison == Comparison::known || fact.kind == FactKind::flag) {
    const auto flag = to_flag(node);
    if (!flag)
      return fail(rule_error(file, node, fmt::format("{}: must be true or false", fact.name)));
    condition.numbers.push_back(*flag ? 1 : 0);
    return {};
  }
  if (fact.kind == FactKind::text) {
    condition.texts.push_back(node.IsScalar() ? node.Scalar() : std::string());
    return {};
  }
  if (fact.kind == FactKind::types) {
    const auto type = node.IsScalar() ? coreml::parse_data_type(node.Scalar()) : std::nullopt;
    if (!type)
      return fail(rule_error(file, node, fmt::format("{}: unknown data type", fact.name)));
    if (condition.numbers.empty())
      condition.numbers.push_back(0);
    condition.numbers[0] |= type_bit(*type);
    return {};
  }
  const auto number = to_integer(node);
  if (!number || (*number == 0 && (condition.comparison == Comparison::multiple_of ||
                                   condition.comparison == Comparison::not_multiple_of))) {
    return fail(rule_error(file, node, fmt::format("{}: must be a whole number", fact.name)));
  }
  condition.numbers.push_back(*number);
  return {};
}

Result<void> add_comparisons(const YAML::Node& node, const FactInfo& fact, const std::string& file,
                             std::vector<Condition>& conditions) {
  if (node.IsScalar()) {
    // `fact: value` is short for `fact: {equals: value}`.
    Condition condition{.fact = fact.fact, .comparison = Comparison::equals};
    if (!fits(Comparison::equals, fact.kind))
      return fail(rule_error(file, node, fmt::format("{}: needs any or only", fact.name)));
    ANECOMPAT_TRY(add_values(node, fact, file, condition));
    conditions.push_back(std::move(condition));
    return {};
  }
  if (!node.IsMap() || node.size() == 0)
    return fail(rule_error(file, node, fmt::format("{}: must be a comparison", fact.name)));
  for (const auto& pair : node) {
    const auto name = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
    const auto* const info = std::ranges::find(k_comparisons, name, &ComparisonInfo::name);
    if (info == k_comparisons.end()) {
      return fail(rule_error(file, pair.first,
                             fmt::format("unknown comparison \"{}\"", printable(name)),
                             meant_advice(name, names_of(k_comparisons))));
    }
    if (!fits(info->comparison, fact.kind)) {
      return fail(rule_error(file, pair.first,
                             fmt::format("{}: \"{}\" does not fit this fact", fact.name, name)));
    }
    Condition condition{.fact = fact.fact, .comparison = info->comparison};
    const bool fine =
        info->list ? pair.second.IsSequence() && pair.second.size() > 0 : pair.second.IsScalar();
    if (!fine) {
      return fail(rule_error(file, pair.second,
                             fmt::format("{}: {} takes {}", fact.name, name,
                                         info->list ? "a list of values" : "one value")));
    }
    if (info->list) {
      for (const auto& item : pair.second)
        ANECOMPAT_TRY(add_values(item, fact, file, condition));
    } else {
      ANECOMPAT_TRY(add_values(pair.second, fact, file, condition));
    }
    conditions.push_back(std::move(condition));
  }
  return {};
}

}  // namespace

Result<std::vector<Condition>> parse_conditions(const YAML::Node& when, const std::string& file) {
  std::vector<Condition> conditions;
  if (!when)
    return conditions;
  if (!when.IsMap() || when.size() == 0)
    return fail(rule_error(file, when, "when: must be a mapping of facts to comparisons"));
  std::set<std::string> seen;
  for (const auto& pair : when) {
    const auto name = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
    const auto fact = find_fact(name);
    if (!fact) {
      return fail(rule_error(file, pair.first, fmt::format("unknown fact \"{}\"", printable(name)),
                             meant_advice(name, names_of(all_facts()))));
    }
    if (!seen.insert(name).second)
      return fail(rule_error(file, pair.first, fmt::format("fact \"{}\" is there twice", name)));
    ANECOMPAT_TRY(add_comparisons(pair.second, *fact, file, conditions));
  }
  return conditions;
}

Result<ChipSet> parse_chips(const YAML::Node& node, const std::string& file) {
  auto chips = ChipSet::none();
  if (node.IsScalar()) {
    ANECOMPAT_TRY(add_chips(node, file, chips));
  } else {
    for (const auto& item : node)
      ANECOMPAT_TRY(add_chips(item, file, chips));
  }
  if (chips.empty())
    return fail(rule_error(file, node, "chips: names no chip"));
  return chips;
}

Result<OsRange> parse_os_range(const YAML::Node& node, const std::string& file) {
  ANECOMPAT_TRY(check_keys(node, file, {"min", "below"}));
  OsRange range;
  for (const auto* key : {"min", "below"}) {
    const auto bound = node[key];
    if (!bound)
      continue;
    const auto os = parse_os_version(bound.IsScalar() ? bound.Scalar() : std::string());
    if (!os)
      return fail(
          rule_error(file, bound, fmt::format("os: {}", os.error().message), os.error().advice));
    (std::string_view(key) == "min" ? range.min : range.below) = os->core_ml();
  }
  if (!range.min && !range.below)
    return fail(rule_error(file, node, "os: needs min or below", "as in {below: ios17}"));
  return range;
}

}  // namespace anecompat::ane
