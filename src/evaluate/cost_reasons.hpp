// Why operations that the ANE would take are not placed there, and what would change it.
#pragma once

#include "ane/reason.hpp"
#include "evaluate/placement.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace anecompat::evaluate {

// "the cast at main/x": names an operation by its index.
using Describe = std::function<std::string(std::size_t)>;

// For each operation that is eligible but not on the ANE the reason, else nullopt:
//   cost-small-graph  even all the eligible operations together save less than a launch costs
//   cost-switch       going there and back costs more than it saves; names the operations in
//   between gpu-preferred     compute units `all`, and the GPU is estimated or was seen to be
//   preferred
std::vector<std::optional<ane::Reason>> cost_reasons(std::span<const Placeable> operations,
                                                     const Plan& plan, const ane::CostTable& table,
                                                     const Describe& describe);

// One sentence for a function that could go to the ANE but does not, by the solve's totals: what it
// takes on the CPU and with the ANE, and how much more work would move it. Empty when it is there,
// or cannot go at all.
std::string missing_work_text(const FunctionPlan& function);

// "0.11 ms", "2.50 ms", "under 0.01 ms".
std::string ms_text(double ms);

}  // namespace anecompat::evaluate
