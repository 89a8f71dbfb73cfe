// Evaluations that have no result, and what to do about each kind.
#pragma once

#include "evaluate/evaluation.hpp"
#include "gate/draft.hpp"
#include "report/report.hpp"

namespace anecompat::gate {

// `evaluation-failed` of an evaluation with an error.
Draft evaluation_failed(const report::Entry& entry, const evaluate::Evaluation& evaluation);
// The same of an entry that nothing was evaluated of.
Draft not_evaluated(const report::Entry& entry);

}  // namespace anecompat::gate
