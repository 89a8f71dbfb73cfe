// Where whole graphs go: the solve of ane/segmentation.hpp behind evaluate_graph().
#include "evaluate/analysis.hpp"
#include "unit/ane/program.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

namespace anecompat::evaluate {
namespace {

using ane::Backend;
using ane::ChipFamily;
using ane::ComputeUnits;
using ane::Confidence;
using ane::Level;
using test::Dims;
using test::Program;
using test::ValueId;
using testing::HasSubstr;

const Dims k_x = {1, 64, 32, 32};

Evaluation evaluate(Program& program, const std::vector<ValueId>& outputs,
                    const AnalysisOptions& options = {}, ane::Target chip = ChipFamily::h16) {
  static const auto k_rules = ane::RuleSet::built_in();
  static const auto k_tables = ane::load_cost_tables();
  return evaluate_graph(program.finish(outputs), chip, **k_rules, *k_tables, options);
}

ValueId conv(Program& p, ValueId x) {
  return p.op("conv",
              {{"x", {x}}, {"weight", {p.weight({64, 64, 3, 3})}}, {"bias", {p.weight({64})}}}, k_x,
              {{"pad_type", p.text("same")}});
}

// `count` convolutions of 64 channels at 32x32, as of the chain that was measured.
ValueId convs(Program& p, ValueId x, int count) {
  for (int i = 0; i < count; ++i)
    x = conv(p, x);
  return x;
}

// No ANE kernel on any chip.
ValueId mod(Program& p, ValueId x) {
  return p.op("mod", {{"x", {x}}, {"y", {p.weight({1})}}}, k_x);
}

std::string placements(const Evaluation& evaluation) {
  std::string out;
  for (const auto& op : evaluation.ops)
    out += !op.placement                   ? '-'
           : *op.placement == Backend::ane ? 'A'
           : *op.placement == Backend::cpu ? 'C'
                                           : 'G';
  return out;
}

const Reason* reason_of(const Evaluation& evaluation, std::size_t op) {
  const auto& reason = evaluation.ops.at(op).reason;
  return reason ? &*reason : nullptr;
}

// ane-rules 4.2, last line: one and two convolutions on the CPU, from three on the ANE; 4 measured.
TEST(Placement, a_chain_moves_to_the_ane_when_it_saves_a_quarter_of_a_millisecond) {
  for (const auto& [count, level] : std::vector<std::pair<int, Level>>{
           {1, Level::none}, {2, Level::none}, {3, Level::full}, {4, Level::full}}) {
    Program p;
    const auto evaluation = evaluate(p, {convs(p, p.input(k_x), count)});
    EXPECT_EQ(evaluation.level, level) << count;
    EXPECT_EQ(evaluation.eligible_level, Level::full);
    EXPECT_EQ(evaluation.counts.eligible, static_cast<unsigned>(count));
  }
}

TEST(Placement, too_small_a_model_says_how_much_work_is_missing) {
  Program p;
  const auto evaluation = evaluate(p, {convs(p, p.input(k_x), 2)});
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "cost-small-graph");
  // Two of 75.6 MFLOP each at 754.5 GFLOP/s (bnns) and at 16.15 TFLOP/s with 0.25 ms on top.
  EXPECT_THAT(evaluation.reason->message,
              HasSubstr("estimated at 0.20 ms without the ANE and 0.26 ms with it: +0.06 ms"));
  ASSERT_NE(reason_of(evaluation, 1), nullptr);
  EXPECT_EQ(reason_of(evaluation, 1)->code, "cost-small-graph");
}

// What 0.06 ms of work more does, shown by the same sentence: the third convolution.
TEST(Placement, a_model_on_the_ane_has_no_reason_and_one_segment) {
  Program p;
  const auto evaluation = evaluate(p, {convs(p, p.input(k_x), 4)});
  EXPECT_FALSE(evaluation.reason);
  ASSERT_EQ(evaluation.segments.size(), 1U);
  EXPECT_EQ(evaluation.segments[0].backend, Backend::ane);
  EXPECT_EQ(evaluation.confidence, Confidence::high);
  EXPECT_DOUBLE_EQ(evaluation.shares.cost.value_or(0), 1);
}

TEST(Placement, costs_add_up) {
  Program p;
  const auto evaluation = evaluate(p, {mod(p, convs(p, p.input(k_x), 8))});
  EXPECT_EQ(placements(evaluation), "AAAAAAAAC");
  ASSERT_EQ(evaluation.segments.size(), 2U);
  double on_ane = 0;
  for (std::size_t i = 0; i < 8; ++i)
    on_ane += evaluation.ops[i].cost_us.value_or(0);
  const auto on_cpu = evaluation.ops[8].cost_us.value_or(0);
  EXPECT_GT(on_ane, 0);
  EXPECT_GT(on_cpu, 0);
  EXPECT_DOUBLE_EQ(evaluation.segments[0].cost_us.value_or(0), on_ane);
  EXPECT_DOUBLE_EQ(evaluation.shares.cost.value_or(0), on_ane / (on_ane + on_cpu));
  EXPECT_DOUBLE_EQ(evaluation.shares.ops.value_or(0), 8.0 / 9);
}

TEST(Placement, a_cpu_op_takes_its_small_neighbours_along_and_is_named) {
  Program p;
  auto x = convs(p, p.input(k_x), 4);
  x = p.op("sigmoid", {{"x", {mod(p, x)}}}, k_x);
  const auto evaluation = evaluate(p, {x});
  EXPECT_EQ(placements(evaluation), "AAAACC");
  EXPECT_EQ(evaluation.level, Level::partial);
  EXPECT_EQ(evaluation.eligible_level, Level::partial);
  const auto* reason = reason_of(evaluation, 5);
  ASSERT_NE(reason, nullptr);
  EXPECT_EQ(reason->code, "cost-switch");
  EXPECT_THAT(reason->message, HasSubstr("switching to the ANE here costs 0.2"));
  EXPECT_THAT(reason->message, HasSubstr("without the mod at " + evaluation.ops[4].path));
  // The level is explained by what can be changed.
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "unsupported-op");
}

