#include "evaluate/measured_evaluator.hpp"

#include <gmock/gmock.h>

namespace anecompat::evaluate {
namespace {

using ane::Backend;
using ane::Evidence;
using ane::Level;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

// cast → conv → relu → softmax → cast, all eligible but for the casts.
Evaluation predicted() {
  Evaluation evaluation;
  evaluation.target = "h16";
  evaluation.level = Level::full;
  evaluation.eligible_level = Level::full;
  for (const auto* name : {"in_cast", "conv", "relu", "softmax", "out_cast"}) {
    OpResult op{.path = std::string("main/") + name, .type = "op"};
    op.boundary = op.path.ends_with("cast");
    op.placement = op.boundary ? Backend::cpu : Backend::ane;
    op.eligible = {Backend::cpu};
    if (!op.boundary)
      op.eligible = {Backend::ane, Backend::cpu};
    evaluation.ops.push_back(op);
  }
  evaluation.risks.push_back({.code = "numeric-risk", .message = "small range", .op = {}});
  return evaluation;
}

PlannedOp planned(std::string name, std::optional<Backend> preferred,
                  std::vector<Backend> supported) {
  PlannedOp op;
  op.function = "main";
  op.name = std::move(name);
  op.preferred = preferred;
  op.supported = std::move(supported);
  return op;
}

// A Mac that works: hooks in place, three predictions of which one is the warm-up.
Measurement measured(std::uint64_t evaluations, std::vector<PlannedOp> plan) {
  Measurement measurement;
  measurement.host.arch = "arm64";
  measurement.host.compute_devices_known = true;
  measurement.host.neural_engine_listed = true;
  HookStatus hook;
  hook.id = "E1";
  hook.state = HookState::installed;
  measurement.hooks = {hook};
  for (const auto phase : {Phase::warm_up, Phase::predict, Phase::predict}) {
    PredictionRecord record;
    record.phase = phase;
    record.ok = true;
    measurement.predictions.push_back(record);
  }
  if (evaluations != 0) {
    AneTally tally;
    tally.kind = AneEventKind::evaluate;
    tally.phase = Phase::predict;
    tally.succeeded = evaluations;
    measurement.tallies = {tally};
  }
  if (!plan.empty())
    measurement.plan = ComputePlan{std::move(plan)};
  measurement.reached = MeasureStep::done;
  return measurement;
}

std::vector<PlannedOp> plan_with(Backend softmax) {
  return {planned("in_cast", Backend::cpu, {Backend::cpu}),
          planned("conv", Backend::ane, {Backend::ane, Backend::cpu}),
          planned("relu", Backend::ane, {Backend::ane, Backend::cpu}),
          planned("softmax", softmax,
                  softmax == Backend::ane ? std::vector{Backend::ane} : std::vector{Backend::cpu}),
          planned("out_cast", Backend::cpu, {Backend::cpu})};
}

TEST(JudgeMeasurement, BoundaryCastsOnTheCpuDoNotSpoilFull) {
  const auto evaluation =
      judge_measurement(predicted(), measured(2, plan_with(Backend::ane)), RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::full);
  EXPECT_EQ(evaluation.evidence, Evidence::measured);
  EXPECT_EQ(evaluation.counts.ane, 3U);
  EXPECT_EQ(evaluation.counts.cpu, 2U);
  EXPECT_EQ(evaluation.segments.size(), 3U);
  EXPECT_THAT(evaluation.shares.ops, Optional(testing::DoubleEq(0.6)));
  EXPECT_EQ(evaluation.risks.size(), 1U);
}

TEST(JudgeMeasurement, CoreMlsWordsReplaceThePredictions) {
  auto plan = plan_with(Backend::cpu);
  plan[3].ane_message = "Unsupported tensor format: fp32.";
  const auto evaluation = judge_measurement(predicted(), measured(2, plan), RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::partial);
  const auto& softmax = evaluation.ops[3];
  EXPECT_EQ(softmax.placement, Backend::cpu);
  EXPECT_THAT(softmax.eligible, ElementsAre(Backend::cpu));
  ASSERT_TRUE(softmax.reason);
  EXPECT_EQ(softmax.reason->message, "Unsupported tensor format: fp32.");
}

TEST(JudgeMeasurement, NoAneCallsAreNoneWithTheirReasonNeverPartial) {
  std::vector<PlannedOp> plan;
  for (const auto* name : {"in_cast", "conv", "relu", "softmax", "out_cast"})
    plan.push_back(planned(name, Backend::cpu, {Backend::ane, Backend::cpu}));
  const auto evaluation = judge_measurement(predicted(), measured(0, plan), RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::none);
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "supported-not-preferred");
  EXPECT_EQ(evaluation.counts.ane, 0U);
}

TEST(JudgeMeasurement, WhatTheCompilerRejectedDidNotRunOnTheAne) {
  auto measurement = measured(0, plan_with(Backend::ane));
  AneTally failed;
  failed.kind = AneEventKind::compile;
  failed.phase = Phase::load;
  failed.failed = 1;
  measurement.tallies.push_back(failed);
  const auto evaluation = judge_measurement(predicted(), measurement, RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::none);
  EXPECT_EQ(evaluation.counts.ane, 0U);
  ASSERT_TRUE(evaluation.ops[1].reason);
  EXPECT_EQ(evaluation.ops[1].reason->code, "ane-compile-failed");
}

TEST(JudgeMeasurement, PlanAndRunThatDisagreeAreUnknown) {
  const auto evaluation =
      judge_measurement(predicted(), measured(0, plan_with(Backend::ane)), RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::unknown);
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "plan-run-mismatch");
}

