#include "report/reporter.hpp"
#include "sample_report.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <pugixml.hpp>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace anecompat::report {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

class Junit {
 public:
  explicit Junit(const Report& report, const std::string& dialect = "")
      : m_text(render(report, {.format = Format::junit, .dialect = dialect}, {})) {
    const auto result = m_document.load_string(m_text.c_str(), pugi::parse_full & ~pugi::parse_eol);
    EXPECT_TRUE(result) << result.description();
  }

  const std::string& text() const { return m_text; }
  pugi::xml_node root() const { return m_document.child("testsuites"); }
  pugi::xml_node suite() const { return root().child("testsuite"); }
  pugi::xml_node test(const char* name) const {
    return suite().find_child_by_attribute("testcase", "name", name);
  }
  std::vector<pugi::xml_node> tests() const {
    std::vector<pugi::xml_node> tests;
    for (const auto node : suite().children("testcase"))
      tests.push_back(node);
    return tests;
  }

 private:
  std::string m_text;
  pugi::xml_document m_document;
};

TEST(Junit, HasOneTestCasePerEntryAndTarget) {
  const Junit junit(test::sample());
  for (const auto* name : {"detector on h13", "detector on h16", "encoder on h13", "encoder on h16",
                           "broken on h13", "unknown on h13", "skipped", "the whole run"})
    EXPECT_TRUE(junit.test(name)) << name;
  EXPECT_EQ(junit.tests().size(), 8U);
}

TEST(Junit, TellsFailuresFromErrors) {
  const Junit junit(test::sample());
  EXPECT_FALSE(junit.test("detector on h13").child("failure"));
  const auto failure = junit.test("encoder on h13").child("failure");
  EXPECT_STREQ(failure.attribute("type").value(), "expectation-not-met");
  EXPECT_THAT(failure.attribute("message").value(), testing::EndsWith("(and 1 more)"));
  EXPECT_THAT(failure.child_value(), StartsWith("anecompat.yml:9 error[expectation-not-met]"));
  EXPECT_THAT(failure.child_value(), HasSubstr("budget-exceeded"));
  const auto error = junit.test("broken on h13").child("error");
  EXPECT_STREQ(error.attribute("type").value(), "evaluation-failed");
}

TEST(Junit, SaysWhatWasSkippedAndWhy) {
  const Junit junit(test::sample());
  EXPECT_STREQ(junit.test("skipped").child("skipped").attribute("message").value(), "filtered out");
  EXPECT_STREQ(junit.test("unknown on h13").child("skipped").attribute("message").value(),
               "level unknown: unknown-op: holds \"futureOp\"");
}

TEST(Junit, AFailedEvaluationThePolicyAllowsIsSkipped) {
  auto report = test::sample();
  report.entries[2].findings[0].severity = Severity::notice;
  const Junit junit(report);
  const auto test = junit.test("broken on h13");
  EXPECT_FALSE(test.child("error"));
  EXPECT_THAT(test.child("skipped").attribute("message").value(),
              HasSubstr("crash: killed by SIGKILL"));
}

TEST(Junit, AFailedEvaluationNobodyJudgedIsAnError) {
  auto report = test::sample();
  report.entries[2].findings.clear();
  const Junit junit(report);
  EXPECT_STREQ(junit.test("broken on h13").child("error").attribute("message").value(),
               "crash: killed by SIGKILL");
}

TEST(Junit, UnknownLevelsFailWhereThePolicySaysSo) {
  auto report = test::sample();
  report.entries[3].findings = {
      test::finding(report.entries[3], "level-unknown", Severity::error, "h13")};
  const Junit junit(report);
  EXPECT_TRUE(junit.test("unknown on h13").child("failure"));
  EXPECT_FALSE(junit.test("unknown on h13").child("skipped"));
}

TEST(Junit, SuppressedFindingsFailNothingAndAreTold) {
  const Junit junit(test::sample());
  const auto test = junit.test("encoder on h16");
  EXPECT_FALSE(test.child("failure"));
  EXPECT_THAT(test.child_value("system-out"), HasSubstr("suppressed (known, fixed"));
}

TEST(Junit, FlakyResultsAreNeverHidden) {
  const Junit junit(test::sample());
  const auto flaky = junit.test("encoder on h16").child("flakyFailure");
  EXPECT_STREQ(flaky.attribute("type").value(), "crash");
  EXPECT_STREQ(flaky.child_value("stackTrace"), "SIGKILL");
}

TEST(Junit, MeasurementsAreInTheOutput) {
  const Junit junit(test::sample());
  const std::string output = junit.test("encoder on h13").child_value("system-out");
  EXPECT_THAT(output, HasSubstr("[[PROPERTY|level=partial]]\n"));
  EXPECT_THAT(output, HasSubstr("[[PROPERTY|ane_share_ops=0.7500]]\n"));
  EXPECT_THAT(output, HasSubstr("[[PROPERTY|evidence=predicted]]\n"));
}

