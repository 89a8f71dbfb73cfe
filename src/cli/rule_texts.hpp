// The words for rules and reason codes that some reports carry along.
#pragma once

#include "report/reporter.hpp"

#include <vector>

namespace anecompat::cli {

// Every gate rule, in the order of the catalogue.
std::vector<report::RuleText> rule_texts();

}  // namespace anecompat::cli
