// A Comparison as JSON, both ways: part of an Evaluation in report.json, and what `diff` prints.
#pragma once

#include "evaluate/comparison.hpp"
#include "evaluate/json_parts.hpp"

namespace anecompat::evaluate {

nlohmann::ordered_json to_json(const Comparison& comparison, Numbers numbers);

// What is wrong with it is noted in the cursor's problem.
Comparison read_comparison(const JsonCursor& json);

}  // namespace anecompat::evaluate
