// What decided a level, and how far the estimates behind it can be believed.
#pragma once

#include "ane/cost_table.hpp"
#include "ane/reason.hpp"
#include "ane/verdict.hpp"
#include "evaluate/evaluation.hpp"
#include "evaluate/placement.hpp"

#include <optional>
#include <span>
#include <vector>

namespace anecompat::evaluate {

// What a verdict by cost rests on.
struct CostEvidence {
  std::span<const Placeable> operations;
  const Plan& plan;
  const ane::TableChoice& costs;
};

// The confidence that the estimates allow: the table's, less where the verdict hangs on estimates
// of types that were never seen, on a tie, or on a GPU that was not measured. Notes a tie that
// would change the level, and a GPU that competes, among the evaluation's risks; its level must be
// set.
ane::Confidence judge_costs(const CostEvidence& evidence, ane::ComputeUnits units,
                            Evaluation& evaluation);

// The reason that keeps most operations off the ANE, boundary ops and other stages apart: what the
// ANE does not take before what does not pay, for it is what can be changed. A model that could go
// to the ANE and does not is explained as a whole. `in_level`: by operation.
std::optional<ane::Reason> main_reason(const Evaluation& evaluation,
                                       const std::vector<bool>& in_level, bool labels_outside);

}  // namespace anecompat::evaluate
