#include "report/view.hpp"

#include "sample_report.hpp"

#include <gmock/gmock.h>

namespace anecompat::report {
namespace {

TEST(Percent, NeverRoundsToAllOrNothing) {
  EXPECT_EQ(percent(1.0), "100 %");
  EXPECT_EQ(percent(0.99999), "99.9 %");
  EXPECT_EQ(percent(0.00001), "0.1 %");
  EXPECT_EQ(percent(0.0), "0 %");
  EXPECT_EQ(percent(0.973), "97.3 %");
  EXPECT_EQ(percent(std::nullopt), "–");
}

TEST(Seconds, HasThreeDecimals) {
  EXPECT_EQ(seconds(std::chrono::microseconds(12'345)), "0.012");
  EXPECT_EQ(seconds(std::chrono::microseconds(61'002'000)), "61.002");
}

TEST(Why, NamesTheErrorThenTheReasonThenTheMostCommonCause) {
  const auto report = test::sample();
  EXPECT_EQ(why(report.entries[2].evaluations[0]), "crash: killed by SIGKILL");
  EXPECT_EQ(why(report.entries[3].evaluations[0]), "unknown-op: holds \"futureOp\"");
  EXPECT_EQ(why(report.entries[1].evaluations[0]), "fp32-precision ×2; eligible for full");
  EXPECT_EQ(why(report.entries[0].evaluations[0]), "");
}

TEST(ReasonGroups, TheMostCommonComesFirst) {
  auto evaluation = test::evaluation("h13", 10, 2);
  evaluation.ops[1].reason = ane::Reason{"rank", "rank 6"};
  const auto groups = reason_groups(evaluation);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].reason.code, "fp32-precision");
  EXPECT_THAT(groups[0].ops, testing::ElementsAre(3, 5, 7, 9));
  EXPECT_EQ(groups[1].reason.code, "rank");
}

TEST(RankedFindings, LeavesOutWhatIsOff) {
  auto report = test::sample();
  report.entries[0].findings[0].severity = Severity::off;
  for (const auto* finding : ranked_findings(report, Suppressed::included))
    EXPECT_NE(finding->rule, "improved");
  EXPECT_EQ(ranked_findings(report, Suppressed::included).back()->rule, "ops-left-ane");
  EXPECT_EQ(ranked_findings(report, Suppressed::left_out).size(), 5U);
}

TEST(ParseSeverity, IsTheInverseOfToString) {
  for (const auto severity : {Severity::off, Severity::notice, Severity::warning, Severity::error})
    EXPECT_EQ(parse_severity(to_string(severity)), severity);
  EXPECT_EQ(parse_severity("fatal"), std::nullopt);
}

}  // namespace
}  // namespace anecompat::report
