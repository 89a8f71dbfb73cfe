#include "evaluate/placement.hpp"

namespace anecompat::evaluate {

std::vector<std::optional<ane::Backend>> place_by_eligibility(
    std::span<const Placeable> operations) {
  std::vector<std::optional<ane::Backend>> placements;
  placements.reserve(operations.size());
  for (const auto& operation : operations) {
    if (operation.folded)
      placements.emplace_back(std::nullopt);
    else
      placements.emplace_back(operation.eligibility.ane ? ane::Backend::ane : ane::Backend::cpu);
  }
  return placements;
}

}  // namespace anecompat::evaluate
