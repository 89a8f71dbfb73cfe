#include "evaluate/what_if.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace anecompat::evaluate {
namespace {

using Action = WhatIf::Action;

TEST(WhatIf, a_bare_glob_removes) {
  const auto question = parse_what_if("main/nms*");
  EXPECT_EQ(question.pattern, "main/nms*");
  EXPECT_EQ(question.action, Action::remove);
}

TEST(WhatIf, two_endings_move) {
  EXPECT_EQ(parse_what_if("main/x=ane").action, Action::to_ane);
  EXPECT_EQ(parse_what_if("main/x=ane").pattern, "main/x");
  EXPECT_EQ(parse_what_if("main/x=cpu").action, Action::to_cpu);
}

TEST(WhatIf, an_equals_sign_in_a_name_is_part_of_it) {
  const auto question = parse_what_if("main/a=b");
  EXPECT_EQ(question.pattern, "main/a=b");
  EXPECT_EQ(question.action, Action::remove);
  EXPECT_EQ(parse_what_if("main/a=ane=cpu").pattern, "main/a=ane");
}

TEST(WhatIf, the_last_question_about_an_operation_counts) {
  const std::vector<WhatIf> questions = {parse_what_if("main/*"), parse_what_if("main/x=ane")};
  ASSERT_NE(find_what_if(questions, "main/x"), nullptr);
  EXPECT_EQ(find_what_if(questions, "main/x")->action, Action::to_ane);
  EXPECT_EQ(find_what_if(questions, "main/y")->action, Action::remove);
  EXPECT_EQ(find_what_if(questions, "other/y"), nullptr);
}

}  // namespace
}  // namespace anecompat::evaluate
