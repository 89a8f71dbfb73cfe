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

MappedOp planned(std::optional<Backend> placement, std::vector<Backend> supported,
                 bool boundary = false) {
  MappedOp op;
  op.placement = placement;
  op.supported = std::move(supported);
  op.boundary = boundary;
  return op;
}

// What map_segments() makes of a plan over these operations.
SegmentMapping mapping_of(std::vector<MappedOp> ops) {
  SegmentMapping mapping;
  PlanCounts counts;
  for (const auto& op : ops) {
    const bool on_ane = op.placement == Backend::ane;
    counts.total += op.placement ? 1U : 0U;
    counts.preferred += on_ane ? 1U : 0U;
    counts.supported += testing::Value(op.supported, testing::Contains(Backend::ane)) ? 1U : 0U;
    counts.boundary += op.boundary && !on_ane ? 1U : 0U;
  }
  mapping.ops = std::move(ops);
  mapping.plan = counts;
  return mapping;
}

SegmentMapping without_plan(Coverage coverage, const std::vector<bool>& in_segment) {
  SegmentMapping mapping;
  mapping.coverage = coverage;
  for (const bool in : in_segment) {
    mapping.ops.emplace_back();
    mapping.ops.back().in_segment = in;
  }
  return mapping;
}

// A Mac that works: hooks in place, three predictions of which one is the warm-up.
Measurement measured(std::uint64_t evaluations) {
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
  measurement.reached = MeasureStep::done;
  return measurement;
}

std::vector<MappedOp> plan_with(Backend softmax) {
  const auto on_ane = planned(Backend::ane, {Backend::ane, Backend::cpu});
  const auto cast = planned(Backend::cpu, {Backend::cpu}, true);
  return {cast, on_ane, on_ane, planned(softmax, {softmax}), cast};
}

TEST(JudgeMeasurement, BoundaryCastsOnTheCpuDoNotSpoilFull) {
  const auto evaluation = judge_measurement(
      predicted(), measured(2), mapping_of(plan_with(Backend::ane)), RunEvidence::measured);
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
  const auto evaluation =
      judge_measurement(predicted(), measured(2), mapping_of(plan), RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::partial);
  const auto& softmax = evaluation.ops[3];
  EXPECT_EQ(softmax.placement, Backend::cpu);
  EXPECT_THAT(softmax.eligible, ElementsAre(Backend::cpu));
  ASSERT_TRUE(softmax.reason);
  EXPECT_EQ(softmax.reason->message, "Unsupported tensor format: fp32.");
}

TEST(JudgeMeasurement, NoAneCallsAreNoneWithTheirReasonNeverPartial) {
  const std::vector<MappedOp> plan(5, planned(Backend::cpu, {Backend::ane, Backend::cpu}));
  const auto evaluation =
      judge_measurement(predicted(), measured(0), mapping_of(plan), RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::none);
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "supported-not-preferred");
  EXPECT_EQ(evaluation.counts.ane, 0U);
}

TEST(JudgeMeasurement, WhatTheCompilerRejectedDidNotRunOnTheAne) {
  auto measurement = measured(0);
  AneTally failed;
  failed.kind = AneEventKind::compile;
  failed.phase = Phase::load;
  failed.failed = 1;
  measurement.tallies.push_back(failed);
  const auto evaluation = judge_measurement(
      predicted(), measurement, mapping_of(plan_with(Backend::ane)), RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::none);
  EXPECT_EQ(evaluation.counts.ane, 0U);
  ASSERT_TRUE(evaluation.ops[1].reason);
  EXPECT_EQ(evaluation.ops[1].reason->code, "ane-compile-failed");
}

TEST(JudgeMeasurement, PlanAndRunThatDisagreeAreUnknown) {
  const auto evaluation = judge_measurement(
      predicted(), measured(0), mapping_of(plan_with(Backend::ane)), RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::unknown);
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "plan-run-mismatch");
}

TEST(JudgeMeasurement, PlannedEvidenceIgnoresTheRun) {
  const auto evaluation = judge_measurement(
      predicted(), measured(0), mapping_of(plan_with(Backend::ane)), RunEvidence::planned);
  EXPECT_EQ(evaluation.level, Level::full);
  EXPECT_EQ(evaluation.evidence, Evidence::planned);
}

TEST(JudgeMeasurement, PlannedEvidenceWithoutAPlanSaysWhy) {
  Measurement measurement = measured(0);
  measurement.hooks.clear();
  measurement.predictions.clear();
  measurement.plan_error = "this macOS has no compute plan";
  const auto evaluation = judge_measurement(predicted(), measurement,
                                            without_plan(Coverage::unknown, std::vector<bool>(5)),
                                            RunEvidence::planned);
  EXPECT_EQ(evaluation.level, Level::unknown);
  EXPECT_EQ(evaluation.evidence, Evidence::planned);
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "no-evidence");
  EXPECT_THAT(evaluation.reason->message, HasSubstr("this macOS has no compute plan"));
}

TEST(JudgeMeasurement, WithoutAPlanOnlySegmentsTellWhatRan) {
  const auto evaluation = judge_measurement(
      predicted(), measured(2), without_plan(Coverage::some, {false, true, true, false, false}),
      RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::partial);
  EXPECT_EQ(evaluation.counts.ane, 2U);
  EXPECT_EQ(evaluation.counts.unplaced, 3U);
  ASSERT_EQ(evaluation.segments.size(), 1U);
  EXPECT_EQ(evaluation.segments[0].first, 1U);
}

TEST(JudgeMeasurement, WithNeitherPlanNorNamesNoOperationIsPlaced) {
  const auto evaluation = judge_measurement(predicted(), measured(4),
                                            without_plan(Coverage::unknown, std::vector<bool>(5)),
                                            RunEvidence::measured);
  EXPECT_EQ(evaluation.level, Level::partial);
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "coverage-unproven");
  EXPECT_EQ(evaluation.counts.unplaced, 5U);
  EXPECT_THAT(evaluation.segments, IsEmpty());
  EXPECT_FALSE(evaluation.shares.ops);
}

TEST(JudgeMeasurement, AMappingOfAnotherGraphIsAnError) {
  const auto evaluation =
      judge_measurement(predicted(), measured(2), mapping_of({}), RunEvidence::measured);
  EXPECT_TRUE(evaluation.error);
}

TEST(JudgeMeasurement, AVirtualMachineIsUnknownWhateverFailedInIt) {
  auto measurement = measured(0);
  measurement.host.virtual_machine = true;
  measurement.reached = MeasureStep::load;
  measurement.failure = FrameworkError{"", 0, "gave up"};
  const auto evaluation = judge_measurement(
      predicted(), measurement, mapping_of(plan_with(Backend::ane)), RunEvidence::measured);
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
    auto measurement = measured(0);
    measurement.reached = row.step;
    measurement.failure = FrameworkError{"com.apple.CoreML", 3, "no \x1b such thing"};
    const auto evaluation = judge_measurement(
        predicted(), measurement, mapping_of(plan_with(Backend::ane)), RunEvidence::measured);
    ASSERT_TRUE(evaluation.error);
    EXPECT_EQ(evaluation.error->kind, row.kind);
    EXPECT_THAT(evaluation.error->message, HasSubstr("com.apple.CoreML 3: no \\x1b such thing"));
  }
}

}  // namespace
}  // namespace anecompat::evaluate
