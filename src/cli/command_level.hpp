#pragma once

#include <span>
#include <string>

namespace anecompat::cli {

// `anecompat MODELPATH [LOGDIR]`, the original's form: prints the level and returns it as the exit
// code: 0 full, 1 partial, 2 none, 3 the model cannot be read, 4 compiled, 5 given inputs, 6 run,
// 7 anything else went wrong, 8 the level is unknown.
int run_level(std::span<const std::string> arguments);

// Whether a first argument can only mean a model: something that exists, or is named like one.
bool looks_like_model(const std::string& argument);

}  // namespace anecompat::cli
