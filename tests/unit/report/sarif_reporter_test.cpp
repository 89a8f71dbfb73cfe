#include "report/reporter.hpp"
#include "sample_report.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <array>
#include <string>

namespace anecompat::report {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

const std::array k_rules = {
    RuleText{"expectation-not-met", "the model misses its level", "Look at its operations."},
    RuleText{"improved", "better than the baseline", "Tighten it."}};

Json sarif(const Report& report) {
  const auto text = render(report, {.format = Format::sarif}, {.rules = k_rules});
  EXPECT_LE(text.size(), 10'000'000U);
  return Json::parse(text);
}

TEST(SarifReporter, ExplainsItsRules) {
  const auto driver = sarif(test::sample())["runs"][0]["tool"]["driver"];
  EXPECT_EQ(driver["name"], "anecompat");
  EXPECT_EQ(driver["rules"][0]["id"], "expectation-not-met");
  EXPECT_EQ(driver["rules"][0]["shortDescription"]["text"], "the model misses its level");
  EXPECT_EQ(driver["rules"][0]["help"]["text"], "Look at its operations.");
  for (const auto& rule : driver["rules"]) {
    for (const auto* key : {"shortDescription", "fullDescription", "help"})
      EXPECT_NE(rule[key]["text"], "") << rule["id"];
  }
}

TEST(SarifReporter, ResultsAreComplete) {
  const auto run = sarif(test::sample())["runs"][0];
  ASSERT_EQ(run["results"].size(), 7U);
  for (const auto& result : run["results"]) {
    const auto index = result["ruleIndex"].get<std::size_t>();
    EXPECT_EQ(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    const auto place = result["locations"][0]["physicalLocation"];
    EXPECT_EQ(place["artifactLocation"]["uri"], "anecompat.yml");
    for (const auto* key : {"startLine", "startColumn", "endLine", "endColumn"})
      EXPECT_GE(place["region"][key].get<int>(), 1);
    EXPECT_NE(result["message"]["text"], "");
    EXPECT_TRUE(result["partialFingerprints"].contains("primaryLocationLineHash"));
  }
  EXPECT_EQ(run["results"][0]["ruleId"], "evaluation-failed");
  EXPECT_EQ(run["results"][0]["level"], "error");
  EXPECT_EQ(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 14);
  EXPECT_EQ(run["results"][5]["level"], "note");
}

TEST(SarifReporter, SuppressedFindingsAreSuppressions) {
  const auto results = sarif(test::sample())["runs"][0]["results"];
  EXPECT_EQ(results[6]["suppressions"][0]["kind"], "external");
  EXPECT_EQ(results[6]["suppressions"][0]["justification"], "known, fixed in the next release");
  EXPECT_FALSE(results[0].contains("suppressions"));
}

TEST(SarifReporter, FiveThousandResultsAreKept) {
  const auto run = sarif(test::large(5000, Severity::error))["runs"][0];
  EXPECT_EQ(run["results"].size(), 5000U);
  EXPECT_FALSE(run["invocations"][0].contains("toolExecutionNotifications"));
}

TEST(SarifReporter, BeyondThatTheMostImportantAre) {
  auto report = test::large(10'000, Severity::warning);
  report.entries.back().findings[0].severity = Severity::error;
  const auto run = sarif(report)["runs"][0];
  EXPECT_EQ(run["results"].size(), 5000U);
  EXPECT_THAT(run["results"][0]["message"]["text"].get<std::string>(), HasSubstr("model_9999"));
  EXPECT_THAT(run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"],
              testing::Eq("5000 findings more in the report: GitHub takes at most 5000 results "
                          "and 10 MB"));
}

TEST(SarifReporter, TenMegabytesAreNeverExceeded) {
  auto report = test::large(5000, Severity::error);
  for (auto& entry : report.entries)
    entry.findings[0].details = {std::string(8000, 'd')};
  const auto text = render(report, {.format = Format::sarif}, {.rules = k_rules});
  EXPECT_LE(text.size(), 10'000'000U);
  EXPECT_GT(text.size(), 9'900'000U);
  EXPECT_LT(Json::parse(text)["runs"][0]["results"].size(), 5000U);
}

TEST(SarifReporter, HostileTextIsValidJsonAndCleanUris) {
  const auto results = sarif(test::hostile())["runs"][0]["results"];
  EXPECT_EQ(results.size(), 2 * test::hostile_names().size() + 1);
  for (const auto& result : results) {
    const auto uri =
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].get<std::string>();
    EXPECT_EQ(uri.find_first_of(" <>\"|`\\\x1b\n#:@"), std::string::npos) << uri.substr(0, 80);
  }
}

}  // namespace
}  // namespace anecompat::report
