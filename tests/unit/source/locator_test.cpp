#include "source/locator.hpp"

#include <gmock/gmock.h>

namespace anecompat::source {
namespace {

using testing::HasSubstr;

TEST(ParseLocator, TakesHttps) {
  const auto locator = parse_locator("https://example.org/zoo/encoder.mlmodelc.zip?x=1");
  ASSERT_TRUE(locator);
  EXPECT_EQ(locator->kind, Locator::Kind::http);
  EXPECT_EQ(locator->file_name(), "encoder.mlmodelc.zip");
}

TEST(ParseLocator, TakesHuggingFaceWithAndWithoutRevision) {
  const auto plain = parse_locator("hf://apple/coreml-resnet/Resnet50.mlpackage/");
  ASSERT_TRUE(plain) << plain.error().to_string();
  EXPECT_EQ(plain->repository, "apple/coreml-resnet");
  EXPECT_EQ(plain->revision, "main");
  EXPECT_EQ(plain->path, "Resnet50.mlpackage");
  const auto pinned = parse_locator("hf://org/repo@0123abcd/dir/x.mlmodel");
  ASSERT_TRUE(pinned);
  EXPECT_EQ(pinned->revision, "0123abcd");
  EXPECT_EQ(pinned->path, "dir/x.mlmodel");
}

TEST(ParseLocator, TakesGitHubReleasesWithSlashesInTags) {
  const auto locator = parse_locator("gh://owner/repo@models/v1.2/Encoder.zip");
  ASSERT_TRUE(locator);
  EXPECT_EQ(locator->repository, "owner/repo");
  EXPECT_EQ(locator->revision, "models/v1.2");
  EXPECT_EQ(locator->path, "Encoder.zip");
}

struct Refusal {
  const char* text;
  const char* message;
};

class ParseLocatorRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ParseLocatorRefuses, WithAReason) {
  const auto locator = parse_locator(GetParam().text, true);
  ASSERT_FALSE(locator);
  EXPECT_THAT(locator.error().to_string(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(Texts, ParseLocatorRefuses,
                         testing::Values(Refusal{"http://example.org/x.mlmodel", "not encrypted"},
                                         Refusal{"ftp://example.org/x.mlmodel", "ftp://"},
                                         Refusal{"file:///etc/passwd", "file://"},
                                         Refusal{"https://user:secret@example.org/x",
                                                 "credentials"},
                                         Refusal{"hf://org/repo", "names no file"},
                                         Refusal{"hf://org/repo/../../x", "characters"},
                                         Refusal{"hf://org/repo@a?b/x", "characters"},
                                         Refusal{"gh://owner/repo/x.zip", "names no asset"},
                                         Refusal{"gh://owner/repo@v1/..", "characters"},
                                         Refusal{"not a url", "not a URL"}));

TEST(ParseLocator, NeverEchoesControlCharacters) {
  const auto locator = parse_locator("gh://a\x1b[31m");
  ASSERT_FALSE(locator);
  EXPECT_THAT(locator.error().message, testing::Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace anecompat::source
