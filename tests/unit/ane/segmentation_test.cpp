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

}  // namespace
}  // namespace anecompat::ane
