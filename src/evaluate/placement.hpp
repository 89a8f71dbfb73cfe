// Where operations go, given what is eligible: the seam for the cost solve.
#pragma once

#include "ane/chip.hpp"
#include "ane/eligibility.hpp"
#include "ane/verdict.hpp"
#include "coreml/graph.hpp"

#include <optional>
#include <span>
#include <vector>

namespace anecompat::evaluate {

// One compute operation to be placed, in file order.
struct Placeable {
  const coreml::Operation* op = nullptr;
  const coreml::Function* function = nullptr;  // each function of each stage is planned alone
  ane::Eligibility eligibility;
  bool folded = false;  // Core ML computes it before it plans: goes nowhere
};

// The ANE wherever eligible, else the CPU: what the eligible level is about, and the placement as
// long as no costs are known.
std::vector<std::optional<ane::Backend>> place_by_eligibility(
    std::span<const Placeable> operations);

}  // namespace anecompat::evaluate