TEST(Placement, a_model_that_is_broken_up_is_told_apart_from_one_that_is_too_small) {
  Program p;
  auto x = p.input(k_x);
  for (int i = 0; i < 6; ++i)
    x = mod(p, conv(p, x));
  const auto evaluation = evaluate(p, {x});
  EXPECT_EQ(evaluation.level, Level::none);
  EXPECT_EQ(evaluation.eligible_level, Level::partial);
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "cost-switch");
  EXPECT_THAT(evaluation.reason->message, HasSubstr("(and 5 more) it would go there"));
}

TEST(WhatIfPlacement, removing_the_cpu_op_brings_its_neighbours) {
  const auto build = [](Program& p) {
    return p.op("sigmoid", {{"x", {mod(p, convs(p, p.input(k_x), 4))}}}, k_x);
  };
  Program plain;
  const auto path = evaluate(plain, {build(plain)}).ops[4].path;
  for (const auto& [question, expected] : std::vector<std::pair<std::string, std::string>>{
           {path, "AAAAA"}, {path + "=ane", "AAAAAA"}, {"main/*=cpu", "CCCCCC"}}) {
    Program p;
    const std::vector<WhatIf> what_if = {parse_what_if(question)};
    const auto evaluation = evaluate(p, {build(p)}, {.what_if = what_if});
    EXPECT_EQ(placements(evaluation), expected) << question;
    EXPECT_EQ(evaluation.level, expected[0] == 'A' ? Level::full : Level::none);
  }
}

// The last relu costs the same everywhere: 39 of 56 such graphs had it on the ANE.
TEST(Placement, a_tie_that_decides_the_level_is_said_and_trusted_little) {
  Program p;
  const auto evaluation = evaluate(p, {p.op("relu", {{"x", {convs(p, p.input(k_x), 4)}}}, k_x)});
  EXPECT_EQ(evaluation.level, Level::full);
  EXPECT_EQ(evaluation.confidence, Confidence::low);
  ASSERT_EQ(evaluation.risks.size(), 1U);
  EXPECT_EQ(evaluation.risks[0].code, "cost-tie");
  EXPECT_EQ(evaluation.risks[0].op, evaluation.ops[4].path);
}

// MNISTClassifier ran on an M1 as one ANE segment (ane-rules 4.3, ACOMP): no break-even there.
TEST(Placement, networks_of_the_older_format_follow_the_older_planner) {
  Program p;
  p.kind = coreml::ModelKind::neural_network;
  p.type_name = "neuralNetwork";
  const auto evaluation = evaluate(p, {convs(p, p.input({1, 64, 32, 32}), 1)});
  EXPECT_EQ(evaluation.level, Level::full);
  EXPECT_LT(evaluation.confidence, Confidence::high);
}

