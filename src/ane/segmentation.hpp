// Where Core ML puts each operation: a shortest path over the program in file order.
//
// A path costs its operations' estimates, a launch once when anything runs on the ANE, a switch for
// each change of backend between consecutive operations (bnns and classic_cpu are two backends),
// and a transfer when the last operation is on the ANE. Derived from 54 graphs on an M4 under macOS
// 27, all of which it reproduces up to exact ties; which of equal paths Core ML takes is not known.
#pragma once

#include "ane/cost_table.hpp"
#include "ane/verdict.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace anecompat::ane {

// Paths whose totals differ by less than this part of the total are ties: well above rounding, well
// below any difference between two estimates.
inline constexpr double k_tie_tolerance = 1e-9;

// One operation, as the solve sees it. Without any cost (constants, folded operations) it is not
// placed and does not separate its neighbours.
struct SolveItem {
  PerBackend<std::optional<double>> ms;
  bool gpu = false;  // a GPU takes it, whether or not its estimate is known

  bool placed() const;
};

struct ItemPlacement {
  std::optional<CostBackend> backend;  // of the chosen path; nullopt: not placed
  PerBackend<bool> optimal;            // every backend some best path has here
  bool tie = false;                    // best paths differ about the device
  // How much worse the best path with this operation on the ANE is than the best path at all; 0
  // when it is there, nullopt when the ANE does not take it.
  std::optional<double> ane_detour_ms;
  // `all` with an unmeasured GPU: it may be on the GPU instead of the ANE.
  bool maybe_gpu = false;
};

// A maximal run of operations on one device; items in between that are not placed belong to it.
struct PlacedSegment {
  Backend device = Backend::cpu;
  std::size_t first = 0;  // indices of items
  std::size_t last = 0;
  std::size_t items = 0;  // placed ones
  double ms = 0;          // of the operations
};

struct Segmentation {
  std::vector<ItemPlacement> items;  // as many as were given
  std::vector<PlacedSegment> segments;
  double total_ms = 0;       // with launch and switches
  double operations_ms = 0;  // without
  double ane_ms = 0;         // operations on the ANE
  std::size_t placed = 0;
  std::size_t on_ane = 0;
  std::size_t most_on_ane = 0;   // among best paths
  std::size_t least_on_ane = 0;  // likewise
  std::size_t switches = 0;      // changes of backend, bnns to classic_cpu included
  bool tie = false;              // best paths differ about some operation's device

  // The best path that stays off the ANE, that uses it at all, and that is on it altogether;
  // nullopt where there is none.
  std::optional<double> without_ane_ms;
  std::optional<double> with_ane_ms;
  std::optional<double> all_ane_ms;

  // ANE part of the operations' estimates; 0 when nothing is placed.
  double ane_cost_share() const { return operations_ms > 0 ? ane_ms / operations_ms : 0; }
  double ane_item_share() const;
  // Milliseconds of additional work, free on the ANE, that would bring (a part of) the model there;
  // 0 when it is there already, nullopt when no operation can go.
  std::optional<double> missing_work_ms() const;
  // What the ANE saves over the best path without it; 0 when it is not used, nullopt when there is
  // no such path.
  std::optional<double> saved_ms() const;
};

// Solves for a table's costs. With ComputeUnits::cpu_and_ne the GPU's estimates are ignored. With
// `all`, `policy` decides: they are used; or operations on the ANE that a GPU takes are marked; or
// all that a GPU takes goes there, at the best other estimate where the GPU's is unknown. Among
// equal paths the one with most operations on the ANE is chosen, then classic_cpu over bnns (what
// Core ML was seen to prefer; neither is certain). Linear in the number of items.
Segmentation segment(std::span<const SolveItem> items, const SolveCosts& costs,
                     ComputeUnits units = ComputeUnits::cpu_and_ne,
                     AllUnits policy = AllUnits::ane_or_gpu);

}  // namespace anecompat::ane
