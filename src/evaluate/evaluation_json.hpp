// An Evaluation as JSON: the form it has in report.json, and between a worker and its parent.
#pragma once

#include "evaluate/evaluation.hpp"
#include "support/json_cursor.hpp"

#include <nlohmann/json.hpp>

namespace anecompat::evaluate {

enum class Numbers : std::uint8_t {
  rounded,  // to what they mean: shares to a hundredth of a percent, costs to a nanosecond
  exact,    // so that nothing is judged differently because it crossed a process boundary
};

// Without durations: those differ from run to run, and reports keep them apart.
nlohmann::ordered_json to_json(const Evaluation& evaluation, Numbers numbers);

// What is wrong with it is noted in the cursor's problem.
Evaluation read_evaluation(const JsonCursor& json);

}  // namespace anecompat::evaluate
