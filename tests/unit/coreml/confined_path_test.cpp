#include "coreml/confined_path.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace anecompat::coreml {
namespace {

using ::testing::HasSubstr;
using namespace std::string_view_literals;

std::string opened(const test::TempDir& directory, std::string_view relative) {
  const auto file = open_below(directory.path().string(), relative);
  if (!file)
    return file.error().message;
  std::string text(16, ' ');
  const auto size = ::read(file->get(), text.data(), text.size());
  return text.substr(0, size < 0 ? 0 : static_cast<std::size_t>(size));
}

TEST(ConfinedPath, OpensWhatIsBelowTheDirectory) {
  const test::TempDir directory;
  directory.write("a/b.txt", "content");
  EXPECT_EQ(opened(directory, "a/b.txt"), "content");
  EXPECT_EQ(opened(directory, "./a//b.txt"), "content");
  EXPECT_EQ(confined_path(directory.path().string(), "a/b.txt"),
            directory.path().string() + "/a/b.txt");
}

TEST(ConfinedPath, ObjectsToPathsThatLeave) {
  EXPECT_STREQ(path_objection(""), "is empty");
  EXPECT_STREQ(path_objection("/etc/hosts"), "is absolute");
  EXPECT_THAT(path_objection("a/../../b"), HasSubstr(".."));
  EXPECT_THAT(path_objection("a\0b"sv), HasSubstr("NUL"));
  EXPECT_EQ(path_objection("a..b/...c"), nullptr);
}

TEST(ConfinedPath, FollowsNoLinkOnTheWay) {
  const test::TempDir outside;
  outside.write("secret.txt", "secret");
  const test::TempDir directory;
  directory.write("a/b.txt", "content");
  std::filesystem::create_directory_symlink(outside.path(), directory.path() / "link");
  std::filesystem::create_symlink(outside.path() / "secret.txt", directory.path() / "a/file");
  EXPECT_THAT(opened(directory, "link/secret.txt"), HasSubstr("symbolic link \"link\""));
  EXPECT_THAT(opened(directory, "a/file"), HasSubstr("symbolic link \"file\""));
}

TEST(ConfinedPath, SaysWhatIsMissing) {
  const test::TempDir directory;
  directory.write("a", "a file, not a directory");
  for (const auto* path : {"nothing", "a/b"}) {
    const auto file = open_below(directory.path().string(), path);
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind, ErrorKind::not_found) << path;
    EXPECT_THAT(file.error().message, HasSubstr(path));
  }
}

TEST(ConfinedPath, ADescriptorMovesWithoutBeingClosedTwice) {
  const test::TempDir directory;
  directory.write("a", "1");
  directory.write("b", "2");
  auto first = open_below(directory.path().string(), "a");
  auto second = open_below(directory.path().string(), "b");
  ASSERT_TRUE(first && second);
  const int number = second->get();
  *first = std::move(*second);
  EXPECT_EQ(first->get(), number);
  char read = 0;
  EXPECT_EQ(::read(first->get(), &read, 1), 1);
  EXPECT_EQ(read, '2');
}

}  // namespace
}  // namespace anecompat::coreml
