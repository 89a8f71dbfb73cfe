// A macOS without compute plan, device list, chaining, states and functions.
#include "apple_test.hpp"

namespace anecompat::test {
namespace {

using namespace evaluate;
using testing::Contains;
using testing::HasSubstr;

using OldOs = AppleTest;

TEST_F(OldOs, MeasuresWithTheHooksItHas) {
  one_segment({.key = Key::espresso});
  const auto measurement = run();
  EXPECT_EQ(measurement.reached, MeasureStep::done);
  EXPECT_EQ(evaluations_per_prediction(measurement), 1);
  EXPECT_EQ(hook(measurement, "E1.doEvaluateDirect"), HookState::installed);
}

TEST_F(OldOs, ReportsTheHooksItLacks) {
  one_segment();
  const auto measurement = run();
  for (const auto* id : {"E3.evaluateRealTime", "E3.inMemory", "E4.doEnqueueSets",
                         "E4.doBuffersReady", "L1.doLoadModelNewInstance"})
    EXPECT_EQ(hook(measurement, id), HookState::absent) << id;
}

TEST_F(OldOs, HasNoPlanAndSaysSo) {
  one_segment();
  const auto measurement = run();
  EXPECT_FALSE(measurement.plan);
  EXPECT_THAT(measurement.plan_error, HasSubstr("no compute plan"));
  EXPECT_FALSE(measurement.host.compute_plan);
}

TEST_F(OldOs, IsBelievedToHaveAnAneWithTheFramework) {
  const auto host = probe_host().host;
  EXPECT_FALSE(host.compute_devices_known);
  EXPECT_EQ(host.private_has_ane, std::nullopt);
  EXPECT_TRUE(host.ane_host());
  EXPECT_THAT(host.missing, Contains(HasSubstr("availableComputeDevices")));
}

TEST_F(OldOs, FillsInputsThroughTheirPointer) {
  one_segment();
  EXPECT_EQ(run().reached, MeasureStep::done);
  EXPECT_EQ(seen().fed["x"].size(), 192U);
  EXPECT_THAT(seen().fed["x"], Contains(testing::Ne('\0')));
}

TEST_F(OldOs, CannotPickAFunction) {
  one_segment();
  request.function = "decode";
  EXPECT_THAT(run().failure->message, HasSubstr("macOS 15"));
}

TEST_F(OldOs, CannotBeToldHowOftenShapesChange) {
  one_segment();
  request.reshape_frequency = ane::ReshapeFrequency::infrequent;
  EXPECT_THAT(run().failure->message, HasSubstr("how often shapes change"));
}

TEST_F(OldOs, RunsStatefulModelsLikeOthers) {
  one_segment();
  scenario().stateful = true;
  EXPECT_EQ(run().reached, MeasureStep::done);
  EXPECT_EQ(seen().stateful_predictions, 0);
}

}  // namespace
}  // namespace anecompat::test