// ZHANG: on an M5 Max five of five networks were on the GPU altogether.
TEST(Placement, with_all_compute_units_an_m5_prefers_its_gpu) {
  Program p;
  const auto evaluation = evaluate(p, {convs(p, p.input(k_x), 4)},
                                   {.compute_units = ComputeUnits::all}, ChipFamily::h17);
  EXPECT_EQ(placements(evaluation), "GGGG");
  EXPECT_EQ(evaluation.level, Level::none);
  ASSERT_NE(reason_of(evaluation, 0), nullptr);
  EXPECT_EQ(reason_of(evaluation, 0)->code, "gpu-preferred");
  EXPECT_EQ(evaluation.confidence, Confidence::low);
}

TEST(Placement, with_all_compute_units_an_unmeasured_gpu_is_a_risk) {
  Program p;
  const auto evaluation =
      evaluate(p, {convs(p, p.input(k_x), 4)}, {.compute_units = ComputeUnits::all});
  EXPECT_EQ(placements(evaluation), "AAAA");
  EXPECT_EQ(evaluation.confidence, Confidence::low);
  ASSERT_EQ(evaluation.risks.size(), 1U);
  EXPECT_EQ(evaluation.risks[0].code, "gpu-competes");
}

// ane-rules 3.2: the same graph on every chip.
TEST(Placement, limits_differ_by_chip) {
  using enum ChipFamily;
  struct Case {
    const char* what;
    std::string type;
    Dims dims;
    std::vector<ChipFamily> off;
  };
  const std::vector<Case> cases = {
      {"width 20000", "exp", {1, 64, 1, 20000}, {h13, h14, h15}},
      {"sin", "sin", k_x, {h13, h14}},
      {"cos", "cos", k_x, {h13, h14}},
  };
  for (const auto& test : cases) {
    for (const auto chip : ane::k_chip_families) {
      Program p;
      auto x = p.op(test.type, {{"x", {p.input(test.dims)}}}, test.dims);
      const auto evaluation = evaluate(p, {x}, {}, chip);
      const bool off = std::ranges::find(test.off, chip) != test.off.end();
      EXPECT_EQ(evaluation.eligible_level, off ? Level::none : Level::full)
          << test.what << " on " << ane::to_string(chip);
    }
  }
}

TEST(Placement, an_unknown_extent_counts_as_one_and_lowers_the_confidence) {
  Program p;
  p.flexibility = coreml::Flexibility::Kind::enumerated;
  const Dims dims = {1, -1, 256};
  const auto evaluation = evaluate(p, {p.op("exp", {{"x", {p.input(dims)}}}, dims)});
  EXPECT_EQ(evaluation.level, Level::none);
  EXPECT_EQ(evaluation.eligible_level, Level::full);
  EXPECT_LT(evaluation.confidence, Confidence::high);
}

// Bodies of loops and branches are never accelerated (ane-rules 2.4).
TEST(Placement, control_flow_stays_on_the_cpu_and_so_does_what_is_inside) {
  Program p;
  auto x = convs(p, p.input(k_x), 4);
  const auto mark = p.mark();
  const auto inside = conv(p, x);
  const auto body = p.take_block(mark, "true");
  static_cast<void>(inside);
  x = p.op_many("cond", {{"pred", {x}}}, {{k_x, test::DataType::float16}}, {},
                p.builder().store({body}))[0];
  const auto evaluation = evaluate(p, {x});
  EXPECT_EQ(placements(evaluation), "AAAACC");
  EXPECT_EQ(evaluation.level, Level::partial);
}

// An average over everything, 65 by 65, was in the ANE segment of DeepLabV3 on an M1.
TEST(Placement, a_pooling_window_as_large_as_its_input_is_no_window) {
  for (const bool covers : {true, false}) {
    Program p;
    p.kind = coreml::ModelKind::neural_network;
    const auto size = covers ? 65 : 80;
    const auto y = p.op("avg_pool", {{"x", {p.input({1, 320, size, size})}}},
                        {1, 320, size - 64, size - 64}, {{"kernel_sizes", p.ints({65, 65})}});
    EXPECT_EQ(evaluate(p, {y}, {}, ChipFamily::h13).level, covers ? Level::full : Level::none);
  }
}

