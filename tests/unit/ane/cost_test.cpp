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

}  // namespace
}  // namespace anecompat::ane
