#include "coreml/arena.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <cstring>

namespace anecompat::coreml {
namespace {

TEST(Arena, GivesMemoryOfItsOwnThatStays) {
  Arena arena;
  std::vector<std::pair<unsigned char*, std::size_t>> given;
  for (std::size_t i = 0; i < 3000; ++i) {
    const std::size_t size = (i * 37) % 700;
    auto* at = static_cast<unsigned char*>(arena.allocate(size, 1));
    std::memset(at, static_cast<int>(i % 251), size);
    given.emplace_back(at, size);
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    for (std::size_t k = 0; k < given[i].second; ++k)
      ASSERT_EQ(given[i].first[k], i % 251);
  }
}

TEST(Arena, HeedsAlignment) {
  Arena arena;
  for (const std::size_t alignment : {1U, 2U, 4U, 8U, 16U, 8U, 1U, 16U}) {
    arena.allocate(3, 1);
    const auto at = reinterpret_cast<std::uintptr_t>(arena.allocate(24, alignment));
    EXPECT_EQ(at % alignment, 0U);
  }
}

TEST(Arena, TakesWhatIsLargerThanItsBlocks) {
  Arena arena;
  arena.allocate(10, 1);
  const std::size_t large = std::size_t{5} << 20U;
  std::memset(arena.allocate(large, 16), 7, large);
  EXPECT_NE(arena.allocate(0, 1), nullptr);
}

}  // namespace
}  // namespace anecompat::coreml
