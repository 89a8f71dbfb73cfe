#include "ane/cost.hpp"

#include "cost_rows.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace anecompat::ane {
namespace {

using test::cell_ms;
using test::Row;

// Rows that no formula of the table is meant to reproduce, as (case, op), and why.
const std::map<std::pair<std::string, std::string>, std::string>& rows_apart() {
  static const std::map<std::pair<std::string, std::string>, std::string> rows = {
      {{"cast_f16_i32", "tensor_buffer_to_tensor"}, "Core ML's own conversion, not in the program"},
      {{"cast_f16_i8", "tensor_buffer_to_tensor"}, "Core ML's own conversion, not in the program"},
      {{"0", "tensor_buffer_to_tensor"}, "Core ML's own conversion, not in the program"},
  };
  return rows;
}

struct Comparison {
  std::size_t rows = 0;
  std::size_t numbers = 0;
  std::size_t apart = 0;
  double worst = 0;
  std::vector<std::string> misses;
};

Comparison compare(const std::string& file, const std::string& table, double tolerance) {
  Comparison result;
  for (const Row& row : test::read_rows(file)) {
    ++result.rows;
    const std::string name = row.contains("case") ? row.at("case") : row.at("idx");
    if (rows_apart().contains({name, row.at("op")})) {
      ++result.apart;
      continue;
    }
    const coreml::Graph graph = test::graph_of_row(row);
    const OpCost cost = cost_of(graph, test::only_op(graph), test::cost_table(table));
    for (const CostBackend backend : k_cost_backends) {
      const auto column = row.find(std::string(to_string(backend)) + "_ms");
      if (column == row.end())
        continue;
      // "-" is the ANE's refusal, which eligibility decides, not the table.
      const auto expected = cell_ms(column->second);
      if (!expected)
        continue;
      ++result.numbers;
      const double got = cost.ms[backend].value_or(-1);
      const double error = std::abs(got - *expected) / *expected;
      result.worst = std::max(result.worst, error);
      if (!(error <= tolerance))
        result.misses.push_back(name + "/" + row.at("op") + " " + std::string(to_string(backend)) +
                                ": " + std::to_string(got / *expected) + " of " + column->second +
                                " by " + std::string(cost.rule));
    }
  }
  return result;
}

TEST(CostTest, EveryRowOfTheM4SinglesIsReproduced) {
  const Comparison result = compare("op-costs-m4.tsv", "m4-macos27", 1e-9);
  EXPECT_EQ(result.rows, 278U);
  EXPECT_EQ(result.apart, 2U);
  EXPECT_THAT(result.misses, testing::IsEmpty());
}

TEST(CostTest, EveryRowOfTheM4GraphsIsReproduced) {
  const Comparison result = compare("op-costs-m4-context.tsv", "m4-macos27", 1e-9);
  EXPECT_EQ(result.rows, 102U);
  EXPECT_THAT(result.misses, testing::IsEmpty());
}

TEST(CostTest, EveryRowOfTheM1NetworkIsReproducedGpuIncluded) {
  const Comparison result = compare("op-costs-m1-mobilenetedgetpu.tsv", "m1-macos14.5", 1e-9);
  EXPECT_EQ(result.rows, 119U);
  EXPECT_EQ(result.apart, 1U);
  EXPECT_GT(result.numbers, 400U);
  EXPECT_THAT(result.misses, testing::IsEmpty());
}

// The operation of a row of op-costs-m4pro-m5max.tsv, whose shapes are written for people.
coreml::Graph plan_weight_graph(const Row& row) {
  static const std::regex tensor(R"((?:(fp16|fp32|int32))?\[([\d,]+)\])");
  static const std::regex conv_shape(
      R"((1-D )?N(\d+) Cin(\d+) Cout(\d+) k(\d+) out([\dx]+) s(\d+)(?: g(\d+))? bias(.*))");
  static const std::regex linear_shape(R"(M(\d+) K(\d+) N(\d+) bias)");
  static const std::regex pool_shape(R"(.* k(\d+) s\d+)");
  const std::string& type = row.at("op");
  const std::string& shape = row.at("shape");
  test::OneOp op(type);
  std::smatch match;
  const auto number = [&match](std::size_t i) { return std::stoll(match[i]); };
  if (std::regex_match(shape, match, conv_shape)) {
    const std::int64_t groups = match[8].matched ? number(8) : 1;
    const bool padded = match[9].str().find("padded") != std::string::npos;
    std::vector<std::int64_t> in = {number(2), number(3)};
    std::vector<std::int64_t> out = {number(2), number(4)};
    std::vector<std::int64_t> weight = {number(4), number(3) / groups};
    for (const std::int64_t size : test::dims_of(match[6])) {
      out.push_back(size);
      in.push_back(size * number(7) + (padded ? (number(7) == 1 ? 2 : 1) : 0));
      weight.push_back(number(5));
    }
    op.input("x", "fp16", in).input("weight", "fp16", weight, true);
    op.input("bias", "fp16", {number(4)}, true).output("fp16", out);
    return op.finish();
  }
  if (std::regex_match(shape, match, linear_shape)) {
    op.input("x", "fp16", {number(1), number(2)})
        .input("weight", "fp16", {number(3), number(2)}, true);
    op.input("bias", "fp16", {number(3)}, true).output("fp16", {number(1), number(3)});
    return op.finish();
  }
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> tensors;
  for (std::sregex_iterator it(shape.begin(), shape.end(), tensor), end; it != end; ++it)
    tensors.emplace_back((*it)[1].matched ? std::string((*it)[1]) : tensors.front().first,
                         test::dims_of((*it)[2]));
  const auto [dtype, dims] = tensors.front();
  const auto y = [&]() -> std::vector<std::int64_t> {
    if (shape.find("scalar") != std::string::npos)
      return {};
    return tensors.size() > 1 ? tensors[1].second : dims;
  };
  if (type == "gather") {
    op.input("x", "fp16", dims, true).input("indices", "int16", {16, 128});
    op.ints("axis", {0}).ints("batch_dims", {0});
    op.attribute("validate_indices", op.builder().boolean(false));
    op.output("fp16", {16, 128, dims[1]});
    return op.finish();
  }
  op.input("x", dtype, dims);
  if (type == "cast") {
    op.output(dtype == "int32" ? "int16" : "fp16", dims);
  } else if (type == "add" || type == "mul") {
    op.input("y", dtype, y()).output(dtype, dims);
  } else if (type == "reshape") {
    op.ints("shape", tensors[1].second).output(dtype, tensors[1].second);
  } else if (type == "max_pool") {
    std::regex_match(shape, match, pool_shape);
    op.ints("kernel_sizes", {number(1), number(1)}).output(dtype, tensors[1].second);
  } else if (type == "matmul") {
    std::vector<std::int64_t> out = dims;
    out.back() = tensors[1].second.back();
    op.input("y", dtype, tensors[1].second).output(dtype, out);
  } else if (type == "transpose") {
    op.ints("perm", std::vector<std::int64_t>(dims.size(), 0)).output(dtype, dims);
  } else {
    if (type == "softmax")
      op.ints("axis", {-1});
    if (type == "clip")
      op.attribute("alpha", {.type = op.type("fp16", {})})
          .attribute("beta", {.type = op.type("fp16", {})});
    op.output(dtype, dims);
  }
  return op.finish();
}

TEST(CostTest, ThePlanWeightsOfTheM4ProAndTheM5MaxAreReproduced) {
  std::vector<std::string> misses;
  std::vector<std::string> inexact;
  std::size_t rows = 0;
  for (const Row& row : test::read_rows("op-costs-m4pro-m5max.tsv")) {
    ++rows;
    const bool m5 = row.at("chip/macOS").starts_with("M5");
    const CostTable& table = test::cost_table(m5 ? "m5max-macos26.6" : "m4pro-macos26.5.1");
    const coreml::Graph graph = plan_weight_graph(row);
    // What the ANE does not take was on a CPU backend, the cheaper of the two.
    const bool cpu = row.at("shape").find("classic") != std::string::npos;
    const OpCost cost = cost_of(graph, test::only_op(graph), table, {.ane = !cpu});
    const auto backend = cpu ? CostBackend::bnns : CostBackend::ane;
    const double expected = *cell_ms(row.at("ms")) * table.unit;
    const double error = std::abs(cost.ms[backend].value_or(-1) - expected) / expected;
    const std::string name = row.at("chip/macOS") + " " + row.at("op") + " " + row.at("shape") +
                             ": " + std::to_string(error);
    if (!(error <= 1e-6))
      misses.push_back(name);
    else if (!(error <= 1e-9))
      inexact.push_back(row.at("chip/macOS") + " " + row.at("op"));
  }
  EXPECT_EQ(rows, 135U);
  EXPECT_THAT(misses, testing::IsEmpty());
  // The M5 Max's additions and products differ by parts in 10^8 that no count explains.
  EXPECT_THAT(inexact, testing::Each(testing::AnyOf("M5Max/26.6 add", "M5Max/26.6 mul")));
}

TEST(CostTest, ABackendThatDoesNotTakeTheOperationHasNoCost) {
  test::OneOp op("abs");
  op.input("x", "fp16", {4}).output("fp16", {4});
  const coreml::Graph graph = op.finish();
  const OpCost cost =
      cost_of(graph, test::only_op(graph), test::cost_table("m4-macos27"), {.ane = false});
  EXPECT_FALSE(cost.ms[CostBackend::ane]);
  EXPECT_TRUE(cost.ms[CostBackend::bnns]);
  EXPECT_FALSE(cost.ms[CostBackend::mps_graph]);
  EXPECT_EQ(cost.exactness, Exactness::exact);
}

TEST(CostTest, Int32MatrixProductsRunOnTheClassicCpuOnly) {
  test::OneOp op("matmul");
  op.input("x", "int32", {8, 8}).input("y", "int32", {8, 8}).output("int32", {8, 8});
  const coreml::Graph graph = op.finish();
  for (const auto& [name, table] : test::cost_tables().tables) {
    const OpCost cost = cost_of(graph, test::only_op(graph), *table);
    EXPECT_FALSE(cost.ms[CostBackend::ane]) << name;
    EXPECT_FALSE(cost.ms[CostBackend::bnns]) << name;
    EXPECT_TRUE(cost.ms[CostBackend::classic_cpu]) << name;
  }
}

TEST(CostTest, UnknownTypesCostTheirMemoryAndSaySo) {
  test::OneOp op("some_new_op");
  op.input("x", "fp16", {1, 64, 32, 32}).output("fp16", {1, 64, 32, 32});
  const coreml::Graph graph = op.finish();
  const OpCost cost = cost_of(graph, test::only_op(graph), test::cost_table("m4-macos27"));
  EXPECT_DOUBLE_EQ(*cost.ms[CostBackend::ane], 0.0035903033088235292);
  EXPECT_EQ(cost.exactness, Exactness::extrapolated);
}

TEST(CostTest, LayersOfNeuralNetworksCountAsFp16AndBringTheirWeightsShape) {
  // The conv3x3 row, as a neuralNetwork layer without element types.
  test::OneOp op("conv");
  const std::vector<std::int64_t> dims = {1, 64, 32, 32};
  const coreml::ValueType untyped = op.builder().tensor(coreml::DataType::unknown, dims);
  op.input("x", {untyped}).output("fp16", dims).ints("weight_shape", {64, 64, 3, 3});
  const coreml::Graph graph = op.finish();
  const OpCost cost = cost_of(graph, test::only_op(graph), test::cost_table("m4-macos27"));
  EXPECT_NEAR(*cost.ms[CostBackend::ane], 0.0046742807655237523, 1e-14);
  EXPECT_EQ(cost.rule, "conv");
}

TEST(CostTest, AWeightOfUnknownShapeFallsBackToMemory) {
  test::OneOp op("conv");
  op.input("x", "fp16", {1, 64, 32, 32}).output("fp16", {1, 64, 32, 32});
  const coreml::Graph graph = op.finish();
  const OpCost cost = cost_of(graph, test::only_op(graph), test::cost_table("m4-macos27"));
  EXPECT_TRUE(cost.ms[CostBackend::ane]);
  EXPECT_EQ(cost.exactness, Exactness::extrapolated);
}

TEST(CostTest, BetweenTwoMeasuredStepsAnEstimateIsAnExtrapolation) {
  const std::vector<RateStep> steps = {{.below = 13, .measured = {{0, 11}}, .rates = {}},
                                       {.measured = {{14, 70}}, .rates = {}}};
  EXPECT_EQ(choose_step(steps, 5).index, 0U);
  EXPECT_TRUE(choose_step(steps, 5).measured);
  EXPECT_FALSE(choose_step(steps, 12).measured);
  EXPECT_EQ(choose_step(steps, 13).index, 1U);
  EXPECT_FALSE(choose_step(steps, 13).measured);
  EXPECT_TRUE(choose_step(steps, 14).measured);
  EXPECT_FALSE(choose_step(steps, 71).measured);
}

TEST(CostTest, HostileShapesGiveFiniteCosts) {
  test::OneOp op("conv");
  const std::int64_t huge = std::int64_t{1} << 62;
  op.input("x", "fp16", {huge, huge, huge}).input("weight", "fp16", {0, huge, huge}, true);
  op.ints("dilations", {0, -5}).output("fp16", {huge, huge, huge});
  const coreml::Graph graph = op.finish();
  for (const auto& [name, table] : test::cost_tables().tables) {
    const OpCost cost = cost_of(graph, test::only_op(graph), *table);
    for (const auto& ms : cost.ms.items)
      EXPECT_TRUE(!ms || (std::isfinite(*ms) && *ms >= 0)) << name;
  }
}

}  // namespace
}  // namespace anecompat::ane
