// The options of anecompat_evaluate_json.
#pragma once

#include "cli/evidence_choice.hpp"
#include "evaluate/evaluator.hpp"
#include "support/result.hpp"

#include <string_view>

namespace anecompat::capi {

struct Options {
  evaluate::Request request;  // model_path apart
  cli::EvaluatorChoice choice;
};

// Empty text: all defaults. Errors: usage, naming the member.
Result<Options> read_options(std::string_view json);

}  // namespace anecompat::capi
