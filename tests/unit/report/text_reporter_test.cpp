#include "report/reporter.hpp"
#include "sample_report.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

#include <gmock/gmock.h>

#include <string>

namespace anecompat::report {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

std::string text(const Report& report, const RenderOptions& options = {}) {
  return render(report, {.format = Format::text}, options);
}

TEST(TextReporter, ShowsATableWithAlignedColumns) {
  EXPECT_THAT(text(test::sample()), HasSubstr(R"(
ENTRY     TARGET  LEVEL      EVIDENCE            ANE OPS  SEGMENTS  WHY
detector  h13     ● full     predicted, high  8/8  100 %         1
          h16     ● full     predicted, high  8/8  100 %         1
encoder   h13     ◐ partial  predicted, high  6/8   75 %         4  fp32-precision ×2; eligible for full
          h16     ● full     predicted, high  8/8  100 %         1
broken    h13     ! failed                                          crash: killed by SIGKILL
unknown   h13     ? unknown  predicted, low   0/0      –         0  unknown-op: holds "futureOp"
skipped           - skipped                                         filtered out
)"));
}

TEST(TextReporter, ShowsFindingsWithDetailsAndPlace) {
  EXPECT_THAT(text(test::sample()),
              HasSubstr("\nerror[expectation-not-met]: encoder on h13: expected full, is partial: "
                        "2 of 8 operations are off the ANE\n"
                        "    main/conv_3 (conv): fp32-precision\n"
                        "    convert the model with fp16 precision\n"
                        "    at anecompat.yml:9\n"));
}

TEST(TextReporter, EndsWithOneLineThatSaysItAll) {
  EXPECT_THAT(text(test::sample()),
              EndsWith("\n5 models, 6 evaluations: 3 full, 1 partial, 1 unknown, 1 failed, 1 "
                       "skipped · 3 errors, 2 warnings, 1 notice, 1 suppressed → NOT EVALUATED "
                       "(exit 3)\n"));
}

TEST(TextReporter, SaysWhatIsImportantFirst) {
  const auto out = text(test::sample());
  EXPECT_LT(out.find("error[evaluation-failed]"), out.find("error[expectation-not-met]"));
  EXPECT_LT(out.find("error[budget-exceeded]"), out.find("warning["));
  EXPECT_LT(out.find("warning["), out.find("notice[improved]"));
}

TEST(TextReporter, QuietLeavesOnlyFailures) {
  const auto out = text(test::sample(), {.quiet = true});
  EXPECT_THAT(out, Not(HasSubstr("ENTRY")));
  EXPECT_THAT(out, Not(HasSubstr("warning[")));
  EXPECT_THAT(out, HasSubstr("error[evaluation-failed]"));
  EXPECT_THAT(out, HasSubstr("NOT EVALUATED"));
}

TEST(TextReporter, VerboseTellsReasonsRisksTriesAndSuppressions) {
  const auto out = text(test::sample(), {.verbose = true});
  EXPECT_THAT(out, HasSubstr("suppressed: known, fixed in the next release"));
  EXPECT_THAT(out, HasSubstr("fp32-precision ×2: fp32[1, 64]: the ANE computes in fp16 only"));
  EXPECT_THAT(out, HasSubstr("risk wide-kernel: 16×16 kernel (main/conv_1)"));
  EXPECT_THAT(out, HasSubstr("attempt 1: crash: SIGKILL"));
  EXPECT_THAT(out, HasSubstr("fingerprint 0123456789abcdef"));
  EXPECT_THAT(text(test::sample()), Not(HasSubstr("suppressed: known")));
}

TEST(TextReporter, ManyDetailsAreCutUnlessVerbose) {
  auto report = test::sample();
  report.entries[1].findings[0].details.assign(20, "one more");
  EXPECT_THAT(text(report), HasSubstr("… 15 more (--verbose shows all)"));
  EXPECT_THAT(text(report, {.verbose = true}), Not(HasSubstr("15 more")));
}

TEST(TextReporter, ColorsOnlyWhenAsked) {
  EXPECT_THAT(text(test::sample()), Not(HasSubstr("\x1b")));
  const auto colored = text(test::sample(), {.color = true});
  EXPECT_THAT(colored, HasSubstr("\x1b[32m● full\x1b[0m"));
  EXPECT_EQ(strip_ansi(colored), text(test::sample()));
}

TEST(TextReporter, TheTableFitsTheTerminal) {
  auto report = test::sample();
  report.entries[0].name = std::string(100, 'n');
  report.entries[3].evaluations[0].reason->message = std::string(300, 'r');
  for (const std::size_t width : {90U, 100U, 120U}) {
    const auto out = text(report, {.width = width});
    const auto table =
        out.substr(out.find("ENTRY"), out.find("\n\n", out.find("ENTRY")) - out.find("ENTRY"));
    for (const auto line : split(table, '\n'))
      EXPECT_LE(display_width(line), width) << line;
  }
}

TEST(TextReporter, NoLineEndsWithSpaces) {
  for (const auto& report : {test::sample(), test::large(5, Severity::warning)}) {
    const auto out = text(report);
    for (const auto line : split(out, '\n'))
      EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST(TextReporter, HostileNamesDoNothing) {
  const auto out = text(test::hostile(), {.verbose = true});
  EXPECT_THAT(out, Not(HasSubstr("\x1b")));
  EXPECT_THAT(out, Not(HasSubstr("##[")));
  EXPECT_THAT(out, Not(HasSubstr("\xe2\x80\xae")));
  for (const auto line : split(out, '\n'))
    EXPECT_FALSE(trim(line).starts_with("::")) << line;
}

}  // namespace
}  // namespace anecompat::report
