// From an MLComputePlan to plain data.
#pragma once

#include "evaluate/measurement.hpp"

#import <Foundation/Foundation.h>

namespace anecompat::evaluate::apple {

// Every operation of every function, block and pipeline child, and every layer, in the model's
// order. Operations that Core ML reports no device for have none. May raise.
ComputePlan walk_plan(id compute_plan);

}  // namespace anecompat::evaluate::apple
