#include "support/git.hpp"

#include "support/subprocess.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <string>

namespace anecompat {
namespace {

using testing::HasSubstr;

class GitTest : public testing::Test {
 protected:
  void SetUp() override {
    if (run("git --version >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "git is not installed";
    ASSERT_EQ(run("git init -q repo && cd repo && git config user.email a@example.org && "
                  "git config user.name a && mkdir sub && printf 'one\\n' > sub/file && "
                  "git add . && git commit -qm 1 && git branch -M main && git tag v1.0 && "
                  "printf 'two\\n' > sub/file && git commit -qam 2"),
              0);
  }

  int run(const std::string& commands) const {
    const auto line = "cd '" + m_directory.path().string() + "' && " + commands;
    return std::system(line.c_str());
  }

  Result<std::optional<std::string>> show(const std::string& ref, const std::string& path,
                                          const std::string& directory = "repo") const {
    return git_show(
        {.directory = (m_directory.path() / directory).string(), .ref = ref, .path = path});
  }

  test::TempDir m_directory;
};

TEST_F(GitTest, FilesAreAsTheCommitHasThem) {
  EXPECT_EQ(show("HEAD", "sub/file").value(), "two\n");
  EXPECT_EQ(show("HEAD~1", "sub/file").value(), "one\n");
  EXPECT_EQ(show("v1.0", "sub/file").value(), "one\n");
  EXPECT_EQ(show("main", "./file", "repo/sub").value(), "two\n");
}

TEST_F(GitTest, AFileThatTheCommitDoesNotHaveIsNoError) {
  EXPECT_EQ(show("HEAD", "sub/none").value(), std::nullopt);
}

TEST_F(GitTest, ADirectoryIsNoFile) {
  const auto result = show("HEAD", "sub");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("is a tree, not a file"));
}

TEST_F(GitTest, NothingBecomesAnOptionOrACommand) {
  for (const std::string ref :
       {"--output=owned", "-h", "$(touch owned)", "a b", "HEAD;touch owned", ""}) {
    EXPECT_FALSE(show(ref, "sub/file")) << ref;
  }
  EXPECT_FALSE(show("HEAD", "--output=owned").value());
  EXPECT_NE(run("test -e repo/owned -o -e owned"), 0);
}

TEST_F(GitTest, AShallowCloneIsToldWhatToFetch) {
  ASSERT_EQ(run("git clone -q --depth=1 \"file://$PWD/repo\" shallow"), 0);
  const auto result = show("origin/release", "sub/file", "shallow");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::not_found);
  EXPECT_THAT(result.error().message,
              HasSubstr("git has no `origin/release` here: the clone is shallow"));
  EXPECT_THAT(result.error().advice, HasSubstr("`git fetch --no-tags --depth=1 origin "
                                               "+refs/heads/release:refs/remotes/origin/release`"));
  EXPECT_THAT(show("HEAD~1", "sub/file", "shallow").error().advice,
              HasSubstr("git fetch --unshallow origin"));
  // The command works.
  ASSERT_EQ(run("cd repo && git branch release HEAD~1"), 0);
  const auto command = result.error().advice.substr(5, result.error().advice.find('`', 5) - 5);
  ASSERT_EQ(run("cd shallow && " + command + " 2>/dev/null"), 0) << command;
  EXPECT_EQ(show("origin/release", "sub/file", "shallow").value(), "one\n");
}

TEST_F(GitTest, OutsideOfAWorkTreeThereIsNothing) {
  ASSERT_EQ(run("mkdir plain"), 0);
  const auto result = show("main", "file", "plain");
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().advice, HasSubstr("inside a git work tree"));
}

TEST_F(GitTest, AFileThatIsTooLargeIsRefused) {
  const auto directory = (m_directory.path() / "repo").string();
  const auto result =
      git_show({.directory = directory, .ref = "HEAD", .path = "sub/file", .largest = 2});
  ASSERT_FALSE(result);
}

}  // namespace
}  // namespace anecompat
