#include "support/markdown.hpp"

#include <gmock/gmock.h>

#include <string>

namespace anecompat {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MarkdownText, DisarmsMarkup) {
  EXPECT_EQ(markdown_text("a|b <i>&"), "a&#124;b &lt;i&gt;&amp;");
  EXPECT_EQ(markdown_text("conv_3 *x* [y](z) `c`"), "conv\\_3 \\*x\\* \\[y\\](z) \\`c\\`");
  EXPECT_EQ(markdown_text("two\nlines\r\n"), "two lines  ");
}

TEST(MarkdownText, DisarmsWhatIsFoundAfterRendering) {
  EXPECT_EQ(markdown_text("@user"), "@&#8203;user");
  EXPECT_EQ(markdown_text("fixes #12"), "fixes \\#&#8203;12");
  EXPECT_THAT(markdown_text("https://evil.example"), Not(HasSubstr("://")));
  EXPECT_THAT(markdown_text("www.evil.example"), Not(HasSubstr("www.")));
  EXPECT_EQ(markdown_text("GH-1"), "GH&#8203;-1");
}

TEST(MarkdownText, StartsNoBlock) {
  EXPECT_EQ(markdown_text("- x"), "\\- x");
  EXPECT_EQ(markdown_text("12. x"), "12\\. x");
  EXPECT_EQ(markdown_text("1.5 ms"), "1\\.5 ms");
  EXPECT_EQ(markdown_text("# x"), "\\#&#8203; x");
}

TEST(MarkdownCode, OutlastsBackticks) {
  EXPECT_EQ(markdown_code("plain"), "`plain`");
  EXPECT_EQ(markdown_code("a`b``c"), "```a`b``c```");
  EXPECT_EQ(markdown_code("`a"), "`` `a ``");
  EXPECT_EQ(markdown_code(""), "");
}

TEST(MarkdownCode, HoldsNoCellEnd) {
  EXPECT_EQ(markdown_code("a\\|b"), "<code>a\\\\&#124;b</code>");
}

TEST(MarkdownBlock, OutlastsFences) {
  EXPECT_EQ(markdown_block("a\n```\nb"), "````text\na\n```\nb\n````\n");
}

TEST(MarkdownCut, LeavesShortTextsAlone) {
  EXPECT_EQ(markdown_cut("a\nb\n", 4, "note"), "a\nb\n");
}

TEST(MarkdownCut, CutsAtALineAndSaysSo) {
  EXPECT_EQ(markdown_cut("aaaa\nbbbb\ncccc\n", 12, "note"), "aaaa\n\nnote\n");
}

TEST(MarkdownCut, ClosesFencesAndDetails) {
  const std::string text =
      "<details>\n<summary>x</summary>\n\n```text\none\ntwo\n" + std::string(100, 'x') + "\n```\n";
  const auto cut = markdown_cut(text, text.size() - 1, "note");
  EXPECT_EQ(cut,
            "<details>\n<summary>x</summary>\n\n```text\none\ntwo\n```\n\n</details>\n\nnote\n");
}

TEST(MarkdownCut, HoldsAtEveryLimit) {
  std::string text;
  for (int i = 0; i < 50; ++i)
    text += "<details>\n```text\nline\n```\n</details>\n";
  for (std::size_t limit = 0; limit <= text.size(); ++limit)
    ASSERT_LE(markdown_cut(text, limit, "note").size(), limit);
}

}  // namespace
}  // namespace anecompat
