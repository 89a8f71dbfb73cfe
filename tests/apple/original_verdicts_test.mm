// The original tool's false verdicts, one by one: each was wrong for a reason that is tested here.
#include "apple_test.hpp"
#include "evaluate/measurement_json.hpp"

namespace anecompat::test {
namespace {

using namespace evaluate;

class OriginalVerdicts : public AppleTest {
 protected:
  MeasuredVerdict verdict() {
    measurement = run();
    PlanCounts counts;
    if (measurement.plan) {
      for (const auto& op : measurement.plan->ops) {
        counts.total += op.preferred ? 1 : 0;
        counts.preferred += op.preferred == ane::Backend::ane ? 1 : 0;
        for (const auto backend : op.supported)
          counts.supported += backend == ane::Backend::ane ? 1 : 0;
      }
    }
    return decide(
        {.ane_host = measurement.host.ane_host(),
         .virtual_machine = measurement.host.virtual_machine,
         .hooks_installed = true,
         .predicted = true,
         .evaluations = evaluations_per_prediction(measurement),
         .compile_failures = static_cast<std::uint32_t>(program_failures(measurement).count),
         .evaluation_failures = static_cast<std::uint32_t>(evaluation_failures(measurement).count),
         .failure = evaluation_failures(measurement).text,
         .plan = measurement.plan ? std::optional(counts) : std::nullopt,
         .coverage = Coverage::unknown});
  }

  Measurement measurement;
};

// (a) It compared inputs with outputs, so that no call at all was "partial".
TEST_F(OriginalVerdicts, ZeroCallsAreNoneWithTheirReason) {
  scenario().structure.functions["main"] = {
      {.name = "y", .preferred = "cpu", .supported = {"cpu"}}};
  auto result = verdict();
  EXPECT_EQ(result.level, ane::Level::none);
  EXPECT_EQ(result.reason->code, "ops-unsupported");
  scenario().structure.functions["main"] = {{.name = "y", .preferred = "cpu"}};
  result = verdict();
  EXPECT_EQ(result.level, ane::Level::none);
  EXPECT_EQ(result.reason->code, "supported-not-preferred");
  scenario().plan = PlanAct::fail;
  EXPECT_EQ(verdict().reason->code, "ane-not-used");
}

// (b) It parsed a nil key, which raises.
TEST_F(OriginalVerdicts, ANilKeyDoesNotRaise) {
  one_segment({.key = Key::absent, .symbols = false});
  EXPECT_EQ(verdict().level, ane::Level::full);
  EXPECT_TRUE(measurement.warnings.empty());
}

// (d) It ignored what the call returned.
TEST_F(OriginalVerdicts, FailedEvaluationsDoNotCount) {
  one_segment({.key = Key::espresso, .evaluate = Act::fail_silently});
  EXPECT_EQ(verdict().level, ane::Level::none);
}

// (e) It changed its sets without a lock: concurrency_test.mm.

// (f) It hooked after the load, and so missed why nothing ran.
TEST_F(OriginalVerdicts, FailuresOfTheLoadAreSeen) {
  one_segment({.compile = Act::fail});
  const auto result = verdict();
  EXPECT_EQ(result.level, ane::Level::none);
  EXPECT_EQ(result.reason->code, "ane-compile-failed");
}

// (g) It let the GPU take models that the ANE could run whole.
TEST_F(OriginalVerdicts, TheGpuIsNotAskedByDefault) {
  one_segment();
  verdict();
  EXPECT_EQ(seen().compute_units, 3);
}

// (h) It added methods to NSObject and exchanged implementations.
TEST_F(OriginalVerdicts, NSObjectIsLeftAlone) {
  one_segment();
  verdict();
  for (const auto& hook : measurement.hooks)
    EXPECT_EQ(class_getInstanceMethod([NSObject class], sel_registerName(hook.selector.c_str())),
              nullptr);
}

// (i) It could not feed states, sequences and dictionaries: inputs_test.mm.

// (j) It set each element as an object.
TEST_F(OriginalVerdicts, LargeInputsAreFilledInBulk) {
  one_segment();
  scenario().inputs = {{.name = "x", .shape = {64, 1024, 256}}};
  const auto start = std::chrono::steady_clock::now();
  verdict();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  EXPECT_EQ(seen().fed["x"].size(), 64U << 20U);
}

// No hardware is no verdict.
TEST_F(OriginalVerdicts, WithoutAnAneNothingIsSaid) {
  one_segment();
  scenario().virtual_machine = true;
  EXPECT_EQ(verdict().level, ane::Level::unknown);
  scenario().virtual_machine = false;
  scenario().neural_engine = scenario().device_info_ane = false;
  EXPECT_EQ(verdict().level, ane::Level::unknown);
}

// The plan promises and nothing runs.
TEST_F(OriginalVerdicts, APlanThatIsNotKeptIsUnknown) {
  scenario().structure.functions["main"] = {{.name = "y"}};
  const auto result = verdict();
  EXPECT_EQ(result.level, ane::Level::unknown);
  EXPECT_EQ(result.reason->code, "plan-run-mismatch");
}

TEST_F(OriginalVerdicts, AMeasurementSurvivesItsJson) {
  one_segment({.inputs = {"x\xFF", "\"quoted\""}, .key = Key::hash, .evaluate = Act::fail});
  scenario().segments[0].inputs = {"x", "\"quoted\""};
  verdict();
  const auto read = measurement_from_json(to_json(measurement));
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(*read, measurement);
}

}  // namespace
}  // namespace anecompat::test