TEST(JudgeMeasurement, PlannedEvidenceIgnoresTheRun) {
  const auto evaluation =
      judge_measurement(predicted(), measured(0, plan_with(Backend::ane)), RunEvidence::planned);
  EXPECT_EQ(evaluation.level, Level::full);
  EXPECT_EQ(evaluation.evidence, Evidence::planned);
}

TEST(JudgeMeasurement, WithoutAPlanNoOperationIsPlaced) {
  const auto evaluation = judge_measurement(predicted(), measured(4, {}), RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::partial);
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "coverage-unproven");
  EXPECT_EQ(evaluation.counts.unplaced, 5U);
  EXPECT_THAT(evaluation.segments, IsEmpty());
  EXPECT_FALSE(evaluation.shares.ops);
}

TEST(JudgeMeasurement, AVirtualMachineIsUnknownWhateverFailedInIt) {
  auto measurement = measured(0, {});
  measurement.host.virtual_machine = true;
  measurement.reached = MeasureStep::load;
  measurement.failure = FrameworkError{"", 0, "gave up"};
  const auto evaluation = judge_measurement(predicted(), measurement, RunEvidence::measured);
  EXPECT_FALSE(evaluation.error);
  EXPECT_EQ(evaluation.level, Level::unknown);
  EXPECT_EQ(evaluation.reason->code, "virtual-machine");
}

TEST(JudgeMeasurement, EachStepThatFailsHasItsKind) {
  struct Row {
    MeasureStep step;
    const char* kind;
  };
  for (const auto& row :
       {Row{MeasureStep::compile, "compile"}, Row{MeasureStep::load, "load"},
        Row{MeasureStep::input, "input"}, Row{MeasureStep::predict, "prediction"}}) {
    auto measurement = measured(0, {});
    measurement.reached = row.step;
    measurement.failure = FrameworkError{"com.apple.CoreML", 3, "no \x1b such thing"};
    const auto evaluation = judge_measurement(predicted(), measurement, RunEvidence::measured);
    ASSERT_TRUE(evaluation.error);
    EXPECT_EQ(evaluation.error->kind, row.kind);
    EXPECT_THAT(evaluation.error->message, HasSubstr("com.apple.CoreML 3: no \\x1b such thing"));
  }
}

TEST(JudgeMeasurement, NamesWithSlashesAndTwinsAreMatchedInOrder) {
  auto evaluation = predicted();
  evaluation.ops[1].path = "main/block/a/b";
  evaluation.ops[2].path = "main/twin";
  evaluation.ops[3].path = "main/twin";
  const auto judged =
      judge_measurement(evaluation,
                        measured(2, {planned("a/b", Backend::ane, {Backend::ane}),
                                     planned("twin", Backend::ane, {Backend::ane}),
                                     planned("twin", Backend::gpu, {Backend::gpu}),
                                     planned("no such op", Backend::cpu, {Backend::cpu})}),
                        RunEvidence::measured);
  EXPECT_EQ(judged.ops[1].placement, Backend::ane);
  EXPECT_EQ(judged.ops[2].placement, Backend::ane);
  EXPECT_EQ(judged.ops[3].placement, Backend::gpu);
  EXPECT_EQ(judged.ops[0].placement, std::nullopt);
}

}  // namespace
}  // namespace anecompat::evaluate
