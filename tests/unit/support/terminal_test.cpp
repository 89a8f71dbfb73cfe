#include "support/terminal.hpp"

#include <gmock/gmock.h>

namespace anecompat {
namespace {

bool wanted(ColorEnvironment environment, bool terminal = true) {
  return color_wanted(ColorWhen::automatic, terminal, environment);
}

TEST(ColorWanted, FollowsTheTerminalByDefault) {
  EXPECT_TRUE(wanted({}));
  EXPECT_FALSE(wanted({}, false));
  EXPECT_FALSE(wanted({.term = "dumb"}));
  EXPECT_TRUE(wanted({.term = "xterm"}));
}

TEST(ColorWanted, TheOptionWinsOverEverything) {
  EXPECT_TRUE(color_wanted(ColorWhen::always, false, {.no_color = "1"}));
  EXPECT_FALSE(color_wanted(ColorWhen::never, true, {.force_color = "1"}));
}

TEST(ColorWanted, NoColorWinsOverForcing) {
  EXPECT_FALSE(wanted({.no_color = "1", .clicolor_force = "1", .force_color = "1"}));
  EXPECT_TRUE(wanted({.no_color = ""}));
}

TEST(ColorWanted, CanBeForcedWithoutATerminal) {
  EXPECT_TRUE(wanted({.clicolor_force = "1"}, false));
  EXPECT_FALSE(wanted({.clicolor_force = "0"}, false));
  EXPECT_TRUE(wanted({.force_color = "3"}, false));
  EXPECT_FALSE(wanted({.force_color = "0"}));
  EXPECT_FALSE(wanted({.force_color = "false"}));
  EXPECT_FALSE(wanted({.force_color = ""}, false));
}

TEST(ParseColorWhen, NamesTheWordMeant) {
  EXPECT_EQ(parse_color_when("auto"), ColorWhen::automatic);
  const auto wrong = parse_color_when("alway");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().to_string(),
            "--color: unknown value \"alway\" (did you mean \"always\"?)");
}

TEST(TerminalWidth, IsZeroWithoutATerminal) {
  EXPECT_EQ(terminal_width(-1), 0U);
}

}  // namespace
}  // namespace anecompat
