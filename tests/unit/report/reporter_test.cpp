#include "report/reporter.hpp"

#include "sample_report.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

namespace anecompat::report {
namespace {

using testing::HasSubstr;

std::string usage_of(std::string_view option) {
  const auto output = parse_output(option);
  if (output)
    return "no error";
  EXPECT_EQ(output.error().kind, ErrorKind::usage);
  return output.error().to_string();
}

TEST(ParseOutput, TakesFormatDialectAndPath) {
  const auto plain = parse_output("text");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->format, Format::text);
  EXPECT_EQ(plain->path, "");
  const auto full = parse_output("junit:jenkins=out/a=b:c.xml");
  ASSERT_TRUE(full);
  EXPECT_EQ(full->format, Format::junit);
  EXPECT_EQ(full->dialect, "jenkins");
  EXPECT_EQ(full->path, "out/a=b:c.xml");
  for (const auto name : format_names())
    EXPECT_EQ(to_string(parse_output(name)->format), name);
}

TEST(ParseOutput, SaysWhatWasMeant) {
  EXPECT_EQ(usage_of("juint=x"),
            "--report juint=x: unknown format \"juint\" (did you mean \"junit\"?)");
  EXPECT_THAT(usage_of("pdf"), HasSubstr("use one of text, junit, github, summary, json"));
  EXPECT_THAT(usage_of("html="), HasSubstr("no path after \"=\""));
  EXPECT_THAT(usage_of("text:jenkins"), HasSubstr("text has no dialect \"jenkins\""));
  EXPECT_THAT(usage_of("junit:ant"), HasSubstr("the other dialect is junit:jenkins"));
  EXPECT_THAT(usage_of(""), HasSubstr("unknown format"));
}

TEST(WriteReport, WritesFilesWhole) {
  const anecompat::test::TempDir directory;
  const auto path = directory.file("new/folder/report.json");
  ASSERT_TRUE(write_report(test::sample(), {.format = Format::json, .path = path}, {}));
  EXPECT_EQ(read_text_file(path), to_json(test::sample()));
}

TEST(WriteReport, TheSummaryIsAppendedWithinItsLimit) {
  const anecompat::test::TempDir directory;
  const auto path = directory.write("summary.md", std::string((1U << 20U) - 700, '\n'));
  ::setenv("GITHUB_STEP_SUMMARY", path.c_str(), 1);
  EXPECT_TRUE(write_report(test::sample(), {.format = Format::summary}, {}));
  ::unsetenv("GITHUB_STEP_SUMMARY");
  const auto text = read_text_file(path);
  ASSERT_TRUE(text);
  EXPECT_LE(text->size(), 1U << 20U);
  EXPECT_THAT(*text, HasSubstr("Neural Engine compatibility"));
}

TEST(WriteReport, ASummaryWithoutAPlaceIsAnError) {
  ::unsetenv("GITHUB_STEP_SUMMARY");
  const auto result = write_report(test::sample(), {.format = Format::summary}, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
}

TEST(Render, GivesTheSameForTheSame) {
  for (const auto& report : {test::sample(), test::hostile()}) {
    const auto copy = report;
    for (const auto name : format_names())
      EXPECT_EQ(render(report, *parse_output(name), {}), render(copy, *parse_output(name), {}));
  }
}

TEST(Render, GivesTheSameFromASavedReport) {
  const auto report = test::sample();
  const auto saved = report_from_json(to_json(report), "report.json");
  ASSERT_TRUE(saved);
  for (const auto* name : {"text", "junit", "junit:jenkins", "github", "markdown", "sarif", "html"})
    EXPECT_EQ(render(*saved, *parse_output(name), {}), render(report, *parse_output(name), {}))
        << name;
}

TEST(CountTotals, CountsEachThingOnce) {
  const auto totals = count_totals(test::sample());
  EXPECT_EQ(totals.entries, 5U);
  EXPECT_EQ(totals.evaluations, 6U);
  EXPECT_EQ(totals.full, 3U);
  EXPECT_EQ(totals.partial, 1U);
  EXPECT_EQ(totals.unknown, 1U);
  EXPECT_EQ(totals.failed, 1U);
  EXPECT_EQ(totals.skipped, 1U);
  EXPECT_EQ(totals.errors, 3U);
  EXPECT_EQ(totals.warnings, 2U);
  EXPECT_EQ(totals.notices, 1U);
  EXPECT_EQ(totals.suppressed, 1U);
}

}  // namespace
}  // namespace anecompat::report
