// The evaluator that works anywhere: static analysis of the model file.
#pragma once

#include "evaluate/evaluator.hpp"
#include "support/result.hpp"

#include <memory>
#include <string>
#include <vector>

namespace anecompat::evaluate {

struct PredictorOptions {
  std::string rules_directory;  // replaces the built-in policies/ane; empty: the built-in rules
  std::vector<std::string> what_if;  // questions as parse_what_if() takes them
};

// The cost tables inside the program are read when the first model needs them; files of a rules
// directory at once, so that a mistake in them is told before anything is evaluated.
// Errors: manifest, when a rule or cost file is wrong (file:line:column).
Result<std::unique_ptr<Evaluator>> make_predictor(const PredictorOptions& options);

}  // namespace anecompat::evaluate
