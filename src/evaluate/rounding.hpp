// The precision of report.json: numbers are rounded to what they mean.
#pragma once

#include "evaluate/evaluation.hpp"

namespace anecompat::evaluate {

// Shares to a hundredth of a percent; costs to a nanosecond, as Core ML's own estimates have them.
double rounded_share(double share);
double rounded_cost(double cost_us);

// Gives the evaluation the numbers it has in report.json, so that what is judged now and what is
// judged from a saved report are the same.
void round_numbers(Evaluation& evaluation);

}  // namespace anecompat::evaluate
