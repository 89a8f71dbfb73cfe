// The MLModelConfiguration that every step of a run uses.
#pragma once

#include "evaluate/apple/apple_evaluator.hpp"
#include "evaluate/apple/objc_support.hpp"
#include "support/result.hpp"

#import <CoreML/CoreML.h>

namespace anecompat::evaluate::apple {

// Errors: unsupported, when a function is asked for and this macOS cannot pick one.
Result<Retained<MLModelConfiguration*>> make_configuration(const MeasureRequest& request);

}  // namespace anecompat::evaluate::apple
