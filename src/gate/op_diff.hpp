// What changed between two evaluations, operation by operation.
#pragma once

#include "evaluate/evaluation.hpp"

#include <cstddef>

namespace anecompat::gate {

inline constexpr std::size_t k_all_changes = static_cast<std::size_t>(-1);

// Compares two evaluations of a model. Nothing but names and order changed: no changes. At most
// `kept` changes are listed; the counts are of all. What left the ANE is in the order of the loss
// it causes: an operation that the ANE no longer takes is charged with its own time and with that
// of the ones nearest to it that left although the ANE would take them. Where no times are known
// each operation counts as one.
evaluate::Comparison compare_evaluations(const evaluate::Evaluation& before,
                                         const evaluate::Evaluation& after,
                                         std::size_t kept = k_all_changes);

evaluate::Standing standing_of(const evaluate::Evaluation& evaluation);

}  // namespace anecompat::gate
