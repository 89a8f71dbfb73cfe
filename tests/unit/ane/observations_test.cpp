#include "ane/observations.hpp"

#include "cost_rows.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace anecompat::ane {
namespace {

using testing::HasSubstr;

std::string measured_text() {
  std::ifstream file(test::data_file("analytics-m4.mil"));
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

TEST(Observations, are_tied_to_the_operations_they_are_about) {
  const auto file = read_observations(test::data_file("analytics-m4.mil"));
  ASSERT_TRUE(file) << file.error().to_string();
  ASSERT_EQ(file->rows.size(), 13U);
  EXPECT_EQ(file->silent, 0U);
  EXPECT_EQ(file->names.front(), "main/conv_0");
  EXPECT_EQ(file->rows[0].op->type, "conv");
  EXPECT_EQ(file->rows[0].ms[CostBackend::ane], 0.0046742807655237523);
  EXPECT_EQ(file->rows[8].op->type, "mod");
  EXPECT_EQ(file->rows[8].ms[CostBackend::ane], std::nullopt);
  EXPECT_EQ(file->rows[8].selected, CostBackend::bnns);
}

TEST(Observations, the_m4_table_reproduces_what_an_m4_wrote) {
  const auto file = read_observations(test::data_file("analytics-m4.mil"));
  ASSERT_TRUE(file);
  const auto result = calibrate(file->rows, test::cost_table("m4-macos27"));
  EXPECT_EQ(result.numbers, 38U);
  EXPECT_EQ(result.reproduced, result.numbers);
  const auto placement = check_placement(*file, test::cost_table("m4-macos27").solve);
  EXPECT_EQ(placement.compared, 13U);
  EXPECT_EQ(placement.same, 13U);
}

// Other constants than Core ML's give another placement: the check can fail.
TEST(Observations, a_wrong_launch_cost_shows_in_the_placement) {
  const auto file = read_observations(test::data_file("analytics-m4.mil"));
  ASSERT_TRUE(file);
  auto costs = test::cost_table("m4-macos27").solve;
  costs.ane_launch = 10;
  const auto placement = check_placement(*file, costs);
  EXPECT_EQ(placement.compared, 13U);
  EXPECT_EQ(placement.same, 6U);
  EXPECT_EQ(placement.first_other, 0U);
}

TEST(Observations, operations_without_an_estimate_are_counted) {
  const test::TempDir directory;
  auto text = measured_text();
  const auto at = text.find("[name = string(\"relu_0\")");
  text = text.substr(0, at) + "[name = string(\"relu_0\")];" + text.substr(text.find('\n', at));
  const auto file = read_observations(directory.write("a.mil", text));
  ASSERT_TRUE(file) << file.error().to_string();
  EXPECT_EQ(file->rows.size(), 12U);
  EXPECT_EQ(file->silent, 1U);
}

TEST(Observations, a_program_without_estimates_is_refused_with_advice) {
  const test::TempDir directory;
  auto text = measured_text();
  for (const auto* name :
       {"BackendSupport", "EstimatedRunTime", "SelectedBackend", "ValidationMessages"})
    text = replaced(text, name, "Other");
  const auto file = read_observations(directory.write("a.mil", text));
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("no operation carries an estimate"));
  EXPECT_FALSE(file.error().advice.empty());
}

TEST(Observations, broken_text_is_refused_with_its_line) {
  const test::TempDir directory;
  const auto file = read_observations(directory.write("a.mil", "program(1.0)\n{ func\n"));
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().to_string(), HasSubstr("a.mil:"));
  EXPECT_FALSE(read_observations(directory.file("absent.mil")));
}

}  // namespace
}  // namespace anecompat::ane
