#include "gate/manifest_edit.hpp"

#include <gmock/gmock.h>

#include <string>

namespace anecompat::gate {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

manifest::Suppression suppression(const std::string& reason = "moves back in 2.1") {
  manifest::Suppression result;
  result.rule = "ops-left-ane";
  result.model = "depth";
  result.target = "h16";
  result.fingerprint = "0123456789abcdef";
  result.reason = reason;
  result.owner = "@vision";
  result.expires = 2027y / 3 / 31;
  return result;
}

constexpr const char* k_added =
    "  - rule: ops-left-ane\n"
    "    model: \"depth\"\n"
    "    target: h16\n"
    "    fingerprint: \"0123456789abcdef\"\n"
    "    reason: \"moves back in 2.1\"\n"
    "    owner: \"@vision\"\n"
    "    expires: 2027-03-31\n";

constexpr const char* k_added_flow =
    "{rule: ops-left-ane, model: \"depth\", target: h16, fingerprint: \"0123456789abcdef\", "
    "reason: \"moves back in 2.1\", owner: \"@vision\", expires: 2027-03-31}";

std::string edited(const std::string& text) {
  const auto result = add_suppression(text, "m.yml", suppression());
  EXPECT_TRUE(result) << (result ? "" : result.error().to_string());
  return result.value_or("");
}

const std::string k_head = "# ours\nversion: 1  # one\nmodels: []\n";
const std::string k_old =
    "  - {rule: model-risk, reason: \"it's fine\", owner: o, expires: 2027-01-01}  # old\n";

TEST(ManifestEdit, ANewListIsAppended) {
  EXPECT_EQ(edited(k_head), k_head + "\nsuppressions:\n" + k_added);
}

TEST(ManifestEdit, AFileWithoutALastLineEndGetsOne) {
  EXPECT_EQ(edited("version: 1\nmodels: []"),
            std::string("version: 1\nmodels: []\n\nsuppressions:\n") + k_added);
}

TEST(ManifestEdit, ABlockListGrowsAtItsEnd) {
  const auto text = k_head + "suppressions:\n" + k_old;
  EXPECT_EQ(edited(text), text + k_added);
}

TEST(ManifestEdit, WhatFollowsTheListStaysBehindItWithItsComment) {
  const std::string list = "version: 1\nsuppressions:\n" + k_old;
  const std::string rest = "\n# the models\nmodels: []\n";
  EXPECT_EQ(edited(list + rest), list + k_added + rest);
}

TEST(ManifestEdit, ItemsOfSeveralLinesAndBlockTextsAreNotCutInto) {
  const std::string list =
      "version: 1\nsuppressions:\n"
      "  - rule: model-risk\n    reason: |\n      a text\n\n      # not a comment\n    owner: o\n"
      "    expires: 2027-01-01\n";
  const std::string rest = "models: []\n";
  EXPECT_EQ(edited(list + rest), list + k_added + rest);
}

TEST(ManifestEdit, AListThatIsNotIndentedIsFollowed) {
  const std::string text =
      "version: 1\nsuppressions:\n- {rule: model-risk, reason: r, owner: o, expires: "
      "2027-01-01}\nmodels: []\n";
  const auto result = edited(text);
  EXPECT_THAT(result, HasSubstr("01}\n- rule: ops-left-ane\n  model: \"depth\"\n"));
  EXPECT_TRUE(result.ends_with("  expires: 2027-03-31\nmodels: []\n"));
}

TEST(ManifestEdit, AFlowListGrowsBeforeItsBracket) {
  const std::string begin =
      "version: 1\nmodels: []\nsuppressions: [{rule: model-risk, reason: \"a ] in it\", owner: "
      "'o'']', expires: 2027-01-01}";
  EXPECT_EQ(edited(begin + "]  # all\n"), begin + ", " + k_added_flow + "]  # all\n");
  EXPECT_EQ(edited(begin + ",\n]\n"), begin + ", " + k_added_flow + "\n]\n");
}

TEST(ManifestEdit, AnEmptyListIsFilledAndItsCommentStays) {
  EXPECT_EQ(edited("version: 1\nsuppressions: []  # none yet\nmodels: []\n"),
            std::string("version: 1\nsuppressions: # none yet\n") + k_added + "models: []\n");
}

TEST(ManifestEdit, LineEndsOfWindowsStay) {
  const auto result = edited("version: 1\r\nmodels: []\r\n");
  EXPECT_THAT(result, StartsWith("version: 1\r\nmodels: []\r\n\r\nsuppressions:\r\n  - rule"));
  EXPECT_EQ(result.find("\"\n"), std::string::npos);
}

TEST(ManifestEdit, TextThatMeansSomethingToYamlIsTakenAsItIs) {
  for (const std::string reason : {"a: b # c", "\"quoted\" \\ and 'single'", "- no list",
                                   "naïve → ok", "%percent @at `tick`"}) {
    const auto result = add_suppression(k_head, "m.yml", suppression(reason));
    ASSERT_TRUE(result) << reason;
    const auto manifest = manifest::parse_manifest(*result, "m.yml");
    ASSERT_TRUE(manifest);
    EXPECT_EQ(manifest->suppressions.back().reason, reason);
  }
}

TEST(ManifestEdit, ALayoutThatCannotBeAddedToIsLeftAlone) {
  const auto result = add_suppression("{version: 1, models: []}\n", "m.yml", suppression());
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().advice, HasSubstr(k_added_flow));
}

TEST(ManifestEdit, ABrokenManifestIsNotTouched) {
  const auto result = add_suppression("version: 1\nmodels: [\n", "m.yml", suppression());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().file, "m.yml");
}

}  // namespace
}  // namespace anecompat::gate
