// Loading of RuleSet from YAML.
#include "ane/rule_yaml.hpp"
#include "ane/rules.hpp"
#include "support/embedded_files.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
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

// "h13", "h14-h16", "h16+", or a list of these.
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

}  // namespace

class RuleLoader {
 public:
  explicit RuleLoader(std::string directory) : m_directory(std::move(directory)) {}

  Result<std::shared_ptr<const RuleSet>> load() {
    ANECOMPAT_TRY(check_directory());
    ANECOMPAT_TRY(read("reasons.yml", "reasons", &RuleLoader::add_reason));
    std::ranges::sort(m_rules->m_reasons, {}, &ReasonInfo::code);
    ANECOMPAT_TRY(read("chips.yml", "chips", &RuleLoader::add_chip));
    ANECOMPAT_TRY(read("ops.yml", "ops", &RuleLoader::add_op));
    for (const auto* name : {"structure.yml", "dtypes.yml", "limits.yml"})
      ANECOMPAT_TRY(read(name, "rules", &RuleLoader::add_rule));
    ANECOMPAT_TRY(read("risks.yml", "risks", &RuleLoader::add_risk));
    for (const auto chip : k_chip_families) {
      if (!m_chips_seen.contains(std::string(to_string(chip)))) {
        return fail({.kind = ErrorKind::manifest,
                     .message = fmt::format("chip {} has no row", to_string(chip)),
                     .file = place_of("chips.yml")});
      }
    }
    m_rules->index();
    return m_rules;
  }

 private:
  static constexpr std::array<std::string_view, 7> k_files = {
      "reasons.yml", "chips.yml",  "ops.yml",  "structure.yml",
      "dtypes.yml",  "limits.yml", "risks.yml"};

  std::string place_of(std::string_view name) const {
    std::error_code ignored;
    const auto own = std::filesystem::path(m_directory) / name;
    if (!m_directory.empty() && std::filesystem::exists(own, ignored))
      return own.string();
    return "policies/ane/" + std::string(name);
  }

