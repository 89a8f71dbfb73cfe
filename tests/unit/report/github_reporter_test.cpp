#include "report/reporter.hpp"
#include "sample_report.hpp"
#include "support/text.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace anecompat::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> commands(const Report& report) {
  std::vector<std::string> lines;
  const auto out = render(report, {.format = Format::github}, {});
  for (const auto line : split(out, '\n')) {
    if (!line.empty())
      lines.emplace_back(line);
  }
  return lines;
}

TEST(GithubReporter, PointsAtTheEntry) {
  const auto lines = commands(test::sample());
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_EQ(lines[0],
            "::error file=anecompat.yml,line=14,title=evaluation-failed::broken on h13: expected "
            "full, is partial: 2 of 8 operations are off the ANE%0Amain/conv_3 (conv): "
            "fp32-precision%0Aconvert the model with fp16 precision");
  EXPECT_THAT(lines[3], StartsWith("::warning "));
  EXPECT_THAT(lines[5], StartsWith("::notice "));
}

TEST(GithubReporter, LeavesSuppressedFindingsOut) {
  for (const auto& line : commands(test::sample()))
    EXPECT_THAT(line, Not(HasSubstr("ops-left-ane")));
}

TEST(GithubReporter, WritesTenOfAKind) {
  const auto lines = commands(test::large(10, Severity::error));
  EXPECT_EQ(lines.size(), 10U);
  EXPECT_THAT(lines.back(), HasSubstr("model_9 on h13"));
}

TEST(GithubReporter, TheTenthSaysHowManyMoreThereAre) {
  EXPECT_THAT(commands(test::large(11, Severity::error)).back(),
              StartsWith("::error title=anecompat::2 more errors in the report"));
  const auto lines = commands(test::large(10'000, Severity::warning));
  EXPECT_EQ(lines.size(), 10U);
  EXPECT_THAT(lines.back(), StartsWith("::warning title=anecompat::9991 more warnings"));
}

TEST(GithubReporter, TheMostImportantMakeIt) {
  auto report = test::large(10'000, Severity::error);
  report.entries[9'999].findings[0].rule = "evaluation-failed";
  EXPECT_THAT(commands(report).front(), HasSubstr("model_9999 on h13"));
}

TEST(GithubReporter, HostileTextStaysInItsCommand) {
  const auto all = test::hostile();
  for (const auto& entry : all.entries) {
    auto single = all;
    single.entries = {entry};
    single.findings.clear();
    const auto lines = commands(single);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_THAT(lines[0], StartsWith("::error file="));
    EXPECT_THAT(lines[0], Not(HasSubstr("##[")));
    EXPECT_THAT(lines[0], Not(HasSubstr("\x1b")));
    EXPECT_THAT(lines[0], Not(HasSubstr("\r")));
  }
}

}  // namespace
}  // namespace anecompat::report
