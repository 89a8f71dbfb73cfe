#include "github/step_summary.hpp"

#include "support/files.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

namespace anecompat::github {
namespace {

TEST(StepSummaryPath, GivesAdviceWhereThereIsNone) {
  ::unsetenv("GITHUB_STEP_SUMMARY");
  const auto none = step_summary_path();
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::usage);
  EXPECT_THAT(none.error().advice, testing::HasSubstr("summary=summary.md"));
  ::setenv("GITHUB_STEP_SUMMARY", "/tmp/x", 1);
  EXPECT_EQ(step_summary_path(), "/tmp/x");
  ::unsetenv("GITHUB_STEP_SUMMARY");
}

TEST(AppendStepSummary, KeepsWhatIsThere) {
  const test::TempDir directory;
  const auto path = directory.write("summary.md", "before\n");
  ASSERT_TRUE(append_step_summary(path, "after\n"));
  EXPECT_EQ(read_text_file(path), "before\nafter\n");
  EXPECT_EQ(step_summary_room(path), k_step_summary_limit - 13);
}

TEST(AppendStepSummary, SaysWhyItCannot) {
  const test::TempDir directory;
  const auto result = append_step_summary(directory.file("missing/summary.md"), "x");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::system);
  EXPECT_THAT(result.error().message, testing::HasSubstr("No such file"));
}

TEST(StepSummaryRoom, IsNothingWhenFull) {
  const test::TempDir directory;
  const auto path = directory.write("summary.md", std::string(k_step_summary_limit + 1, 'x'));
  EXPECT_EQ(step_summary_room(path), 0U);
  EXPECT_EQ(step_summary_room(directory.file("new.md")), k_step_summary_limit);
}

}  // namespace
}  // namespace anecompat::github
