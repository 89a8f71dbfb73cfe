#include "ane/rules.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

namespace anecompat::ane {
namespace {

using testing::HasSubstr;

// Loads the built-in rules with one file replaced.
std::string error_with(std::string_view file, std::string_view contents) {
  const test::TempDir dir;
  dir.write(file, contents);
  const auto rules = RuleSet::load(dir.path().string());
  return rules ? "loaded" : rules.error().to_string();
}

std::string limits_with(const std::string& row) {
  return error_with("limits.yml", "version: 1\nrules:\n  - " + row + "\n");
}

TEST(Rules, built_in_tables_load_and_every_reason_is_told) {
  const auto rules = RuleSet::built_in();
  ASSERT_TRUE(rules) << rules.error().to_string();
  EXPECT_GT((*rules)->op_types().size(), 150U);
  for (const auto type : (*rules)->op_types()) {
    const auto* row = (*rules)->op(type);
    EXPECT_FALSE(row->source.empty()) << type;
    EXPECT_TRUE(row->ane || (*rules)->reason(row->reason) != nullptr) << type;
  }
  for (const auto* code : {"unknown-op", "classic-model", "classifier-label", "system-model",
                           "opaque-model", "no-operations", "cost-small-graph", "cost-switch",
                           "cost-tie", "gpu-preferred", "gpu-competes", "what-if", "no-gpu-kernel"})
    EXPECT_NE((*rules)->reason(code), nullptr) << code;
  EXPECT_EQ((*rules)->reason("no-such-code"), nullptr);
}

TEST(Rules, mistakes_are_told_with_their_place_and_the_word_meant) {
  EXPECT_THAT(limits_with("{id: a, opps: [conv], confidence: low, source: x}"),
              HasSubstr("limits.yml:3:13: unknown key \"opps\" (did you mean \"ops\"?"));
  EXPECT_THAT(limits_with("{id: a, when: {kernel_widht: {above: 1}}, confidence: low, source: x}"),
              HasSubstr("did you mean \"kernel_width\"?"));
  EXPECT_THAT(limits_with("{id: a, reason: kernel-limt, message: m, confidence: low, source: x}"),
              HasSubstr("did you mean \"kernel-limit\"?"));
  EXPECT_THAT(limits_with("{id: a, ops: [convv], confidence: low, source: x}"),
              HasSubstr("did you mean \"conv\"?"));
  EXPECT_THAT(limits_with("{id: a, when: {mode: {above: 1}}, confidence: low, source: x}"),
              HasSubstr("does not fit"));
  EXPECT_THAT(limits_with("{id: a, chips: h99, confidence: low, source: x}"),
              HasSubstr("unknown chips"));
  EXPECT_THAT(limits_with("{id: a, confidence: low}"), HasSubstr("\"source\" is missing"));
  EXPECT_THAT(
      limits_with(
          "{id: a, reason: kernel-limit, message: \"{nothing}\", confidence: low, source: x}"),
      HasSubstr("unknown placeholder"));
  const std::string row = "{id: a, effect: doubt, confidence: low, source: x}";
  EXPECT_THAT(limits_with(row + "\n  - " + row), HasSubstr("id \"a\" is there twice"));
  EXPECT_EQ(limits_with(row), "loaded");
}

TEST(Rules, broken_files_and_stray_files_are_errors) {
  EXPECT_THAT(error_with("limits.yml", "version: 1\nrules: [\n"), HasSubstr("limits.yml:"));
  EXPECT_THAT(error_with("limits.yml", "version: 2\nrules: []\n"), HasSubstr("version: must be 1"));
  EXPECT_THAT(error_with("limit.yml", "version: 1\n"), HasSubstr("did you mean \"limits.yml\"?"));
  const auto missing = RuleSet::load("/no/such/rules");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
}

TEST(Conditions, compare_only_what_is_known) {
  OpFacts facts;
  const Condition above{
      .fact = Fact::block, .comparison = Condition::Comparison::above, .numbers = {2}};
  EXPECT_FALSE(above.holds(facts));
  facts.set(Fact::block, 3);
  EXPECT_TRUE(above.holds(facts));
  const Condition factors{
      .fact = Fact::block, .comparison = Condition::Comparison::factors_beyond, .numbers = {2, 3}};
  EXPECT_FALSE(factors.holds(facts));
  facts.set(Fact::block, 10);
  EXPECT_TRUE(factors.holds(facts));
}

TEST(Rules, systems_are_read_and_their_mistakes_told) {
  const auto with = [](std::string_view os) {
    return limits_with("{id: a, os: " + std::string(os) +
                       ", effect: doubt, confidence: low, source: x}");
  };
  EXPECT_EQ(with("{below: ios17}"), "loaded");
  EXPECT_EQ(with("{min: macos14, below: ios18.2}"), "loaded");
  EXPECT_THAT(with("{below: ios19}"), HasSubstr("iOS 18 is followed by 26"));
  EXPECT_THAT(with("{beloww: ios17}"), HasSubstr("did you mean \"below\"?"));
  EXPECT_THAT(with("ios17"), HasSubstr("limits.yml:3"));
}

TEST(Rules, bounds_of_systems_hold_by_core_ml_and_the_newest_is_above_all) {
  const OsRange old{.min = std::nullopt, .below = 1700};
  EXPECT_TRUE(old.contains(parse_os_version("macos13.6").value()));
  EXPECT_FALSE(old.contains(parse_os_version("ios17").value()));
  EXPECT_FALSE(old.contains(std::nullopt));
  const OsRange recent{.min = 1700, .below = std::nullopt};
  EXPECT_TRUE(recent.contains(std::nullopt));
  EXPECT_TRUE(recent.contains(parse_os_version("macos14").value()));
  EXPECT_FALSE(recent.contains(parse_os_version("macos13").value()));
}

}  // namespace
}  // namespace anecompat::ane