  // A file nobody reads would be a rule that never acts.
  Result<void> check_directory() const {
    if (m_directory.empty())
      return {};
    std::error_code failed;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(m_directory, failed))
      names.push_back(entry.path().filename().string());
    if (failed) {
      return fail({.kind = ErrorKind::not_found,
                   .message = "the rules directory cannot be read: " + failed.message(),
                   .file = m_directory});
    }
    std::ranges::sort(names);
    for (const auto& name : names) {
      const bool known = std::ranges::find(k_files, name) != k_files.end();
      const bool costs = name == "cost-tables.yml" || name.starts_with("costs-");
      if (name.ends_with(".yml") && !known && !costs) {
        return fail({.kind = ErrorKind::manifest,
                     .message = "no rules are read from a file of this name",
                     .file = (std::filesystem::path(m_directory) / name).string(),
                     .advice = meant_advice(name, {k_files.begin(), k_files.end()})});
      }
    }
    return {};
  }

  using AddRow = Result<void> (RuleLoader::*)(const YAML::Node&);

  Result<void> read(const std::string& name, std::string_view key, AddRow add) {
    m_file = place_of(name);
    std::string text;
    if (m_file.starts_with("policies/ane/") && m_file == "policies/ane/" + name) {
      const auto embedded = embedded_file("ane/" + name);
      if (!embedded)
        return fail({.kind = ErrorKind::manifest, .message = "not built in", .file = m_file});
      text = *embedded;
    } else {
      ANECOMPAT_TRY_ASSIGN(text, read_text_file(m_file, 8U << 20U));
    }
    ANECOMPAT_TRY_ASSIGN(const auto root, parse_rule_yaml(text, m_file));
    ANECOMPAT_TRY(check_keys(root, m_file, {"version", key}));
    if (to_integer(root["version"]) != 1)
      return fail(rule_error(m_file, root, "version: must be 1"));
    const auto rows = root[std::string(key)];
    if (!rows || !rows.IsSequence())
      return fail(rule_error(m_file, root, fmt::format("{}: must be a list of rows", key)));
    for (const auto& row : rows)
      ANECOMPAT_TRY((this->*add)(row));
    return {};
  }

  Result<Confidence> confidence_at(const YAML::Node& row) const {
    ANECOMPAT_TRY_ASSIGN(const auto word, text_at(row, "confidence", m_file));
    if (const auto confidence = parse_confidence(word))
      return *confidence;
    return fail(rule_error(m_file, row["confidence"],
                           fmt::format("confidence: unknown word \"{}\"", printable(word)),
                           "write low, medium or high"));
  }

  Result<std::string> reason_at(const YAML::Node& row, std::string_view key) const {
    ANECOMPAT_TRY_ASSIGN(auto code, text_at(row, key, m_file));
    if (m_rules->reason(code) != nullptr)
      return code;
    std::vector<std::string_view> codes;
    for (const auto& reason : m_rules->m_reasons)
      codes.push_back(reason.code);
    return fail(rule_error(m_file, row[std::string(key)],
                           fmt::format("{}: unknown code \"{}\"", key, printable(code)),
                           meant_advice(code, codes)));
  }

  Result<std::string> message_at(const YAML::Node& row) const {
    ANECOMPAT_TRY_ASSIGN(auto message, optional_text_at(row, "message", m_file));
    std::vector<std::string_view> names = {"chip", "type", "input", "output", "limit"};
    for (const auto& fact : all_facts())
      names.push_back(fact.name);
    for (std::size_t at = message.find('{'); at != std::string::npos;
         at = message.find('{', at + 1)) {
      const auto name = message.substr(at + 1, message.find('}', at) - at - 1);
      if (std::ranges::find(names, name) == names.end()) {
        return fail(rule_error(m_file, row["message"],
                               fmt::format("message: unknown placeholder {{{}}}", printable(name)),
                               meant_advice(name, names)));
      }
    }
    return message;
  }

  // Every type must have a row in ops.yml: a misspelt one would never match.
  Result<std::vector<std::string>> types_at(const YAML::Node& row, std::string_view key) const {
    ANECOMPAT_TRY_ASSIGN(auto types, texts_at(row, key, m_file));
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (m_rules->entry(types[i]) == nullptr) {
        return fail(
            rule_error(m_file, row[std::string(key)][i],
                       fmt::format("{}: no row in ops.yml for \"{}\"", key, printable(types[i])),
                       meant_advice(types[i], m_rules->op_types())));
      }
    }
    return types;
  }

  Result<void> add_reason(const YAML::Node& row) {
    ANECOMPAT_TRY(
        check_keys(row, m_file, {"code", "core_ml", "title", "cause", "advice", "source"}));
    ReasonInfo info;
    ANECOMPAT_TRY_ASSIGN(info.code, text_at(row, "code", m_file));
    ANECOMPAT_TRY_ASSIGN(info.title, text_at(row, "title", m_file));
    ANECOMPAT_TRY_ASSIGN(info.cause, text_at(row, "cause", m_file));
    ANECOMPAT_TRY_ASSIGN(info.advice, text_at(row, "advice", m_file));
    ANECOMPAT_TRY_ASSIGN(info.source, text_at(row, "source", m_file));
    if (const auto number = row["core_ml"]) {
      const auto value = to_integer(number);
      if (!value)
        return fail(rule_error(m_file, number, "core_ml: must be a number"));
      info.core_ml = static_cast<int>(*value);
    }
    if (!m_codes_seen.insert(info.code).second)
      return fail(rule_error(m_file, row, fmt::format("code \"{}\" is there twice", info.code)));
    m_rules->m_reasons.push_back(std::move(info));
    return {};
  }

  Result<void> add_chip(const YAML::Node& row) {
    ANECOMPAT_TRY(check_keys(row, m_file, {"chip", "confidence", "source"}));
    ANECOMPAT_TRY_ASSIGN(const auto name, text_at(row, "chip", m_file));
    for (const auto chip : k_chip_families) {
      if (to_string(chip) != name)
        continue;
      if (!m_chips_seen.insert(name).second)
        return fail(rule_error(m_file, row, fmt::format("chip {} is there twice", name)));
      auto& to = m_rules->m_chips[static_cast<std::size_t>(chip)];
      ANECOMPAT_TRY_ASSIGN(to.confidence, confidence_at(row));
      ANECOMPAT_TRY_ASSIGN(to.source, text_at(row, "source", m_file));
      return {};
    }
    return fail(rule_error(m_file, row["chip"], fmt::format("unknown chip \"{}\"", printable(name)),
                           "the families are h13 to h18"));
  }

  Result<void> add_op(const YAML::Node& row) {
    ANECOMPAT_TRY(
        check_keys(row, m_file,
                   {"ops", "ane", "gpu", "boundary", "reason", "message", "confidence", "source"}));
    OpRow parsed;
    if (!row["ane"])
      return fail(rule_error(m_file, row, "\"ane\" is missing"));
    ANECOMPAT_TRY_ASSIGN(parsed.ane, flag_at(row, "ane", false, m_file));
    ANECOMPAT_TRY_ASSIGN(parsed.gpu, flag_at(row, "gpu", true, m_file));
    ANECOMPAT_TRY_ASSIGN(parsed.boundary, flag_at(row, "boundary", false, m_file));
    ANECOMPAT_TRY_ASSIGN(parsed.confidence, confidence_at(row));
    ANECOMPAT_TRY_ASSIGN(parsed.source, text_at(row, "source", m_file));
    ANECOMPAT_TRY_ASSIGN(parsed.message, message_at(row));
    if (!parsed.ane) {
      ANECOMPAT_TRY_ASSIGN(parsed.reason, reason_at(row, "reason"));
    } else if (row["reason"]) {
      return fail(rule_error(m_file, row["reason"], "reason: only where ane is false"));
    }
    ANECOMPAT_TRY_ASSIGN(const auto types, texts_at(row, "ops", m_file));
    if (types.empty())
      return fail(rule_error(m_file, row, "\"ops\" is missing"));
    for (std::size_t i = 0; i < types.size(); ++i) {
      if (!m_rules->m_ops
               .emplace(types[i], RuleSet::OpEntry{.row = parsed, .rules = {}, .risks = {}})
               .second) {
        return fail(rule_error(m_file, row["ops"][i],
                               fmt::format("\"{}\" has a row already", printable(types[i]))));
      }
    }
    return {};
  }

  Result<void> add_values(const YAML::Node& node, const FactInfo& fact,
                          Condition& condition) const {
    if (condition.comparison == Comparison::known || fact.kind == FactKind::flag) {
      const auto flag = to_flag(node);
      if (!flag)
        return fail(rule_error(m_file, node, fmt::format("{}: must be true or false", fact.name)));
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
        return fail(rule_error(m_file, node, fmt::format("{}: unknown data type", fact.name)));
      if (condition.numbers.empty())
        condition.numbers.push_back(0);
      condition.numbers[0] |= type_bit(*type);
      return {};
    }
    const auto number = to_integer(node);
    if (!number || (*number == 0 && (condition.comparison == Comparison::multiple_of ||
                                     condition.comparison == Comparison::not_multiple_of))) {
      return fail(rule_error(m_file, node, fmt::format("{}: must be a whole number", fact.name)));
    }
    condition.numbers.push_back(*number);
    return {};
  }

  Result<void> add_conditions(const YAML::Node& when, Rule& rule) const {
    if (!when)
      return {};
    if (!when.IsMap() || when.size() == 0)
      return fail(rule_error(m_file, when, "when: must be a mapping of facts to comparisons"));
    std::set<std::string> seen;
    for (const auto& pair : when) {
      const auto name = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
      const auto fact = find_fact(name);
      if (!fact) {
        return fail(rule_error(m_file, pair.first,
                               fmt::format("unknown fact \"{}\"", printable(name)),
                               meant_advice(name, names_of(all_facts()))));
      }
      if (!seen.insert(name).second)
        return fail(
            rule_error(m_file, pair.first, fmt::format("fact \"{}\" is there twice", name)));
      ANECOMPAT_TRY(add_comparisons(pair.second, *fact, rule));
    }
    return {};
  }

  Result<void> add_comparisons(const YAML::Node& node, const FactInfo& fact, Rule& rule) const {
    if (node.IsScalar()) {
      // `fact: value` is short for `fact: {equals: value}`.
      Condition condition{.fact = fact.fact, .comparison = Comparison::equals};
      if (!fits(Comparison::equals, fact.kind))
        return fail(rule_error(m_file, node, fmt::format("{}: needs any or only", fact.name)));
      ANECOMPAT_TRY(add_values(node, fact, condition));
      rule.when.push_back(std::move(condition));
      return {};
    }
    if (!node.IsMap() || node.size() == 0)
      return fail(rule_error(m_file, node, fmt::format("{}: must be a comparison", fact.name)));
    for (const auto& pair : node) {
      const auto name = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
      const auto* const info = std::ranges::find(k_comparisons, name, &ComparisonInfo::name);
      if (info == k_comparisons.end()) {
        return fail(rule_error(m_file, pair.first,
                               fmt::format("unknown comparison \"{}\"", printable(name)),
                               meant_advice(name, names_of(k_comparisons))));
      }
      if (!fits(info->comparison, fact.kind)) {
        return fail(rule_error(m_file, pair.first,
                               fmt::format("{}: \"{}\" does not fit this fact", fact.name, name)));
      }
      Condition condition{.fact = fact.fact, .comparison = info->comparison};
      const bool fine =
          info->list ? pair.second.IsSequence() && pair.second.size() > 0 : pair.second.IsScalar();
      if (!fine) {
        return fail(rule_error(m_file, pair.second,
                               fmt::format("{}: {} takes {}", fact.name, name,
                                           info->list ? "a list of values" : "one value")));
      }
      if (info->list) {
        for (const auto& item : pair.second)
          ANECOMPAT_TRY(add_values(item, fact, condition));
      } else {
        ANECOMPAT_TRY(add_values(pair.second, fact, condition));
      }
      rule.when.push_back(std::move(condition));
    }
    return {};
  }

  // What rules and risks have in common.
  Result<Rule> rule_of(const YAML::Node& row, std::string_view reason_key) {
    Rule rule;
    ANECOMPAT_TRY_ASSIGN(rule.id, text_at(row, "id", m_file));
    if (!m_ids_seen.insert(rule.id).second)
      return fail(rule_error(m_file, row, fmt::format("id \"{}\" is there twice", rule.id)));
    ANECOMPAT_TRY_ASSIGN(rule.ops, types_at(row, "ops"));
    ANECOMPAT_TRY_ASSIGN(rule.except, types_at(row, "except"));
    ANECOMPAT_TRY_ASSIGN(rule.confidence, confidence_at(row));
    ANECOMPAT_TRY_ASSIGN(rule.source, text_at(row, "source", m_file));
    ANECOMPAT_TRY_ASSIGN(rule.message, message_at(row));
    ANECOMPAT_TRY(add_conditions(row["when"], rule));
    if (const auto chips = row["chips"]) {
      rule.names_chips = true;
      rule.chips = ChipSet::none();
      if (chips.IsScalar()) {
        ANECOMPAT_TRY(add_chips(chips, m_file, rule.chips));
      } else {
        for (const auto& item : chips)
          ANECOMPAT_TRY(add_chips(item, m_file, rule.chips));
      }
      if (rule.chips.empty())
        return fail(rule_error(m_file, chips, "chips: names no chip"));
    }
    if (row[std::string(reason_key)]) {
      ANECOMPAT_TRY_ASSIGN(rule.reason, reason_at(row, reason_key));
    }
    return rule;
  }

  Result<void> add_rule(const YAML::Node& row) {
    ANECOMPAT_TRY(check_keys(row, m_file,
                             {"id", "ops", "except", "chips", "when", "effect", "reason", "message",
                              "confidence", "source"}));
    ANECOMPAT_TRY_ASSIGN(auto rule, rule_of(row, "reason"));
    ANECOMPAT_TRY_ASSIGN(const auto effect, optional_text_at(row, "effect", m_file));
    if (effect == "doubt") {
      rule.effect = Rule::Effect::doubt;
    } else if (!effect.empty() && effect != "ineligible") {
      return fail(rule_error(m_file, row["effect"],
                             fmt::format("effect: unknown word \"{}\"", printable(effect)),
                             "write ineligible or doubt"));
    } else if (rule.reason.empty() || rule.message.empty()) {
      return fail(rule_error(m_file, row,
                             "a row that takes operations off the ANE needs a reason "
                             "and a message"));
    }
    m_rules->m_rules.push_back(std::move(rule));
    return {};
  }

  Result<void> add_risk(const YAML::Node& row) {
    ANECOMPAT_TRY(check_keys(row, m_file,
                             {"id", "ops", "except", "chips", "when", "scope", "code", "message",
                              "confidence", "source"}));
    RiskRow risk;
    ANECOMPAT_TRY_ASSIGN(risk.rule, rule_of(row, "code"));
    ANECOMPAT_TRY_ASSIGN(const auto scope, optional_text_at(row, "scope", m_file));
    if (scope == "model") {
      risk.scope = RiskRow::Scope::model;
    } else if (!scope.empty() && scope != "operation") {
      return fail(rule_error(m_file, row["scope"],
                             fmt::format("scope: unknown word \"{}\"", printable(scope)),
                             "write operation or model"));
    }
    if (risk.rule.reason.empty() || risk.rule.message.empty())
      return fail(rule_error(m_file, row, "a risk needs a code and a message"));
    m_rules->m_risks.push_back(std::move(risk));
    return {};
  }

  std::string m_directory;
  std::string m_file;
  std::set<std::string> m_codes_seen;
  std::set<std::string> m_chips_seen;
  std::set<std::string> m_ids_seen;
  std::shared_ptr<RuleSet> m_rules = std::shared_ptr<RuleSet>(new RuleSet());
};

Result<std::shared_ptr<const RuleSet>> RuleSet::built_in() {
  return load({});
}

Result<std::shared_ptr<const RuleSet>> RuleSet::load(const std::string& directory) {
  try {
    return RuleLoader(directory).load();
  } catch (const YAML::Exception& error) {
    return fail({.kind = ErrorKind::manifest,
                 .message = printable(error.what()),
                 .file = directory.empty() ? "policies/ane" : directory});
  }
}

}  // namespace anecompat::ane
