#include "manifest/rule_settings.hpp"

#include "ane/verdict.hpp"
#include "manifest/rule_catalogue.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

namespace anecompat::manifest {

namespace {

using report::Severity;
using yaml::MapReader;
using yaml::Problems;

std::optional<Severity> read_severity(MapReader& reader, std::string_view key) {
  const auto word = reader.text(key);
  if (!word)
    return std::nullopt;
  const auto severity = report::parse_severity(*word);
  if (!severity)
    reader.problem(key, yaml::unknown_word("severity", *word),
                   yaml::advice_for(*word, {"error", "warning", "notice", "off"}));
  return severity;
}

std::optional<double> read_evidence(MapReader& reader, std::string_view key) {
  const auto word = reader.text(key);
  if (!word)
    return std::nullopt;
  if (const auto evidence = ane::parse_evidence(*word))
    return static_cast<double>(*evidence);
  reader.problem(key, yaml::unknown_word("evidence", *word),
                 yaml::advice_for(*word, {"predicted", "planned", "measured"}));
  return std::nullopt;
}

void read_threshold(MapReader& reader, const GateRule& rule, RuleSettings& settings) {
  if (!rule.threshold)
    return;
  const auto& threshold = *rule.threshold;
  const auto value = rule.id == "evidence-too-weak"
                         ? read_evidence(reader, threshold.name)
                         : reader.number(threshold.name, threshold.minimum, threshold.maximum);
  if (value)
    settings.thresholds.insert_or_assign(threshold_key(rule), *value);
}

}  // namespace

RuleSettings read_rule_settings(MapReader& reader, RuleScope scope, Problems& problems) {
  RuleSettings settings;
  const auto* node = reader.node("rules");
  if (node == nullptr)
    return settings;
  MapReader rules(*node, reader.path_of("rules"), problems);
  for (const auto& key : node->keys) {
    const auto* rule = find_gate_rule(key.text);
    if (rule == nullptr) {
      problems.add(key.position, fmt::format("{}: unknown rule", rules.path_of(key.text)),
                   yaml::advice_for(key.text, gate_rule_ids()));
      continue;
    }
    std::optional<Severity> severity;
    if (node->find(key.text)->kind == yaml::Node::Kind::map) {
      auto details = *rules.map(key.text);
      severity = read_severity(details, "severity");
      read_threshold(details, *rule, settings);
      details.finish();
    } else {
      severity = read_severity(rules, key.text);
    }
    if (scope == RuleScope::entry && rule->id.starts_with("suppression-"))
      problems.add(
          key.position,
          fmt::format("{}: is about the whole run, not one entry", rules.path_of(key.text)),
          "set it in the policy");
    else if (severity)
      settings.severities.insert_or_assign(key.text, *severity);
  }
  return settings;
}

}  // namespace anecompat::manifest
