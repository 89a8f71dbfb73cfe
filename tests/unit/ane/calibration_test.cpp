#include "ane/calibration.hpp"

#include "cost_rows.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace anecompat::ane {
namespace {

using test::Row;

// The rows of a table as observations; the graphs live as long as this does.
class Observed {
 public:
  explicit Observed(const std::string& file) {
    for (const Row& row : test::read_rows(file)) {
      if (row.at("op") == "tensor_buffer_to_tensor")
        continue;
      m_graphs.push_back(test::graph_of_row(row));
      CostObservation seen{.graph = &m_graphs.back(), .op = &test::only_op(m_graphs.back())};
      for (const CostBackend backend : k_cost_backends)
        if (const auto cell = row.find(std::string(to_string(backend)) + "_ms"); cell != row.end())
          seen.ms[backend] = test::cell_ms(cell->second);
      seen.selected = parse_cost_backend(row.at("selected"));
      m_rows.push_back(seen);
    }
  }
  std::vector<CostObservation>& rows() { return m_rows; }

 private:
  std::deque<coreml::Graph> m_graphs;
  std::vector<CostObservation> m_rows;
};

TEST(CalibrationTest, ATableReproducesTheRowsItWasMadeFrom) {
  Observed observed("op-costs-m4.tsv");
  const Calibration result = calibrate(observed.rows(), test::cost_table("m4-macos27"));
  EXPECT_EQ(result.operations, 276U);
  EXPECT_GT(result.numbers, 700U);
  EXPECT_EQ(result.reproduced, result.numbers);
  EXPECT_THAT(result.deviations, testing::IsEmpty());
  EXPECT_THAT(result.unknown_types, testing::IsEmpty());
  EXPECT_NEAR(*result.bandwidth[CostBackend::ane], 68, 1e-9);
}

TEST(CalibrationTest, FindsTheStepsOfTheConvolution) {
  Observed observed("op-costs-m4.tsv");
  const Calibration result = calibrate(observed.rows(), test::cost_table("m4-macos27"));
  const auto conv = std::find_if(result.rules.begin(), result.rules.end(),
                                 [](const auto& fitted) { return fitted.rule->name == "conv"; });
  ASSERT_NE(conv, result.rules.end());
  ASSERT_EQ(conv->steps.size(), 3U);
  EXPECT_NEAR(*conv->steps[2].rates[CostBackend::ane], 16151.6767578125, 1e-6);
  EXPECT_LT(conv->steps[2].spread, 1e-9);
}

TEST(CalibrationTest, SaysWhichRowsDifferAndByHowMuch) {
  Observed observed("op-costs-m4.tsv");
  auto& first = observed.rows().front();
  first.ms[CostBackend::ane] = *first.ms[CostBackend::ane] * 2;
  const Calibration result = calibrate(observed.rows(), test::cost_table("m4-macos27"));
  ASSERT_EQ(result.deviations.size(), 1U);
  EXPECT_EQ(result.deviations[0].observation, 0U);
  EXPECT_EQ(result.deviations[0].backend, CostBackend::ane);
  EXPECT_EQ(result.deviations[0].rule, "memory");
  EXPECT_NEAR(result.deviations[0].ratio(), 0.5, 1e-9);
}

// The M1's rows against the M4's table: what is proposed is a table, and reproduces them all.
TEST(CalibrationTest, ProposesATableThatReproducesAnotherChip) {
  Observed observed("op-costs-m1-mobilenetedgetpu.tsv");
  const CostTable& m4 = test::cost_table("m4-macos27");
  const Calibration before = calibrate(observed.rows(), m4);
  EXPECT_LT(before.reproduced, before.numbers / 2);

  const std::string yaml = proposed_table(before, m4,
                                          {.name = "m1-again",
                                           .family = ChipFamily::h13,
                                           .chip = "M1",
                                           .os = "macOS 14.5",
                                           .source = "a test: \"quoted\" \\ text"});
  auto table = parse_cost_table(yaml, "proposed");
  ASSERT_TRUE(table) << table.error().to_string() << "\n" << yaml;
  EXPECT_EQ(table->family, ChipFamily::h13);
  EXPECT_EQ(table->source, "a test: \"quoted\" \\ text");
  table->fallback = test::cost_tables().tables.at("m4-macos27");

  const Calibration after = calibrate(observed.rows(), *table);
  EXPECT_GT(after.numbers, 400U);
  EXPECT_EQ(after.reproduced, after.numbers);
  ASSERT_NE(table->rule_for("conv"), nullptr);
  EXPECT_EQ(table->rule_for("conv")->flop->steps.size(), 4U);
  EXPECT_EQ(table->rule_for("relu")->elements->steps.size(), 1U);
}

TEST(CalibrationTest, TypesThatNoRuleNamesAreListed) {
  test::OneOp op("some_new_op");
  op.input("x", "fp16", {8}).output("fp16", {8});
  const coreml::Graph graph = op.finish();
  const std::vector<CostObservation> rows(2, {.graph = &graph, .op = &test::only_op(graph)});
  const Calibration result = calibrate(rows, test::cost_table("m4-macos27"));
  EXPECT_THAT(result.unknown_types, testing::ElementsAre("some_new_op"));
  EXPECT_EQ(result.numbers, 0U);
}

TEST(CalibrationTest, NothingObservedIsNoError) {
  const Calibration result = calibrate({}, test::cost_table("m4-macos27"));
  EXPECT_EQ(result.operations, 0U);
  const auto table = parse_cost_table(
      proposed_table(result, test::cost_table("m4-macos27"), {.name = "none"}), "x");
  EXPECT_TRUE(table) << table.error().to_string();
}

}  // namespace
}  // namespace anecompat::ane
