#include "ane/level.hpp"

#include <algorithm>
#include <optional>

namespace anecompat::ane {

namespace {

struct Side {
  std::size_t count = 0;
  std::size_t workers = 0;  // that are no adapters
  Confidence weakest = Confidence::high;
  Confidence strongest = Confidence::low;

  void add(const Standing& standing) {
    ++count;
    if (!standing.adapter)
      ++workers;
    weakest = std::min(weakest, standing.confidence);
    strongest = std::max(strongest, standing.confidence);
  }
};

LevelVerdict judge(const Side& on, const Side& off, bool has_workers) {
  if (on.count == 0 || (has_workers && on.workers == 0)) {
    return {.level = Level::none, .confidence = off.weakest};
  }
  if (off.count == 0)
    return {.level = Level::full, .confidence = on.weakest};
  return {.level = Level::partial, .confidence = std::min(on.strongest, off.strongest)};
}

}  // namespace

LevelVerdict level_of(std::span<const Standing> operations) {
  if (operations.empty())
    return {};
  const bool only_boundary = std::ranges::all_of(operations, &Standing::boundary);
  const bool has_workers =
      std::ranges::any_of(operations, [](const auto& standing) { return !standing.adapter; });
  Side on;
  Side off;
  for (const auto& standing : operations) {
    if (standing.boundary && !only_boundary)
      continue;
    (standing.on_ane ? on : off).add(standing);
  }
  return judge(on, off, has_workers);
}

}  // namespace anecompat::ane