// The same network: resizes that keep the size or spread one pixel inside, the one that enlarges
// out.
TEST(Placement, enlarging_in_the_older_format_is_off_the_ane_of_h13_only) {
  struct Case {
    std::int64_t from;
    std::int64_t to;
    bool off_h13;
  };
  for (const auto& test : {Case{513, 513, false}, Case{1, 65, false}, Case{65, 513, true}}) {
    for (const auto chip : {ChipFamily::h13, ChipFamily::h14}) {
      Program p;
      p.kind = coreml::ModelKind::neural_network;
      const auto y = p.op("resize_bilinear", {{"x", {p.input({1, 21, test.from, test.from})}}},
                          {1, 21, test.to, test.to});
      EXPECT_EQ(evaluate(p, {y}, {}, chip).level,
                test.off_h13 && chip == ChipFamily::h13 ? Level::none : Level::full)
          << test.from << " to " << test.to;
    }
  }
}

// What the system takes away is in the level, and not in what the model could reach.
TEST(Placement, an_older_system_lowers_the_level_and_not_the_eligible_one) {
  const auto on = [](std::string_view target) {
    Program p;
    return evaluate(p, {convs(p, p.input(k_x), 8)}, {}, ane::parse_target(target).value());
  };
  const auto newest = on("m4");
  EXPECT_EQ(newest.level, ane::Level::full);
  const auto old = on("m4@macos14");
  EXPECT_EQ(old.target, "h16@macos14");
  EXPECT_EQ(old.level, ane::Level::none);
  EXPECT_EQ(old.eligible_level, ane::Level::full);
  EXPECT_EQ(old.counts.eligible, 0U);
  ASSERT_TRUE(old.reason);
  EXPECT_EQ(old.reason->code, "os-too-old");
}

// The M4's estimates are of macOS 27.
TEST(Placement, estimates_of_another_system_are_believed_less) {
  const auto on = [](std::string_view target) {
    Program p;
    return evaluate(p, {convs(p, p.input(k_x), 8)}, {}, ane::parse_target(target).value());
  };
  EXPECT_EQ(on("m4").confidence, on("m4@macos27").confidence);
  EXPECT_EQ(on("m4").confidence, ane::Confidence::high);
  EXPECT_EQ(on("m4@macos15").confidence, ane::Confidence::medium);
}

// ane-rules 5 #15: eligible, never predicted to be placed.
TEST(Placement, topk_is_eligible_and_never_placed) {
  Program p;
  const auto x = convs(p, p.input(k_x), 20);
  const auto top =
      p.op("topk", {{"x", {x}}}, {1, 4, 32, 32}, {{"k", p.integer(4)}, {"axis", p.integer(1)}});
  const auto evaluation = evaluate(p, {top});
  const auto& op = evaluation.ops.back();
  EXPECT_EQ(op.eligible.front(), Backend::ane);
  EXPECT_EQ(op.placement, Backend::cpu);
  ASSERT_TRUE(op.reason);
  EXPECT_EQ(op.reason->code, "never-placed");
  EXPECT_EQ(evaluation.eligible_level, ane::Level::full);
  EXPECT_EQ(evaluation.level, ane::Level::partial);
}

// ane-rules 1.1 and 4.3 (SMP): the head of GPT-2 on an M1 Pro.
TEST(Placement, a_vocabulary_fits_an_m1_at_one_position_only) {
  for (const std::int64_t positions : {1, 512}) {
    Program p;
    const auto head = p.op(
        "linear", {{"x", {p.input({1, positions, 768})}}, {"weight", {p.weight({50257, 768})}}},
        {1, positions, 50257});
    const auto evaluation = evaluate(p, {head}, {}, ChipFamily::h13);
    EXPECT_EQ(evaluation.eligible_level, positions == 1 ? ane::Level::full : ane::Level::none);
  }
}

// ane-rules 2.10, 4.3: 1.4 GB ran on an A19 Pro, 1.8 and 1.94 GB were at 0 %.
TEST(Placement, models_near_two_gigabytes_are_off_the_ane_as_a_whole) {
  const auto with = [](std::uint64_t bytes) {
    Program p;
    p.weights = {{.encoding = "int8", .tensors = 1, .bytes = bytes}};
    return evaluate(p, {convs(p, p.input(k_x), 8)});
  };
  EXPECT_EQ(with(1'400'000'000).level, ane::Level::full);
  EXPECT_EQ(with(1'400'000'000).confidence, ane::Confidence::low);
  const auto large = with(1'940'000'000);
  EXPECT_EQ(large.level, ane::Level::none);
  EXPECT_EQ(large.reason->code, "model-too-big");
}

}  // namespace
}  // namespace anecompat::evaluate
