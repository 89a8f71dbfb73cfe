// The policy: how severe each rule is.
#pragma once

#include "manifest/rule_settings.hpp"
#include "report/finding.hpp"
#include "support/error.hpp"

#include <tl/expected.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::gate {

struct Policy {
  std::string name;
  std::map<std::string, report::Severity> severities;  // one for every gate rule
  // One for every threshold a rule takes, by "rule.threshold": "ane-share-dropped.more_than". Of
  // "evidence-too-weak.at_least" the number of an ane::Evidence.
  std::map<std::string, double> thresholds;
  bool fail_on_unevaluated = true;  // exit 3 when something could not be evaluated

  // Takes what the settings say, and keeps the rest.
  void override_with(const manifest::RuleSettings& settings);
  // `off` for a rule that does not exist.
  report::Severity severity(const std::string& rule) const;
  // 0 for a threshold that does not exist.
  double threshold(const std::string& rule_and_threshold) const;
};

// A shipped policy by name ("pre-merge", "strict", "nightly", "advisory") or a YAML file by path;
// empty: "pre-merge".
tl::expected<Policy, std::vector<Error>> load_policy(const std::string& name_or_path);

// A policy from text; `path` is for messages. Rules that it does not name have the severity of the
// policy it `extends`, else the catalogue's.
tl::expected<Policy, std::vector<Error>> parse_policy(std::string_view text,
                                                      const std::string& path);

// The names of the shipped policies.
std::vector<std::string_view> policy_names();

}  // namespace anecompat::gate
