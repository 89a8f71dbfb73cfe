#include "evaluate/placement.hpp"

#include <algorithm>

namespace anecompat::evaluate {

namespace {

using ane::Backend;
using ane::ComputeUnits;
using ane::CostBackend;

// The cheapest implementation on a device.
std::optional<double> cost_on(const Placeable& operation, Backend device) {
  std::optional<double> best;
  if (operation.cost == nullptr)
    return best;
  for (const auto backend : ane::k_cost_backends) {
    const auto& ms = operation.cost->ms[backend];
    if (ane::device_of(backend) == device && ms && (!best || *ms < *best))
      best = ms;
  }
  return best;
}

void place_by_eligibility(std::span<const Placeable> operations, ComputeUnits units,
                          std::span<OpPlacement> placements) {
  const bool gpu = units == ComputeUnits::all;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto& operation = operations[i];
    if (operation.folded)
      continue;
    const auto& eligibility = *operation.eligibility;
    auto& placement = placements[i];
    if (eligibility.may_be_placed())
      placement.backend = Backend::ane;
    else
      placement.backend = gpu && eligibility.gpu ? Backend::gpu : Backend::cpu;
    placement.cost_ms = cost_on(operation, *placement.backend);
    placement.maybe_gpu = gpu && eligibility.ane && eligibility.gpu;
  }
}

ane::Segmentation place_by_cost(std::span<const Placeable> operations, const ane::CostTable& table,
                                ComputeUnits units, std::span<OpPlacement> placements) {
  std::vector<ane::SolveItem> items;
  items.reserve(operations.size());
  for (const auto& operation : operations)
    items.push_back(solve_item(operation));
  auto solve = ane::segment(items, table.solve, units, table.all_units);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const auto& item = solve.items[i];
    if (!item.backend)
      continue;
    auto& placement = placements[i];
    placement.backend = ane::device_of(*item.backend);
    placement.cost_ms = operations[i].cost != nullptr ? items[i].ms[*item.backend] : std::nullopt;
    placement.tie = item.tie;
    placement.maybe_gpu = item.maybe_gpu;
  }
  return solve;
}

}  // namespace

ane::SolveItem solve_item(const Placeable& operation) {
  ane::SolveItem item;
  if (operation.folded)
    return item;
  const auto& eligibility = *operation.eligibility;
  item.gpu = eligibility.gpu;
  if (operation.cost != nullptr) {
    item.ms = operation.cost->ms;
    if (!eligibility.may_be_placed())
      item.ms[CostBackend::ane].reset();
    if (!eligibility.gpu)
      item.ms[CostBackend::mps_graph].reset();
  }
  // The CPU takes every operation; one that no estimate is known for must not vanish from the path.
  if (!item.ms[CostBackend::bnns] && !item.ms[CostBackend::classic_cpu])
    item.ms[CostBackend::classic_cpu] = item.ms[CostBackend::ane].value_or(0);
  return item;
}

Plan place(std::span<const Placeable> operations, const ane::CostTable& table, ComputeUnits units) {
  Plan plan;
  plan.ops.resize(operations.size());
  std::size_t first = 0;
  while (first < operations.size()) {
    auto last = first;
    while (last < operations.size() && operations[last].function == operations[first].function)
      ++last;
    FunctionPlan part{
        .first = first, .count = last - first, .planner = operations[first].planner, .solve = {}};
    const auto mine = operations.subspan(part.first, part.count);
    const auto placements = std::span(plan.ops).subspan(part.first, part.count);
    if (part.planner == Planner::eligibility)
      place_by_eligibility(mine, units, placements);
    else
      part.solve = place_by_cost(mine, table, units, placements);
    plan.functions.push_back(std::move(part));
    first = last;
  }
  return plan;
}

}  // namespace anecompat::evaluate
