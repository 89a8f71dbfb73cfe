#include "ane/level.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace anecompat::ane {
namespace {

constexpr Standing k_on{.on_ane = true, .confidence = Confidence::high};
constexpr Standing k_off{.on_ane = false, .confidence = Confidence::high};
constexpr Standing k_boundary{.on_ane = false, .boundary = true, .adapter = true};
constexpr Standing k_cast_on{.on_ane = true, .adapter = true, .confidence = Confidence::high};

Level level(std::vector<Standing> standings) {
  return level_of(standings).level;
}

TEST(Level, follows_from_all_operations_that_are_no_boundary) {
  EXPECT_EQ(level({k_on, k_on}), Level::full);
  EXPECT_EQ(level({k_off, k_off}), Level::none);
  EXPECT_EQ(level({k_on, k_off}), Level::partial);
  EXPECT_EQ(level({k_boundary, k_on, k_boundary}), Level::full);
  EXPECT_EQ(level({}), Level::unknown);
}

TEST(Level, adapters_alone_make_nothing_partial) {
  EXPECT_EQ(level({k_cast_on, k_off, k_cast_on}), Level::none);
  EXPECT_EQ(level({k_cast_on}), Level::full);
}

TEST(Level, confidence_is_that_of_the_evidence_it_needs) {
  auto doubtful = k_on;
  doubtful.confidence = Confidence::low;
  EXPECT_EQ(level_of(std::vector{k_on, doubtful}).confidence, Confidence::low);
  EXPECT_EQ(level_of(std::vector{k_on, doubtful, k_off}).confidence, Confidence::high);
}

}  // namespace
}  // namespace anecompat::ane
