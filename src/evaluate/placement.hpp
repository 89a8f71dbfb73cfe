// Where operations go, given what is eligible and what everything is estimated to cost.
#pragma once

#include "ane/chip.hpp"
#include "ane/cost.hpp"
#include "ane/eligibility.hpp"
#include "ane/segmentation.hpp"
#include "ane/verdict.hpp"
#include "coreml/graph.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace anecompat::evaluate {

// Who decides about a function.
enum class Planner : std::uint8_t {
  cost_solve,   // ML Programs: the shortest path over estimated run times
  eligibility,  // networks of the older format, whose planner puts on the ANE what the ANE takes:
                // a digit classifier far below any break-even runs there as one segment
};

// One compute operation to be placed, in file order.
struct Placeable {
  const coreml::Operation* op = nullptr;
  const coreml::Function* function = nullptr;  // each function of each stage is planned alone
  const ane::Eligibility* eligibility = nullptr;
  const ane::OpCost* cost = nullptr;  // as if every backend took it; null: nothing is known
  bool folded = false;                // Core ML computes it before it plans: goes nowhere
  Planner planner = Planner::cost_solve;
};

struct OpPlacement {
  std::optional<ane::Backend> backend;
  std::optional<double> cost_ms;  // there
  bool tie = false;               // another device is estimated to be exactly as fast
  bool maybe_gpu = false;         // compute units `all`: the GPU takes it too, unmeasured
};

// The part of the operations that is planned as one.
struct FunctionPlan {
  std::size_t first = 0;  // indices of operations
  std::size_t count = 0;
  Planner planner = Planner::cost_solve;
  ane::Segmentation solve;  // its items are this function's operations; empty for `eligibility`

  std::size_t end() const { return first + count; }
};

struct Plan {
  std::vector<OpPlacement> ops;  // as many as were given
  std::vector<FunctionPlan> functions;
};

// Operations of one function must stand together. Linear in the number of operations.
Plan place(std::span<const Placeable> operations, const ane::CostTable& table,
           ane::ComputeUnits units);

// What the solve knows of an operation under this eligibility.
ane::SolveItem solve_item(const Placeable& operation);

}  // namespace anecompat::evaluate
