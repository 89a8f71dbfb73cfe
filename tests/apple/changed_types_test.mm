// A macOS whose methods have the known names and other types: hooking them would corrupt arguments.
#include "apple_test.hpp"
#include "evaluate/apple/hooks.hpp"

namespace anecompat::test {
namespace {

using namespace evaluate;
using testing::HasSubstr;

using ChangedTypes = AppleTest;

TEST_F(ChangedTypes, AreNotHooked) {
  one_segment();
  const auto measurement = run();
  EXPECT_EQ(measurement.reached, MeasureStep::done);
  for (const auto* id : {"E1.doEvaluateDirect", "E2.processRequest", "E3.evaluate",
                         "E3.virtualClient", "E3.inMemory", "C1.compileModel", "L1.doLoadModel"})
    EXPECT_EQ(hook(measurement, id), HookState::mismatch) << id;
  // The one without the changed argument is.
  EXPECT_EQ(hook(measurement, "E3.evaluateRealTime"), HookState::installed);
}

TEST_F(ChangedTypes, AreReportedWithWhatWasFound) {
  for (const auto& status : apple::inspect_hooks()) {
    if (status.state == HookState::mismatch) {
      EXPECT_THAT(status.detail, HasSubstr("Q")) << status.id;
    }
  }
}

TEST_F(ChangedTypes, LeaveTheModelRunning) {
  one_segment();
  run();
  EXPECT_GT(seen().evaluations, 0);
}

TEST_F(ChangedTypes, LeaveThePlanToDecide) {
  one_segment();
  const auto measurement = run();
  EXPECT_TRUE(measurement.plan);
  EXPECT_EQ(evaluations_per_prediction(measurement), 0);
}

}  // namespace
}  // namespace anecompat::test
