#include "ane/segmentation.hpp"

#include "segmentation_rows.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <limits>
#include <sstream>

namespace anecompat::ane {
namespace {

using test::Chain;
using test::Dims;
using test::Row;

const CostTable& m4() {
  return test::cost_table("m4-macos27");
}

Segmentation solve(const Chain& chain) {
  return segment(chain.items(), m4().solve);
}

// What was not in the tables of single operations: relu cases lose the operation under test (it
// merges with the relu before it), and typed cases have no wraps.
Chain chain_of(const std::string& name, std::map<std::string, std::vector<Row>>& singles,
               std::map<std::string, std::vector<Row>>& in_graphs) {
  Chain chain(m4());
  static const std::map<std::string, Dims> relus = {{"relu", {1, 64, 32, 32}},
                                                    {"relu_r3", {1, 128, 256}},
                                                    {"relu_n64", {64, 64, 8, 8}},
                                                    {"relu_c65536", {1, 65536, 1, 1}},
                                                    {"relu_w16384", {1, 1, 1, 16384}}};
  static const std::map<std::string, Dims> too_large = {{"relu_c65537", {1, 65537, 1, 1}},
                                                        {"relu_h65537", {1, 1, 65537, 1}}};
  if (const auto relu = relus.find(name); relu != relus.end())
    return chain.wrap(relu->second).wrap(relu->second);
  if (const auto relu = too_large.find(name); relu != too_large.end())
    return chain.wrap(relu->second, {.ane = false}).wrap(relu->second, {.ane = false});
  if (name == "matmul_i32" || name == "conv3d" || name == "add_i32") {
    for (const Row& row : in_graphs[name])
      test::add_row(chain, row);
    return chain;
  }
  if (name == "matmul_f32") {
    const auto& casts = in_graphs[name];
    test::add_row(chain, casts[0]);
    test::add_row(chain, casts[1]);
    test::add_row(chain, singles["matmul_dyn"][0]);
    test::add_row(chain, casts[2]);
    return chain;
  }
  return test::in_context(singles[name], m4());
}

struct Agreement {
  std::size_t operations = 0;
  std::size_t agree = 0;  // on a best path
  std::size_t same = 0;   // on the path chosen
  std::vector<std::string> misses;
};

TEST(SegmentationTest, EveryOperationOfTheMeasuredGraphsIsOnItsBackendTiesApart) {
  auto singles = test::rows_by_case("op-costs-m4.tsv");
  auto in_graphs = test::rows_by_case("op-costs-m4-context.tsv");
  Agreement result;
  std::size_t graphs = 0;
  std::size_t unique = 0;
  for (const Row& row : test::read_rows("context-backends-m4.tsv")) {
    const std::string& name = row.at("case");
    const Chain chain = chain_of(name, singles, in_graphs);
    EXPECT_EQ(testing::PrintToString(fmt::format("{}", fmt::join(chain.types(), " "))),
              testing::PrintToString(row.at("ops")))
        << name;
    const Segmentation solved = solve(chain);
    ++graphs;
    unique += solved.tie ? 0U : 1U;
    std::istringstream measured(row.at("backends"));
    std::string word;
    for (std::size_t i = 0; measured >> word; ++i) {
      const auto backend = parse_cost_backend(word);
      ASSERT_TRUE(backend && i < solved.items.size()) << name;
      ++result.operations;
      result.same += solved.items[i].backend == backend ? 1U : 0U;
      if (solved.items[i].optimal[*backend])
        ++result.agree;
      else
        result.misses.push_back(name + " " + std::to_string(i) + " " + word);
    }
  }
  EXPECT_EQ(graphs, 54U);
  EXPECT_THAT(result.misses, testing::IsEmpty());
  RecordProperty("operations", static_cast<int>(result.operations));
  RecordProperty("on the path chosen", static_cast<int>(result.same));
  RecordProperty("graphs without a tie", static_cast<int>(unique));
  std::printf(
      "%zu graphs (%zu without a tie): %zu of %zu operations on a best path, %zu on the one "
      "chosen\n",
      graphs, unique, result.agree, result.operations, result.same);
}

TEST(SegmentationTest, EveryPlacementStringIsReproducedTiesApart) {
  auto singles = test::rows_by_case("op-costs-m4.tsv");
  auto in_graphs = test::rows_by_case("op-costs-m4-context.tsv");
  Agreement result;
  std::size_t cases = 0;
  for (const Row& row : test::read_rows("placement-strings-m4.tsv")) {
    const std::string& name = row.at("case");
    const Segmentation solved = solve(chain_of(name, singles, in_graphs));
    std::string expected = row.at("placement");
    if (expected == "C*")
      expected.assign(solved.items.size(), 'C');
    EXPECT_EQ(expected.size(), solved.items.size()) << name;
    ++cases;
    for (std::size_t i = 0; i < std::min(expected.size(), solved.items.size()); ++i) {
      const ItemPlacement& item = solved.items[i];
      const Backend device = expected[i] == 'A' ? Backend::ane : Backend::cpu;
      ++result.operations;
      result.same += device_of(*item.backend) == device ? 1U : 0U;
      if (device_of(*item.backend) == device || item.tie)
        ++result.agree;
      else
        result.misses.push_back(name + " " + std::to_string(i) + " " + expected[i]);
    }
  }
  EXPECT_GE(cases, 170U);
  EXPECT_GE(static_cast<double>(result.agree), 0.99 * static_cast<double>(result.operations));
  EXPECT_THAT(result.misses, testing::IsEmpty());
  std::printf("%zu cases: %zu of %zu operations right or tied, %zu as chosen\n", cases,
              result.agree, result.operations, result.same);
}

TEST(SegmentationTest, SingleOperationsGoWhereCoreMlPutThem) {
  std::vector<std::string> misses;
  std::size_t cases = 0;
  for (const auto& [name, rows] : test::rows_by_case("op-costs-m4.tsv")) {
    if (rows.size() != 1)
      continue;
    Chain chain(m4());
    test::add_row(chain, rows.front());
    const Segmentation solved = solve(chain);
    const auto selected = parse_cost_backend(rows.front().at("selected"));
    ASSERT_TRUE(selected) << name;
    ++cases;
    if (solved.items.front().backend != selected)
      misses.push_back(name);
  }
  EXPECT_GT(cases, 180U);
  EXPECT_THAT(misses, testing::IsEmpty());
}

TEST(SegmentationTest, TheM1NetworkIsPlacedAsMeasuredWithTheGpuInTheSolve) {
  const CostTable& m1 = test::cost_table("m1-macos14.5");
  Chain chain(m1);
  std::vector<std::string> selected;
  for (const Row& row : test::read_rows("op-costs-m1-mobilenetedgetpu.tsv")) {
    if (row.at("op") == "tensor_buffer_to_tensor")
      continue;
    test::add_row(chain, row);
    selected.push_back(row.at("selected"));
  }
  ASSERT_EQ(selected.size(), 118U);
  for (const auto units : {ComputeUnits::cpu_and_ne, ComputeUnits::all}) {
    const Segmentation solved = segment(chain.items(), m1.solve, units, m1.all_units);
    for (std::size_t i = 0; i < selected.size(); ++i) {
      const auto backend = parse_cost_backend(selected[i]);
      ASSERT_TRUE(backend);
      EXPECT_TRUE(solved.items[i].optimal[*backend]) << i << " " << chain.types()[i];
    }
    EXPECT_EQ(solved.on_ane, 114U);
  }
}

// n 3x3 convolutions of 64 channels at 32x32, nothing between them.
Segmentation convolutions(std::size_t n) {
  Chain chain(m4());
  for (std::size_t i = 0; i < n; ++i)
    chain.conv({1, 64, 32, 32});
  return solve(chain);
}

TEST(SegmentationTest, OneConvolutionStaysOnTheCpuAndFourGoToTheAne) {
  EXPECT_EQ(convolutions(1).on_ane, 0U);
  EXPECT_EQ(convolutions(2).on_ane, 0U);
  EXPECT_EQ(convolutions(3).on_ane, 3U);
  EXPECT_EQ(convolutions(4).on_ane, 4U);
}

TEST(SegmentationTest, SaysHowMuchWorkIsMissing) {
  // Two convolutions: 0.2001 ms on the CPU, 0.0093 + 0.25 on the ANE.
  const Segmentation two = convolutions(2);
  ASSERT_TRUE(two.missing_work_ms());
  EXPECT_NEAR(*two.missing_work_ms(), 0.0592, 0.0001);
  EXPECT_EQ(two.saved_ms(), 0);
  EXPECT_NEAR(*two.all_ane_ms, 0.2593, 0.0001);
  const Segmentation four = convolutions(4);
  EXPECT_EQ(four.missing_work_ms(), 0);
  EXPECT_NEAR(*four.saved_ms(), 0.1316, 0.0001);
}

coreml::Graph matrix_product(std::int64_t n) {
  test::OneOp op("matmul");
  op.input("x", "fp16", {n, n}).input("y", "fp16", {n, n}).output("fp16", {n, n});
  return op.finish();
}

TEST(SegmentationTest, TheMatrixProductBreaksEvenBetween384And512) {
  // fp32 in and out: three casts around it, as measured on an M4.
  const auto product = [](std::int64_t n) {
    Chain chain(m4());
    const auto cast = [&](const std::string& from, const std::string& to) {
      test::OneOp op("cast");
      op.input("x", from, {n, n}).output(to, {n, n});
      chain.op(op.finish());
    };
    cast("fp32", "fp16");
    cast("fp32", "fp16");
    chain.op(matrix_product(n));
    cast("fp16", "fp32");
    return solve(chain);
  };
  EXPECT_EQ(product(512).on_ane, 4U);
  EXPECT_EQ(product(384).on_ane, 0U);
  EXPECT_EQ(product(128).on_ane, 0U);
}

TEST(SegmentationTest, AttentionBreaksEvenWhereItWasMeasured) {
  const auto attention = [](std::int64_t heads, std::int64_t length, std::int64_t width) {
    const Dims dims = {1, heads, length, width};
    test::OneOp op("scaled_dot_product_attention");
    op.input("query", "fp16", dims).input("key", "fp16", dims).input("value", "fp16", dims);
    op.output("fp16", dims);
    Chain chain(m4());
    return solve(chain.op(op.finish())).on_ane;
  };
  EXPECT_EQ(attention(16, 1024, 64), 0U);
  EXPECT_EQ(attention(8, 512, 64), 0U);
  EXPECT_EQ(attention(16, 2048, 64), 1U);
  EXPECT_EQ(attention(32, 1024, 128), 1U);
}

SolveItem item(double ane, double cpu) {
  SolveItem made;
  if (ane >= 0)
    made.ms[CostBackend::ane] = ane;
  if (cpu >= 0)
    made.ms[CostBackend::bnns] = cpu;
  return made;
}

constexpr SolveCosts k_costs = {.ane_launch = 0.125, .backend_switch = 0.125, .ane_last = 0.125};

TEST(SegmentationTest, TheLaunchIsChargedOncePerProgram) {
  // Two ANE islands around a CPU-only operation.
  const std::vector<SolveItem> items = {item(0, 1), item(-1, 0), item(0, 1)};
  const Segmentation solved = segment(items, k_costs);
  EXPECT_DOUBLE_EQ(solved.total_ms, 0.125 + 2 * 0.125 + 0.125);
  ASSERT_EQ(solved.segments.size(), 3U);
  EXPECT_EQ(solved.segments[1].device, Backend::cpu);
  EXPECT_EQ(solved.switches, 2U);
}

TEST(SegmentationTest, ACpuOnlyOperationMovesItsNeighboursWhenTheySaveLess) {
  const std::vector<SolveItem> dragged = {item(0, 0.2), item(-1, 0), item(0, 0.2)};
  const Segmentation solved = segment(dragged, k_costs);
  EXPECT_EQ(solved.on_ane, 0U);
  EXPECT_FALSE(solved.tie);
  ASSERT_TRUE(solved.items[0].ane_detour_ms);
  // The head alone: launch and one switch, against 0.2 ms of work.
  EXPECT_NEAR(*solved.items[0].ane_detour_ms, 0.05, 1e-12);
  EXPECT_FALSE(solved.items[1].ane_detour_ms);
  EXPECT_FALSE(solved.all_ane_ms);
}

TEST(SegmentationTest, EqualPathsAreATieAndTheAneIsPreferred) {
  const Segmentation solved = segment(std::vector{item(0, 1), item(0.5, 0.5)}, k_costs);
  EXPECT_TRUE(solved.tie);
  EXPECT_FALSE(solved.items[0].tie);
  EXPECT_TRUE(solved.items[1].tie);
  EXPECT_EQ(solved.most_on_ane, 2U);
  EXPECT_EQ(solved.least_on_ane, 1U);
  EXPECT_EQ(solved.items[1].backend, CostBackend::ane);
}

TEST(SegmentationTest, OperationsWithoutCostDoNotSeparateTheirNeighbours) {
  const Segmentation solved =
      segment(std::vector{item(-1, -1), item(0, 1), item(-1, -1), item(0, 1)}, k_costs);
  EXPECT_EQ(solved.placed, 2U);
  ASSERT_EQ(solved.segments.size(), 1U);
  EXPECT_EQ(solved.segments[0].first, 1U);
  EXPECT_EQ(solved.segments[0].last, 3U);
  EXPECT_FALSE(solved.items[2].backend);
  EXPECT_DOUBLE_EQ(solved.ane_cost_share(), 0);
  EXPECT_DOUBLE_EQ(solved.ane_item_share(), 1);
}

TEST(SegmentationTest, NothingToPlaceIsNoError) {
  EXPECT_EQ(segment({}, k_costs).placed, 0U);
  EXPECT_EQ(segment(std::vector{item(-1, -1)}, k_costs).segments.size(), 0U);
}

TEST(SegmentationTest, AnOperationWithoutAnAneCostAnywhereNeverUsesIt) {
  const Segmentation solved = segment(std::vector{item(-1, 1), item(-1, 2)}, k_costs);
  EXPECT_FALSE(solved.with_ane_ms);
  EXPECT_FALSE(solved.missing_work_ms());
  EXPECT_DOUBLE_EQ(solved.total_ms, 3);
}

TEST(SegmentationTest, AllUnitsMarkWhatMayBeOnAnUnmeasuredGpu) {
  std::vector<SolveItem> items = {item(0, 1), item(0, 1)};
  items[0].gpu = true;
  const auto marked = segment(items, k_costs, ComputeUnits::all, AllUnits::ane_or_gpu);
  EXPECT_EQ(marked.on_ane, 2U);
  EXPECT_TRUE(marked.items[0].maybe_gpu);
  EXPECT_FALSE(marked.items[1].maybe_gpu);
  EXPECT_FALSE(segment(items, k_costs, ComputeUnits::cpu_and_ne).items[0].maybe_gpu);
}

TEST(SegmentationTest, AllUnitsOnAGpuChipPutThereWhatTheGpuTakes) {
  std::vector<SolveItem> items = {item(0, 1), item(0, 1), item(-1, 1)};
  items[0].gpu = items[1].gpu = true;
  const auto solved = segment(items, k_costs, ComputeUnits::all, AllUnits::gpu);
  EXPECT_EQ(solved.on_ane, 0U);
  ASSERT_EQ(solved.segments.size(), 2U);
  EXPECT_EQ(solved.segments[0].device, Backend::gpu);
  EXPECT_EQ(solved.segments[1].device, Backend::cpu);
}

// Every assignment of backends, by hand: the solve must find the cheapest.
TEST(SegmentationTest, FindsTheCheapestOfAllPaths) {
  std::uint32_t seed = 12345;
  const auto random = [&] {
    seed = seed * 1664525U + 1013904223U;
    return static_cast<double>(seed >> 16U) / 65536.0;
  };
  for (int round = 0; round < 200; ++round) {
    std::vector<SolveItem> items(5);
    for (auto& each : items) {
      each.ms[CostBackend::bnns] = random() * 0.2;
      each.ms[CostBackend::classic_cpu] = random() * 0.2;
      if (random() > 0.3)
        each.ms[CostBackend::ane] = random() * 0.1;
    }
    double best = std::numeric_limits<double>::infinity();
    for (int code = 0; code < 243; ++code) {
      double total = 0;
      bool launched = false;
      std::optional<CostBackend> before;
      int rest = code;
      for (const auto& each : items) {
        const CostBackend backend = k_cost_backends[static_cast<std::size_t>(rest % 3)];
        rest /= 3;
        total += each.ms[backend].value_or(1e9);
        total += before && *before != backend ? k_costs.backend_switch : 0;
        total += !launched && backend == CostBackend::ane ? k_costs.ane_launch : 0;
        launched = launched || backend == CostBackend::ane;
        before = backend;
      }
      total += before == CostBackend::ane ? k_costs.ane_last : 0;
      best = std::min(best, total);
    }
    EXPECT_NEAR(segment(items, k_costs).total_ms, best, 1e-12);
  }
}

}  // namespace
}  // namespace anecompat::ane
