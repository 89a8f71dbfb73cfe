#include "evaluate/analysis.hpp"

#include "unit/ane/program.hpp"

#include <gtest/gtest.h>

namespace anecompat::evaluate {
namespace {

using ane::ChipFamily;
using ane::Level;
using coreml::DataType;
using test::Dims;
using test::Program;

const Dims k_x = {1, 64, 32, 32};

Evaluation evaluate(Program& program, const std::vector<test::ValueId>& outputs,
                    const AnalysisOptions& options = {},
                    const ane::Target& target = ChipFamily::h16) {
  static const auto k_rules = ane::RuleSet::built_in();
  static const auto k_tables = ane::load_cost_tables();
  return evaluate_graph(program.finish(outputs), target, **k_rules, *k_tables, options);
}

TEST(Analysis, casts_at_inputs_and_outputs_do_not_spoil_full) {
  Program p;
  const auto x = p.op("cast", {{"x", {p.input(k_x, DataType::int32)}}}, k_x);
  const auto y = p.op("relu", {{"x", {x}}}, k_x);
  const auto result = p.op("cast", {{"x", {y}}}, k_x, {}, DataType::int32);
  const auto evaluation = evaluate(p, {result});
  EXPECT_EQ(evaluation.eligible_level, Level::full);
  EXPECT_EQ(evaluation.counts.boundary, 2U);
}

TEST(Analysis, a_cast_in_front_of_a_gather_on_the_cpu_is_no_boundary_op) {
  Program p;
  const auto ids =
      p.op("cast", {{"x", {p.input({64}, DataType::float32)}}}, {64}, {}, DataType::int32);
  const auto rows = p.op("gather", {{"x", {p.weight({1000, 256})}}, {"indices", {ids}}}, {64, 256});
  const auto result = p.op("relu", {{"x", {rows}}}, {64, 256});
  const auto evaluation = evaluate(p, {result});
  EXPECT_EQ(evaluation.eligible_level, Level::partial);
  EXPECT_EQ(evaluation.counts.boundary, 0U);
  ASSERT_TRUE(evaluation.ops[1].reason);
  EXPECT_EQ(evaluation.ops[1].reason->code, "runtime-index");
}

TEST(Analysis, a_cast_after_an_argmax_on_the_cpu_is_no_boundary_op) {
  Program p;
  const auto best =
      p.op("reduce_argmax", {{"x", {p.input(k_x)}}}, {1, 1, 32, 32}, {}, DataType::int32);
  const auto result = p.op("cast", {{"x", {best}}}, {1, 1, 32, 32}, {}, DataType::float32);
  const auto evaluation = evaluate(p, {result});
  EXPECT_EQ(evaluation.counts.boundary, 0U);
  EXPECT_EQ(evaluation.eligible_level, Level::none);
}

TEST(Analysis, an_fp32_program_with_casts_and_masks_is_none) {
  Program p;
  const auto x = p.input(k_x, DataType::float32);
  const auto mask = p.op("greater", {{"x", {x}}, {"y", {x}}}, k_x, {}, DataType::boolean);
  const auto flipped = p.op("logical_not", {{"x", {mask}}}, k_x, {}, DataType::boolean);
  const auto number = p.op("cast", {{"x", {flipped}}}, k_x, {}, DataType::float32);
  const auto result = p.op("mul", {{"x", {x}}, {"y", {number}}}, k_x, {}, DataType::float32);
  EXPECT_EQ(evaluate(p, {result}).eligible_level, Level::none);
}

TEST(Analysis, operations_on_constants_are_folded_and_count_for_nothing) {
  Program p;
  const auto mask = p.op("band_part", {{"x", {p.weight({128, 128})}}}, {128, 128});
  const auto result = p.op("add", {{"x", {p.input({128, 128})}}, {"y", {mask}}}, {128, 128});
  const auto evaluation = evaluate(p, {result});
  EXPECT_EQ(evaluation.eligible_level, Level::full);
  EXPECT_EQ(evaluation.counts.unplaced, 1U);
  EXPECT_FALSE(evaluation.ops[0].placement);
}

TEST(Analysis, flexible_shapes_follow_the_declared_kind) {
  using Kind = coreml::Flexibility::Kind;
  const std::vector<std::tuple<Kind, Level, ane::Confidence>> table = {
      {Kind::enumerated, Level::full, ane::Confidence::medium},
      {Kind::range, Level::none, ane::Confidence::low}};
  for (const auto& [kind, level, confidence] : table) {
    Program p;
    p.flexibility = kind;
    const auto result = p.op("relu", {{"x", {p.input({1, -1, 32})}}}, {1, -1, 32});
    const auto evaluation = evaluate(p, {result});
    EXPECT_EQ(evaluation.eligible_level, level);
    EXPECT_EQ(evaluation.confidence, confidence);
  }
}

// ane-rules 2.5: with the hint a range "may run on NE", and only systems from iOS 17.4 know it.
TEST(Analysis, a_range_of_shapes_may_reach_the_ane_where_the_app_says_that_it_changes_seldom) {
  using ane::ReshapeFrequency;
  struct Row {
    const char* target;
    ReshapeFrequency reshapes;
    bool keeps_off;
  };
  for (const auto& row : {Row{"m1", ReshapeFrequency::infrequent, false},
                          Row{"m1@macos14.4", ReshapeFrequency::infrequent, false},
                          Row{"m1@macos14.3", ReshapeFrequency::infrequent, true},
                          Row{"m1", ReshapeFrequency::frequent, true}}) {
    Program p;
    p.spec_version = 7;
    p.opset = "ios16";
    p.flexibility = coreml::Flexibility::Kind::range;
    const auto result = p.op("relu", {{"x", {p.input({1, -1, 32})}}}, {1, -1, 32});
    const auto evaluation = evaluate(p, {result}, {.reshape_frequency = row.reshapes},
                                     ane::parse_target(row.target).value());
    ASSERT_TRUE(evaluation.reason) << row.target;
    EXPECT_EQ(evaluation.reason->code, row.keeps_off ? "range-shape" : "cost-small-graph")
        << row.target;
    EXPECT_EQ(evaluation.confidence, ane::Confidence::low) << row.target;
  }
}

TEST(Analysis, states_follow_the_documented_pattern) {
  for (const std::int64_t width : {256, 270}) {
    Program p;
    const auto state = p.state({1, width});
    const auto held = p.op("read_state", {{"input", {state}}}, {1, width});
    const auto next = p.op("add", {{"x", {held}}, {"y", {p.input({1, width})}}}, {1, width});
    p.op_many("write_state", {{"input", {state}}, {"data", {next}}}, {});
    EXPECT_EQ(evaluate(p, {next}).eligible_level, width == 256 ? Level::full : Level::partial);
  }
}

TEST(Analysis, weights_scaled_per_block_stay_off_the_ane) {
  for (const std::int64_t blocks : {1, 4}) {
    Program p;
    const auto weight =
        p.op_many("constexpr_blockwise_shift_scale", {{"scale", {p.weight({512, blocks})}}},
                  {{{512, 256}, DataType::float16}}, {}, {}, coreml::OperationKind::constexpr_)[0];
    const auto result =
        p.op("linear", {{"x", {p.input({1, 256})}}, {"weight", {weight}}}, {1, 512});
    const auto evaluation = evaluate(p, {result});
    EXPECT_EQ(evaluation.counts.ops, 1U);
    EXPECT_EQ(evaluation.eligible_level, blocks == 1 ? Level::full : Level::none);
  }
}

TEST(Analysis, unknown_operations_are_said_to_be_unknown) {
  Program p;
  const auto evaluation = evaluate(p, {p.op("from_the_future", {{"x", {p.input(k_x)}}}, k_x)});
  EXPECT_EQ(evaluation.eligible_level, Level::none);
  EXPECT_EQ(evaluation.confidence, ane::Confidence::low);
  EXPECT_EQ(evaluation.ops[0].reason->code, "unknown-op");
}

TEST(Analysis, a_square_kernel_of_16_is_eligible_with_a_compile_risk) {
  Program p;
  const auto evaluation =
      evaluate(p, {p.op("conv", {{"x", {p.input(k_x)}}, {"weight", {p.weight({64, 64, 16, 16})}}},
                        {1, 64, 17, 17})});
  EXPECT_EQ(evaluation.eligible_level, Level::full);
  ASSERT_EQ(evaluation.risks.size(), 1U);
  EXPECT_EQ(evaluation.risks[0].code, "compile-risk");
}

}  // namespace
}  // namespace anecompat::evaluate
