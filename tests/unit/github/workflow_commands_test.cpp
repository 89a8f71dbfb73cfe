#include "github/workflow_commands.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace anecompat::github {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(EscapeData, EscapesPercentFirst) {
  EXPECT_EQ(escape_data("100%\r\n"), "100%25%0D%0A");
  EXPECT_EQ(escape_data("%0A"), "%250A");
}

TEST(EscapeProperty, AlsoEscapesColonAndComma) {
  EXPECT_EQ(escape_property("a:b,c%"), "a%3Ab%2Cc%25");
}

TEST(ToCommand, WritesPlaceAndTitle) {
  EXPECT_EQ(to_command({.level = AnnotationLevel::warning,
                        .title = "rule",
                        .message = "one\ntwo",
                        .file = "a,b.yml",
                        .line = 3}),
            "::warning file=a%2Cb.yml,line=3,title=rule::one%0Atwo\n");
  EXPECT_EQ(to_command({.level = AnnotationLevel::notice, .message = "m", .line = 3}),
            "::notice::m\n");
}

TEST(ToCommand, StaysOneCommand) {
  const auto command =
      to_command({.title = "x::error::y", .message = "a\n::set-output name=x::y\r##[add-mask]z"});
  EXPECT_EQ(std::ranges::count(command, '\n'), 1);
  EXPECT_THAT(command, Not(HasSubstr("##[")));
  EXPECT_THAT(command, testing::StartsWith("::error title=x%3A%3Aerror%3A%3Ay::a%0A::"));
}

TEST(ToCommand, CutsTheMessageAtTheRunnersLimit) {
  const std::string whole(k_message_limit, 'x');
  EXPECT_THAT(to_command({.message = whole}), HasSubstr(whole));
  const auto cut = to_command({.message = whole + "y"});
  EXPECT_EQ(cut.size(), std::string("::error::\n").size() + k_message_limit);
  EXPECT_THAT(cut, testing::EndsWith("x…\n"));
}

TEST(ScrubCommands, BreaksBothForms) {
  EXPECT_EQ(scrub_commands("::error::x"), "\\::error::x");
  EXPECT_EQ(scrub_commands("a ::error::x"), "a ::error::x");
  EXPECT_EQ(scrub_commands("a\n \t::stop-commands::t"), "a\n \t\\::stop-commands::t");
  EXPECT_EQ(scrub_commands("say ##[error]x"), "say ##\\[error]x");
}

}  // namespace
}  // namespace anecompat::github
