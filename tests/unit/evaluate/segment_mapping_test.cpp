#include "evaluate/segment_mapping.hpp"

#include "coreml/graph_builder.hpp"

#include <gmock/gmock.h>

namespace anecompat::evaluate {
namespace {

using ane::Backend;
using coreml::GraphBuilder;
using coreml::ValueId;

// A chain of operations over one input, each named by its output: {type, name}.
struct Step {
  std::string_view type;
  std::string_view name;
};

coreml::Graph chain(std::vector<Step> steps) {
  GraphBuilder builder("mil");
  const std::vector<std::int64_t> dims{1, 8};
  const auto type = builder.tensor(coreml::DataType::float32, dims);
  auto previous = builder.add_value({.name = "x", .type = type});
  const auto inputs = builder.store({previous});
  std::vector<coreml::Operation> operations;
  for (const auto& step : steps) {
    const auto output = builder.add_value({.name = step.name, .type = type});
    coreml::Operation op;
    op.type = op.source_type = step.type;
    op.name = step.name;
    op.inputs = builder.store({coreml::Argument{"x", builder.store({previous})}});
    op.outputs = builder.store({output});
    op.index = builder.next_operation_index();
    operations.push_back(op);
    previous = output;
  }
  coreml::Function function;
  function.name = "main";
  function.inputs = inputs;
  function.body.label = "main";
  function.body.inputs = inputs;
  function.body.operations = builder.store_operations(operations);
  function.body.outputs = builder.store({previous});
  coreml::Model model;
  model.kind = coreml::ModelKind::ml_program;
  model.default_function = "main";
  model.functions = builder.store({function});
  return std::move(builder).finish(model);
}

const std::vector<Step> k_with_casts = {
    {"cast", "x_fp16"}, {"conv", "a"}, {"relu", "b"}, {"cast", "y"}};

Measurement ran(std::vector<AneProcedure> procedures) {
  Measurement measurement;
  measurement.host.arch = "arm64";
  measurement.host.compute_devices_known = measurement.host.neural_engine_listed = true;
  measurement.hooks = {{.id = "E1", .state = HookState::installed}};
  measurement.predictions = {{.phase = Phase::predict, .ok = true}};
  measurement.programs = {{.names = NameSource::symbols, .procedures = std::move(procedures)}};
  for (const auto& procedure : measurement.programs[0].procedures)
    measurement.tallies.push_back(
        {.phase = Phase::predict, .program = 0, .procedure = procedure.index, .succeeded = 1});
  return measurement;
}

PlannedOp planned(std::string name, Backend device) {
  return {.function = "main", .name = std::move(name), .preferred = device, .supported = {device}};
}

MeasuredVerdict verdict(const coreml::Graph& graph, const Measurement& measurement) {
  return decide(measured_facts(measurement, map_segments(graph, "", measurement)));
}

// The original called these "partial", because the segment does not begin at the model's input.
TEST(SegmentMapping, CastsAtTheEdgesDoNotSpoilFull) {
  const auto graph = chain(k_with_casts);
  const auto measurement = ran({{.index = 0, .inputs = {"x_fp16"}, .outputs = {"b"}}});
  const auto mapping = map_segments(graph, "", measurement);
  EXPECT_EQ(mapping.coverage, Coverage::all);
  EXPECT_TRUE(mapping.ops[0].boundary);
  EXPECT_FALSE(mapping.ops[1].boundary);
  EXPECT_TRUE(mapping.ops[3].boundary);
  EXPECT_EQ(verdict(graph, measurement).level, ane::Level::full);
}

TEST(SegmentMapping, AHoleIsPartial) {
  const auto graph = chain(k_with_casts);
  const auto measurement = ran({{.index = 0, .inputs = {"x_fp16"}, .outputs = {"a"}}});
  EXPECT_EQ(map_segments(graph, "", measurement).coverage, Coverage::some);
  EXPECT_EQ(verdict(graph, measurement).level, ane::Level::partial);
}

TEST(SegmentMapping, TwoSegmentsCanCoverEverything) {
  const auto graph = chain(k_with_casts);
  const auto measurement = ran({{.index = 0, .inputs = {"x_fp16"}, .outputs = {"a"}},
                                {.index = 1, .inputs = {"a"}, .outputs = {"b"}}});
  const auto mapping = map_segments(graph, "", measurement);
  EXPECT_EQ(mapping.segments, 2U);
  EXPECT_EQ(mapping.coverage, Coverage::all);
}

// Both ends on the ANE and the middle elsewhere: comparing inputs and outputs alone would say full.
TEST(SegmentMapping, EndsWithoutTheMiddleArePartial) {
  const auto graph = chain({{"conv", "a"}, {"topk", "b"}, {"conv", "c"}});
  const auto measurement = ran({{.index = 0, .inputs = {"x"}, .outputs = {"a"}},
                                {.index = 1, .inputs = {"b"}, .outputs = {"c"}}});
  EXPECT_EQ(map_segments(graph, "", measurement).coverage, Coverage::some);
}

TEST(SegmentMapping, UnknownNamesProveNothing) {
  const auto graph = chain(k_with_casts);
  EXPECT_EQ(
      map_segments(graph, "", ran({{.index = 0, .inputs = {"q"}, .outputs = {"b"}}})).coverage,
      Coverage::unknown);
  EXPECT_EQ(map_segments(graph, "", ran({{.index = 0, .inputs = {}, .outputs = {}}})).coverage,
            Coverage::unknown);
  // An input that lies behind the output: the walk comes out at the model's input.
  EXPECT_EQ(
      map_segments(graph, "", ran({{.index = 0, .inputs = {"b"}, .outputs = {"a"}}})).coverage,
      Coverage::unknown);
}

TEST(SegmentMapping, WithoutNamesThePlanDecides) {
  const auto graph = chain(k_with_casts);
  auto measurement = ran({{.index = 0, .inputs = {}, .outputs = {}}});
  measurement.plan = ComputePlan{{planned("x_fp16", Backend::cpu), planned("a", Backend::ane),
                                  planned("b", Backend::ane), planned("y", Backend::cpu)}};
  const auto mapping = map_segments(graph, "", measurement);
  ASSERT_TRUE(mapping.plan);
  EXPECT_EQ(mapping.plan->total, 4U);
  EXPECT_EQ(mapping.plan->preferred, 2U);
  EXPECT_EQ(mapping.plan->boundary, 2U);
  EXPECT_EQ(verdict(graph, measurement).level, ane::Level::full);
  measurement.plan->ops[2].preferred = Backend::cpu;
  EXPECT_EQ(verdict(graph, measurement).level, ane::Level::partial);
}

TEST(SegmentMapping, ACastInTheMiddleIsNoBoundary) {
  const auto graph = chain({{"conv", "a"}, {"cast", "b"}, {"conv", "c"}});
  EXPECT_FALSE(map_segments(graph, "", {}).ops[1].boundary);
}

TEST(SegmentMapping, PlannedOperationsThatAreNotInTheGraphAreNamed) {
  const auto graph = chain({{"conv", "a"}});
  Measurement measurement;
  measurement.plan = ComputePlan{{planned("a", Backend::ane), planned("ghost", Backend::ane)}};
  const auto mapping = map_segments(graph, "", measurement);
  EXPECT_THAT(mapping.unmatched, testing::ElementsAre("ghost"));
  EXPECT_EQ(mapping.ops[0].placement, Backend::ane);
}

TEST(SegmentMapping, ZeroEvaluationsAreNeverPartial) {
  const auto graph = chain(k_with_casts);
  auto measurement = ran({});
  EXPECT_EQ(verdict(graph, measurement).level, ane::Level::none);
}

TEST(SegmentMapping, OnlyEvaluationHooksMakeARunMeasured) {
  Measurement measurement;
  measurement.hooks = {
      {.id = "C1", .purpose = HookPurpose::compile, .state = HookState::installed},
      {.id = "E1", .purpose = HookPurpose::evaluate, .state = HookState::mismatch}};
  EXPECT_FALSE(measured_facts(measurement, {}).hooks_installed);
}

}  // namespace
}  // namespace anecompat::evaluate
