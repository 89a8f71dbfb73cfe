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
  std::vector<std::string> what_if;  // glob patterns of op paths that are treated as removed
};

// Errors: manifest, when a rule file is wrong (file:line:column).
Result<std::unique_ptr<Evaluator>> make_predictor(const PredictorOptions& options);

}  // namespace anecompat::evaluate
