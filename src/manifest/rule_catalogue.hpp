// Every rule of the gate: the one list that manifests, policies, findings and `rules` go by.
#pragma once

#include "report/finding.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace anecompat::manifest {

// A number that moves a rule's limit; set beside its severity in a policy.
struct RuleThreshold {
  std::string_view name;  // "more_than"
  std::string_view meaning;
  double fallback = 0;
  double minimum = 0;
  double maximum = 0;
};

struct GateRule {
  std::string_view id;
  report::Severity fallback;  // in a policy file that says nothing of the rule
  std::string_view title;     // a few words
  std::string_view meaning;   // when it fires
  std::string_view advice;    // what to do then
  std::optional<RuleThreshold> threshold = std::nullopt;
};

// In the order in which findings are listed.
std::span<const GateRule> gate_rules();

// Null when there is no such rule.
const GateRule* find_gate_rule(std::string_view id);
std::vector<std::string_view> gate_rule_ids();

// "ane-share-dropped.more_than": what the rule's threshold is called in settings.
std::string threshold_key(const GateRule& rule);

}  // namespace anecompat::manifest
