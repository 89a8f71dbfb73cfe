#include "cli/level_run.hpp"

#include <gmock/gmock.h>

namespace anecompat::cli {
namespace {

int code_of(const char* kind) {
  evaluate::Evaluation evaluation;
  evaluation.level = ane::Level::full;
  evaluation.error = evaluate::EvaluationError{.kind = kind, .signal = {}, .message = "no"};
  return level_code(evaluation);
}

TEST(LevelCode, OfALevelIsItsNumberInTheOriginal) {
  for (const auto& [level, code] : {std::pair{ane::Level::full, 0},
                                    {ane::Level::partial, 1},
                                    {ane::Level::none, 2},
                                    {ane::Level::unknown, 8}}) {
    evaluate::Evaluation evaluation;
    evaluation.level = level;
    EXPECT_EQ(level_code(evaluation), code);
  }
}

TEST(LevelCode, OfAnErrorTellsTheStep) {
  EXPECT_EQ(code_of("not-found"), 3);
  EXPECT_EQ(code_of("unreadable"), 3);
  EXPECT_EQ(code_of("unsupported"), 3);
  EXPECT_EQ(code_of("compile"), 4);
  EXPECT_EQ(code_of("load"), 4);
  EXPECT_EQ(code_of("input"), 5);
  EXPECT_EQ(code_of("prediction"), 6);
  EXPECT_EQ(code_of("crash"), 7);
  EXPECT_EQ(code_of("timeout"), 7);
  EXPECT_EQ(code_of("protocol"), 7);
}

}  // namespace
}  // namespace anecompat::cli
