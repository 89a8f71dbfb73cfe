#include "support/unicode.hpp"

#include <gmock/gmock.h>

namespace anecompat {
namespace {

TEST(DecodeUtf8, RefusesOverlongSurrogatesAndCutSequences) {
  EXPECT_EQ(decode_utf8("é").value, 0xE9U);
  EXPECT_EQ(decode_utf8("\xf0\x9f\x98\x80").value, 0x1F600U);
  EXPECT_EQ(decode_utf8("").length, 0U);
  EXPECT_EQ(decode_utf8("\xc0\x80").length, 0U);
  EXPECT_EQ(decode_utf8("\xed\xa0\x80").length, 0U);
  EXPECT_EQ(decode_utf8("\xe2\x82").length, 0U);
  EXPECT_EQ(decode_utf8("\xf4\x90\x80\x80").length, 0U);
}

TEST(StripAnsi, RemovesSequencesOfEveryKind) {
  EXPECT_EQ(strip_ansi("a\x1b[1;31mred\x1b[0m!"), "ared!");
  EXPECT_EQ(strip_ansi("\x1b]8;;http://x\x1b\\link\x1b]8;;\a"), "link");
  EXPECT_EQ(strip_ansi("a\xc2\x9b"
                       "2Jb"),
            "ab");
  EXPECT_EQ(strip_ansi("x\x1b"
                       "Dy"),
            "xy");
}

TEST(StripAnsi, NeverHidesTheRestOfAnUnfinishedSequence) {
  EXPECT_EQ(strip_ansi("\x1b]0;title without end"), "0;title without end");
  EXPECT_EQ(strip_ansi("end\x1b["), "end");
  EXPECT_EQ(strip_ansi("é stays"), "é stays");
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width("größe"), 5U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);  // with a combining accent
  EXPECT_EQ(display_width("\xff\xff"), 2U);
}

TEST(Fit, CutsToColumns) {
  EXPECT_EQ(fit_end("abcdef", 4), "abc…");
  EXPECT_EQ(fit_end("abcd", 4), "abcd");
  EXPECT_EQ(fit_end("日本語", 4), "日…");
  EXPECT_EQ(fit_middle("abcdefgh", 5), "ab…gh");
  EXPECT_EQ(fit_middle("日本語日本語", 6), "日…語");
  EXPECT_EQ(fit_middle("abc", 0), "");
  EXPECT_EQ(display_width(fit_middle(std::string(1000, 'x') + "日本", 20)), 20U);
}

TEST(CutToBytes, KeepsCharactersWhole) {
  EXPECT_EQ(cut_to_bytes("abcdef", 6), "abcdef");
  EXPECT_EQ(cut_to_bytes("abcdefg", 6), "abc…");
  EXPECT_EQ(cut_to_bytes("ééé!", 6), "é…");
  EXPECT_EQ(cut_to_bytes("abc", 2), "");
}

}  // namespace
}  // namespace anecompat
