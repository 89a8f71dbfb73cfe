#include "report/reporter.hpp"
#include "sample_report.hpp"
#include "support/text.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace anecompat::report {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string comment(const Report& report, std::size_t limit = 65'536) {
  return render(report, {.format = Format::markdown}, {.comment_limit = limit});
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++found;
  return found;
}

TEST(MarkdownReporter, HasATableFindingsAndCounts) {
  const auto out = comment(test::sample());
  EXPECT_THAT(out, HasSubstr("### ❌ Neural Engine compatibility: NOT EVALUATED\n"));
  EXPECT_THAT(out, HasSubstr("**3 errors, 2 warnings, 1 notice, 1 suppressed**"));
  EXPECT_THAT(out,
              HasSubstr("\n| `encoder` | `h13` | 🟡 partial | predicted, high | 6/8 (75 %) | 4 "
                        "| fp32-precision ×2; eligible for full |\n"));
  EXPECT_THAT(out, HasSubstr("\n- ❌ `expectation-not-met` `encoder` on `h13`: expected full"));
  EXPECT_THAT(out, HasSubstr("  - at `anecompat.yml:9`\n"));
  EXPECT_THAT(out, HasSubstr("<summary>Suppressed: 1</summary>"));
  EXPECT_THAT(out, HasSubstr("| `encoder` | `h13` | `fp32-precision` | 2 |"));
}

TEST(MarkdownReporter, EveryTableRowHasItsCells) {
  for (const auto& report : {test::sample(), test::hostile()}) {
    const auto out = comment(report, 10'000'000);
    for (const auto line : split(out, '\n')) {
      if (!line.starts_with("| "))
        continue;
      const auto pipes = std::ranges::count(line, '|');
      EXPECT_TRUE(pipes == 8 || pipes == 6) << line;
    }
  }
}

TEST(MarkdownReporter, HostileNamesStayText) {
  const auto out = comment(test::hostile(), 10'000'000);
  EXPECT_THAT(out, Not(HasSubstr("\n<script>")));
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(out, Not(HasSubstr("\xe2\x80\xae")));
  // The only raw HTML is ours.
  EXPECT_EQ(count(out, "<details"), count(out, "</details>"));
}

TEST(MarkdownReporter, FallsBackToFailuresOnly) {
  auto report = test::large(200, Severity::warning);
  report.entries[7].findings[0].severity = Severity::error;
  report.totals = count_totals(report);
  const auto whole = comment(report, 10'000'000);
  EXPECT_EQ(comment(report, whole.size()), whole);
  const auto less = comment(report, whole.size() - 1);
  EXPECT_THAT(less, HasSubstr("Only failures are listed"));
  EXPECT_THAT(less, HasSubstr("`model_7`"));
  EXPECT_THAT(less, Not(HasSubstr("`model_8`")));
  EXPECT_THAT(less, HasSubstr("**1 error, 199 warnings**"));
}

TEST(MarkdownReporter, TenThousandFindingsFitEveryLimit) {
  const auto report = test::large(10'000, Severity::error);
  for (const std::size_t limit : {65'536U, 1U << 20U, 1000U}) {
    const auto out = comment(report, limit);
    EXPECT_LE(out.size(), limit);
    EXPECT_GT(out.size(), limit - limit / 4);
    EXPECT_THAT(out, EndsWith("the report has all of it._\n"));
    EXPECT_EQ(count(out, "<details"), count(out, "</details>"));
  }
  const auto summary = render(report, {.format = Format::summary}, {});
  EXPECT_LE(summary.size(), 1U << 20U);
  EXPECT_GT(summary.size(), 900'000U);
}

TEST(MarkdownReporter, CutsLeaveNoOpenBlockAtAnyLimit) {
  const auto report = test::sample();
  const auto whole = comment(report, 10'000'000).size();
  for (std::size_t limit = 300; limit < whole; limit += 7) {
    const auto out = comment(report, limit);
    ASSERT_LE(out.size(), limit);
    ASSERT_EQ(count(out, "<details"), count(out, "</details>")) << limit;
  }
}

}  // namespace
}  // namespace anecompat::report
