// Why the ANE does not take an operation, in Core ML's own words (private, macOS 14.5 and later).
#pragma once

#include "evaluate/apple/configuration.hpp"

#include <string>

namespace anecompat::evaluate::apple {

// Adds messages to the operations of `plan`. Loads another instance of the model with profiling on.
// Every step is optional: false when this macOS lacks one, with the reason in `why_not`.
bool add_analytics(const std::string& compiled, MLModelConfiguration* configuration,
                   ComputePlan& plan, std::string& why_not);

}  // namespace anecompat::evaluate::apple
