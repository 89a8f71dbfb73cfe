// What a policy says of gate rules, and what an entry says otherwise for itself.
#pragma once

#include "report/finding.hpp"
#include "support/yaml_map.hpp"

#include <map>
#include <string>

namespace anecompat::manifest {

struct RuleSettings {
  std::map<std::string, report::Severity> severities;  // by rule
  // By "rule.threshold", as threshold_key() makes it. Of "evidence-too-weak.at_least" the number of
  // an ane::Evidence.
  std::map<std::string, double> thresholds;

  bool empty() const { return severities.empty() && thresholds.empty(); }
};

enum class RuleScope : std::uint8_t {
  policy,
  entry,  // rules about the whole run are mistakes here
};

// The mapping behind `rules`: RULE: SEVERITY, or RULE: {severity: SEVERITY, THRESHOLD: NUMBER}.
RuleSettings read_rule_settings(yaml::MapReader& reader, RuleScope scope, yaml::Problems& problems);

}  // namespace anecompat::manifest
