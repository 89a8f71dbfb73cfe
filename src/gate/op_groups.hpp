// Operations grouped by why they are off the ANE, as lines for people.
#pragma once

#include "evaluate/evaluation.hpp"

#include <string>
#include <vector>

namespace anecompat::gate {

struct OpGroups {
  std::vector<std::string> codes;  // reason codes, sorted, each once
  std::vector<std::string> ops;    // paths, file order
  std::vector<std::string> lines;  // one per reason, the most frequent first; long lists are cut
};

// Operations that are placed elsewhere; boundary operations do not count.
OpGroups ops_off_ane(const evaluate::Evaluation& evaluation);
// Operations the ANE cannot take; boundary operations do not count.
OpGroups ops_not_eligible(const evaluate::Evaluation& evaluation);
OpGroups ops_on_ane(const evaluate::Evaluation& evaluation);

}  // namespace anecompat::gate
