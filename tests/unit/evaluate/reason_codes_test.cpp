#include "ane/rules.hpp"

#include <gmock/gmock.h>

namespace anecompat::evaluate {
namespace {

// `anecompat rules CODE` explains every code that a verdict can carry.
TEST(ReasonCodes, OfRunsAndWorkersAreExplained) {
  const auto rules = ane::RuleSet::load({});
  ASSERT_TRUE(rules) << rules.error().to_string();
  for (const auto* code :
       {"no-ane-host", "virtual-machine", "other-chip", "other-os", "no-evidence", "no-prediction",
        "ane-compile-failed", "ane-evaluation-failed", "ops-unsupported", "supported-not-preferred",
        "empty-plan", "plan-run-mismatch", "coverage-unproven", "ane-not-used",
        "flaky-evaluation"}) {
    const auto* reason = (*rules)->reason(code);
    ASSERT_NE(reason, nullptr) << code;
    EXPECT_FALSE(reason->advice.empty()) << code;
  }
}

}  // namespace
}  // namespace anecompat::evaluate
