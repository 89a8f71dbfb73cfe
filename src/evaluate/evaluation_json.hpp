// An Evaluation as JSON: the form it has in report.json, and between a worker and its parent.
#pragma once

#include "evaluate/evaluation.hpp"
#include "evaluate/json_parts.hpp"

namespace anecompat::evaluate {

// Without durations: those differ from run to run, and reports keep them apart.
nlohmann::ordered_json to_json(const Evaluation& evaluation, Numbers numbers);

// What is wrong with it is noted in the cursor's problem.
Evaluation read_evaluation(const JsonCursor& json);

}  // namespace anecompat::evaluate
