// The policy: how severe each rule is.
#pragma once

#include "report/finding.hpp"
#include "support/error.hpp"

#include <tl/expected.hpp>

#include <map>
#include <string>
#include <vector>

namespace anecompat::gate {

struct Policy {
  std::string name;
  std::map<std::string, report::Severity> severities;  // one for every gate rule
  std::map<std::string, double> thresholds;            // one for every threshold a rule takes
  bool fail_on_unevaluated = true;  // exit 3 when something could not be evaluated

  report::Severity severity(const std::string& rule) const;
};

// A shipped policy by name ("pre-merge", "strict", "nightly", "advisory") or a YAML file by path;
// empty: "pre-merge".
tl::expected<Policy, std::vector<Error>> load_policy(const std::string& name_or_path);

}  // namespace anecompat::gate
