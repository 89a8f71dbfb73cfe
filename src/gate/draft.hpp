// A finding on its way into the report.
#pragma once

#include "report/finding.hpp"

#include <string>
#include <vector>

namespace anecompat::gate {

struct Draft {
  report::Finding finding;        // rule, target, message and details; the rest is filled in later
  std::vector<std::string> ops;   // every operation concerned, for suppressions by operation
  std::vector<std::string> keys;  // what makes it the same finding tomorrow; no counts, no times
};

// 16 hex digits over rule, entry, target and keys: the same on any machine and day.
std::string fingerprint(const report::Finding& finding, const std::vector<std::string>& keys);

}  // namespace anecompat::gate
