#include "ane/target.hpp"

#include <gmock/gmock.h>

namespace anecompat::ane {
namespace {

using testing::HasSubstr;

std::string spelled(std::string_view text) {
  const auto target = parse_target(text);
  return target ? to_string(*target) : target.error().to_string();
}

TEST(Target, names_a_chip_and_may_name_its_system) {
  EXPECT_EQ(spelled("m4 pro"), "h16");
  EXPECT_EQ(spelled("M1@macOS 13"), "h13@macos13");
  EXPECT_EQ(spelled("a15 @ ios16.4"), "h14@ios16.4");
  EXPECT_EQ(spelled("a17pro@iPadOS 17.0"), "h16@ios17");
  EXPECT_EQ(spelled("m2@macos15.6.1"), "h14@macos15.6");
}

TEST(Target, what_it_spells_is_read_back_as_the_same) {
  for (const auto* text : {"h13", "h18@ios26", "h14@macos12.3"})
    EXPECT_EQ(spelled(text), text);
}

TEST(Target, systems_that_never_were_are_refused_with_what_is_meant) {
  EXPECT_THAT(spelled("m1@macos16"), HasSubstr("macOS 15 is followed by 26"));
  EXPECT_THAT(spelled("a15@ios19"), HasSubstr("iOS 18 is followed by 26"));
  EXPECT_THAT(spelled("m1@macos10.15"), HasSubstr("the oldest are iOS 14 and macOS 11"));
  EXPECT_THAT(spelled("m1@linux"), HasSubstr("write it as macos14 or ios17.4"));
  for (const auto* text : {"m1@", "m1@macos", "m1@macos1x", "m1@macos13.", "m1@macos13.1.2.3",
                           "m1@macos13@ios16", "m1@macos99999999999", "m1@macos-13"})
    EXPECT_THAT(spelled(text), HasSubstr("unknown system")) << text;
  EXPECT_THAT(spelled("m9@macos13"), HasSubstr("unknown chip \"m9\""));
}

// coreml-formats 1.2: the systems that came with one specification version.
TEST(OsVersion, systems_with_the_same_core_ml_are_equal) {
  const auto number = [](std::string_view text) { return parse_os_version(text)->core_ml(); };
  EXPECT_EQ(number("macos11"), number("ios14"));
  EXPECT_EQ(number("macos15.2"), number("ios18.2"));
  EXPECT_EQ(number("macos26"), number("ios26"));
  EXPECT_LT(number("macos15.6"), number("ios26"));
}

TEST(Target, people_are_told_the_chips_and_the_system) {
  EXPECT_EQ(describe_target("h13"), "h13 (A14, M1)");
  EXPECT_EQ(describe_target("h13@macos13.3"), "h13@macos13.3 (A14, M1, macOS 13.3)");
  EXPECT_EQ(describe_target("host"), "host");
}

}  // namespace
}  // namespace anecompat::ane