// What each reader takes, as facts of its source say.
void expect_readable(const Junit& junit) {
  const auto count = [&](const char* child) {
    unsigned found = 0;
    for (const auto& test : junit.tests())
      found += test.child(child) ? 1U : 0U;
    return found;
  };
  for (const auto node : {junit.root(), junit.suite()}) {
    EXPECT_STRNE(node.attribute("name").value(), "");  // dorny trims it without looking
    EXPECT_EQ(node.attribute("tests").as_uint(), junit.tests().size());
    EXPECT_EQ(node.attribute("failures").as_uint(), count("failure"));
    EXPECT_EQ(node.attribute("errors").as_uint(), count("error"));
    EXPECT_THAT(node.attribute("time").value(), MatchesRegex("[0-9]+\\.[0-9][0-9][0-9]"));
  }
  EXPECT_EQ(junit.suite().attribute("skipped").as_uint(), count("skipped"));
  EXPECT_THAT(junit.suite().attribute("timestamp").value(),
              MatchesRegex("[0-9-]+T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]"));  // Ant: no zone
  EXPECT_STREQ(junit.suite().attribute("id").value(), "0");
  EXPECT_FALSE(junit.suite().child("testsuite"));  // dorny ignores nested suites
  std::set<std::string> ids;
  for (const auto& test : junit.tests()) {
    const std::string group = test.attribute("classname").value();
    EXPECT_NE(group, "");
    EXPECT_NE(group, junit.suite().attribute("name").value());  // dorny leaves such a group blank
    // GitLab keeps the first of two equal names, mikepenz takes the second for a retry.
    EXPECT_TRUE(ids.insert(group + "\n" + test.attribute("name").value()).second);
    EXPECT_THAT(test.attribute("time").value(), MatchesRegex("[0-9]+\\.[0-9][0-9][0-9]"));
    unsigned outcomes = 0;
    for (const auto* outcome : {"failure", "error", "skipped"}) {
      for (const auto node : test.children(outcome)) {
        ++outcomes;
        EXPECT_TRUE(node.attribute("message"));
        EXPECT_TRUE(node.attribute("type") || std::string(outcome) == "skipped");
      }
    }
    EXPECT_LE(outcomes, 1U);
    EXPECT_FALSE(test.child("properties"));
  }
}

TEST(Junit, EveryReaderCanReadIt) {
  for (const auto& report : {test::sample(), test::hostile(), test::large(100, Severity::error)}) {
    for (const auto* dialect : {"", "jenkins"})
      expect_readable(Junit(report, dialect));
  }
}

TEST(Junit, PlacesAreOnTheTestCaseFileAndLineBoth) {
  const Junit junit(test::sample());
  for (const auto& test : junit.tests()) {
    EXPECT_STREQ(test.attribute("file").value(), "anecompat.yml");
    EXPECT_GE(test.attribute("line").as_uint(), 1U);
  }
  EXPECT_EQ(junit.test("encoder on h13").attribute("line").as_uint(), 9U);
}

TEST(Junit, TheJenkinsDialectKnowsNoPlaces) {
  const Junit junit(test::sample(), "jenkins");
  EXPECT_THAT(junit.text(), Not(HasSubstr(" file=")));
  EXPECT_THAT(junit.text(), Not(HasSubstr(" line=")));
}

TEST(Junit, HostileNamesStayNames) {
  const Junit junit(test::hostile());
  EXPECT_EQ(junit.tests().size(), test::hostile_names().size() + 1);
  EXPECT_TRUE(junit.test("]]><evil/> on h13"));
  EXPECT_TRUE(junit.test("red on h13"));
  EXPECT_FALSE(junit.root().find_node(
      [](const pugi::xml_node& node) { return std::string(node.name()) == "evil"; }));
  for (const auto& test : junit.tests())
    EXPECT_THAT(test.child_value("system-out"), Not(HasSubstr("[[ATTACHMENT")));
}

TEST(Junit, ValidatesAgainstTheJenkinsSchema) {
  if (std::system("xmllint --version >/dev/null 2>&1") != 0)
    GTEST_SKIP() << "no xmllint";
  const auto schema = std::filesystem::path(ANECOMPAT_SOURCE_DIR) / "tests/data/junit/jenkins.xsd";
  ASSERT_TRUE(std::filesystem::exists(schema)) << schema;
  const anecompat::test::TempDir directory;
  const auto validates = [&](const Report& report, const std::string& dialect) {
    const auto path = directory.write("junit.xml", Junit(report, dialect).text());
    const auto command =
        "xmllint --huge --noout --schema '" + schema.string() + "' '" + path + "' >/dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  };
  EXPECT_TRUE(validates(test::sample(), "jenkins"));
  EXPECT_TRUE(validates(test::hostile(), "jenkins"));
  EXPECT_FALSE(validates(test::sample(), ""));  // file and line are not allowed there
}

TEST(Junit, AnEmptyRunIsAnEmptySuite) {
  Report report;
  report.exit_code = 4;
  const Junit junit(report);
  EXPECT_EQ(junit.suite().attribute("tests").as_int(-1), 0);
  EXPECT_STREQ(junit.suite().attribute("name").value(), "anecompat");
}

}  // namespace
}  // namespace anecompat::report
