#include "support/text.hpp"

#include <gmock/gmock.h>

#include <array>

namespace anecompat {
namespace {

using namespace std::string_view_literals;

TEST(Printable, KeepsOrdinaryText) {
  EXPECT_EQ(printable("conv_3 größer 日本"), "conv_3 größer 日本");
}

TEST(Printable, DisarmsControlCharactersAndInvalidUtf8) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(printable("a\nb\r"), "a\\x0ab\\x0d");
  EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\u{202e}");  // right-to-left override
  EXPECT_EQ(printable("\xc2\x9b"), "\\u{9b}");        // C1 control sequence introducer
}

TEST(DidYouMean, FindsNearMisses) {
  constexpr std::array words = {"expect"sv, "targets"sv, "timeout"sv};
  EXPECT_EQ(did_you_mean("expcet", words), "expect");
  EXPECT_EQ(did_you_mean("Target", words), "targets");
  EXPECT_EQ(did_you_mean("zebra", words), std::nullopt);
  EXPECT_EQ(did_you_mean("", words), std::nullopt);
}

TEST(GlobMatch, StarsStayWithinADirectory) {
  EXPECT_TRUE(glob_match("decoder/*", "decoder/conv_1"));
  EXPECT_FALSE(glob_match("decoder/*", "decoder/a/b"));
  EXPECT_TRUE(glob_match("zoo/**/*.mlpackage", "zoo/a/b/x.mlpackage"));
  EXPECT_TRUE(glob_match("zoo/**/*.mlpackage", "zoo/x.mlpackage"));
  EXPECT_TRUE(glob_match("**", "a/b"));
  EXPECT_TRUE(glob_match("conv_?[0-9]", "conv_a1"));
  EXPECT_FALSE(glob_match("conv_[!0-9]", "conv_1"));
  EXPECT_TRUE(glob_match("a\\*", "a*"));
}

TEST(GlobMatch, HostilePatternsEnd) {
  const std::string text(2000, 'a');
  std::string pattern;
  for (int i = 0; i < 200; ++i)
    pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", text));
}

TEST(ElideMiddle, KeepsBothEnds) {
  EXPECT_EQ(elide_middle("short", 10), "short");
  EXPECT_EQ(elide_middle("abcdefghij", 7), "ab…ij");
}

TEST(HumanBytes, RoundsToOneDigit) {
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1500), "1.5 kB");
  EXPECT_EQ(human_bytes(999'999), "1.0 MB");
}

}  // namespace
}  // namespace anecompat
