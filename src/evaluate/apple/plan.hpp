// Core ML's own plan: the device of every operation, as MLComputePlan tells it (macOS 14.4).
#pragma once

#include "evaluate/apple/configuration.hpp"

#include <chrono>
#include <string>

namespace anecompat::evaluate::apple {

// `compiled` must be a compiled bundle: anything else ends the process inside Core ML. Loads the
// model, so it can take long; on a timeout the plan is given up and Core ML left to itself.
// Errors: unsupported (this macOS has none), unreadable (with Core ML's words), interrupted.
Result<ComputePlan> load_plan(const std::string& compiled, MLModelConfiguration* configuration,
                              std::chrono::milliseconds timeout);

}  // namespace anecompat::evaluate::apple
