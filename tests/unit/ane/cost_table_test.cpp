#include "ane/cost_table.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace anecompat::ane {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view k_table = R"(version: 1
name: tiny
family: h16
chip: M4
os: macOS 27
source: made up
confidence: low
bandwidth: {ane: 68, bnns: 50}
solve: {ane_launch: 0.125, switch: 0.125, ane_last: 0.125}
all_units: {policy: ane_or_gpu, note: none}
default: memory
classes:
  - name: memory
    status: exact
    source: made up
    ops: [abs, cast]
    memory: {count: all, output: true}
  - name: conv
    status: fitted
    source: made up
    ops: [conv]
    flop:
      count: convolution
      feature: flop_per_byte
      steps:
        - {below: 13, rates: {ane: 1}}
        - {rates: {ane: 2}}
)";

// The table with one place changed.
std::string with(std::string_view from, std::string_view to) {
  std::string text(k_table);
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string error_of(const std::string& yaml) {
  const auto table = parse_cost_table(yaml, "t.yml");
  return table ? "no error" : table.error().to_string();
}

TEST(CostTableTest, ReadsATable) {
  const auto table = parse_cost_table(k_table, "t.yml");
  ASSERT_TRUE(table) << table.error().to_string();
  EXPECT_EQ(table->name, "tiny");
  EXPECT_EQ(table->family, ChipFamily::h16);
  EXPECT_EQ(table->bandwidth[CostBackend::ane], 68);
  EXPECT_FALSE(table->has(CostBackend::mps_graph));
  EXPECT_DOUBLE_EQ(table->solve.backend_switch, 0.125);
  ASSERT_NE(table->rule_for("conv"), nullptr);
  EXPECT_EQ(table->rule_for("conv")->flop->steps.size(), 2U);
  EXPECT_EQ(table->rule_for("relu"), nullptr);
}

TEST(CostTableTest, SaysWhereAnUnknownKeyIsAndWhatWasMeant) {
  EXPECT_EQ(error_of(with("confidence: low", "confidense: low")),
            "t.yml:7:1: table: unknown key \"confidense\" (did you mean \"confidence\"?)");
}

TEST(CostTableTest, RefusesAKeyGivenTwice) {
  EXPECT_THAT(error_of(with("chip: M4", "chip: M4\nchip: M5")),
              StartsWith("t.yml:5:1: table: key \"chip\" is given twice"));
}

TEST(CostTableTest, RefusesATypeInTwoClasses) {
  EXPECT_THAT(error_of(with("ops: [conv]", "ops: [conv, abs]")),
              HasSubstr("\"abs\" is already in class \"memory\""));
}

TEST(CostTableTest, RefusesRatesThatCannotBeDividedBy) {
  EXPECT_THAT(error_of(with("ane: 68", "ane: 0")),
              StartsWith("t.yml:8:18: bandwidth.ane: must be greater than 0"));
  EXPECT_THAT(error_of(with("ane: 68", "ane: fast")), HasSubstr("a number is wanted"));
  EXPECT_THAT(error_of(with("ane: 68", "ane: .inf")), HasSubstr("a number is wanted"));
  EXPECT_THAT(error_of(with("ane: 68", "ane: 1e999")), HasSubstr("a number is wanted"));
  EXPECT_THAT(error_of(with("ane: 68", "ane: -3")), HasSubstr("is less than 0"));
}

TEST(CostTableTest, RefusesStepsOutOfOrderOrWithoutAnEnd) {
  EXPECT_THAT(error_of(with("- {rates: {ane: 2}}", "- {below: 5, rates: {ane: 2}}")),
              HasSubstr("the last step must not have `below`"));
  EXPECT_THAT(error_of(with("- {below: 13, rates: {ane: 1}}", "- {rates: {ane: 1}}")),
              HasSubstr("every step but the last needs `below`"));
  EXPECT_THAT(error_of(with("      feature: flop_per_byte\n", "")),
              HasSubstr("several steps need a `feature`"));
}

TEST(CostTableTest, RefusesOtherDocumentsAndBrokenYaml) {
  EXPECT_THAT(error_of(std::string(k_table) + "---\na: 1\n"), HasSubstr("one YAML document"));
  EXPECT_THAT(error_of("a: [1"), HasSubstr("not YAML"));
  EXPECT_THAT(error_of(""), HasSubstr("YAML document"));
  EXPECT_THAT(error_of("[]"), HasSubstr("a mapping is wanted"));
}

TEST(CostTableTest, RefusesAMissingDefaultClass) {
  EXPECT_THAT(error_of(with("default: memory", "default: nothing")),
              HasSubstr("there is no class \"nothing\""));
}

TEST(CostTablesTest, EveryFamilyHasATableAndOnlyTheM4sIsCertain) {
  const auto tables = load_cost_tables();
  ASSERT_TRUE(tables) << tables.error().to_string();
  for (const ChipFamily family : k_chip_families) {
    const TableChoice& choice = tables->choice(family);
    ASSERT_NE(choice.table, nullptr);
    EXPECT_EQ(choice.confidence == Confidence::high, family == ChipFamily::h16);
    EXPECT_EQ(choice.note.empty(), family == ChipFamily::h16);
  }
  EXPECT_EQ(tables->choice(ChipFamily::h16).table->name, "m4-macos27");
  EXPECT_EQ(tables->choice(ChipFamily::h13).table->name, "m1-macos14.5");
  EXPECT_EQ(tables->choice(ChipFamily::h13).table->fallback->name, "m4-macos27");
  EXPECT_EQ(tables->choice(ChipFamily::h17).table->all_units, AllUnits::gpu);
}

TEST(CostTablesTest, ADirectoryOverridesTheProgramsOwn) {
  const test::TempDir directory;
  const std::string tables =
      "version: 1\nfamilies:\n"
      "  h13: {table: tiny, confidence: low}\n  h14: {table: tiny, confidence: low}\n"
      "  h15: {table: tiny, confidence: low}\n  h16: {table: m4-macos27, confidence: high}\n"
      "  h17: {table: tiny, confidence: low}\n  h18: {table: tiny, confidence: low}\n";
  directory.write("cost-tables.yml", tables);
  const auto missing = load_cost_tables(directory.path().string());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  directory.write("costs-tiny.yml", k_table);
  const auto loaded = load_cost_tables(directory.path().string());
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_EQ(loaded->choice(ChipFamily::h13).table->name, "tiny");
  EXPECT_EQ(loaded->choice(ChipFamily::h16).table->chip, "M4");
}

TEST(CostTablesTest, FallbacksThatGoInACircleAreAnError) {
  const test::TempDir directory;
  directory.write("costs-m4-macos27.yml",
                  with("name: tiny", "name: m4-macos27\nfallback: m4-macos27"));
  const auto loaded = load_cost_tables(directory.path().string());
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("in a circle"));
}

TEST(CostTablesTest, ATableNameCannotLeaveTheDirectory) {
  const test::TempDir directory;
  directory.write("costs-m4-macos27.yml", with("name: tiny", "name: m4-macos27\nfallback: ../x"));
  const auto loaded = load_cost_tables(directory.path().string());
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("cannot name a table"));
}

}  // namespace
}  // namespace anecompat::ane
