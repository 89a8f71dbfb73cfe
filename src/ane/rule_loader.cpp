// Loading of RuleSet from YAML.
#include "ane/rule_conditions.hpp"
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
    std::vector<std::string_view> names = {"chip", "os", "type", "input", "output", "limit"};
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
    ANECOMPAT_TRY(check_keys(
        row, m_file,
        {"ops", "ane", "gpu", "placed", "boundary", "reason", "message", "confidence", "source"}));
    OpRow parsed;
    if (!row["ane"])
      return fail(rule_error(m_file, row, "\"ane\" is missing"));
    ANECOMPAT_TRY_ASSIGN(parsed.ane, flag_at(row, "ane", false, m_file));
    ANECOMPAT_TRY_ASSIGN(parsed.gpu, flag_at(row, "gpu", true, m_file));
    ANECOMPAT_TRY_ASSIGN(parsed.placed, flag_at(row, "placed", true, m_file));
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
    ANECOMPAT_TRY_ASSIGN(rule.when, parse_conditions(row["when"], m_file));
    if (const auto chips = row["chips"]) {
      rule.names_chips = true;
      ANECOMPAT_TRY_ASSIGN(rule.chips, parse_chips(chips, m_file));
    }
    if (const auto systems = row["os"]) {
      ANECOMPAT_TRY_ASSIGN(rule.systems, parse_os_range(systems, m_file));
    }
    if (row[std::string(reason_key)]) {
      ANECOMPAT_TRY_ASSIGN(rule.reason, reason_at(row, reason_key));
    }
    return rule;
  }

  Result<void> add_rule(const YAML::Node& row) {
    ANECOMPAT_TRY(check_keys(row, m_file,
                             {"id", "ops", "except", "chips", "os", "when", "effect", "reason",
                              "message", "confidence", "source"}));
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
                             {"id", "ops", "except", "chips", "os", "when", "scope", "code",
                              "message", "confidence", "source"}));
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
