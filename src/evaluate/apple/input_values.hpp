// One input value of each kind that Core ML knows.
#pragma once

#include "evaluate/apple/objc_support.hpp"
#include "evaluate/apple/random_data.hpp"
#include "evaluate/apple/shape_choice.hpp"
#include "support/result.hpp"

#import <CoreML/CoreML.h>

#include <string>

namespace anecompat::evaluate::apple {

struct InputValue {
  Retained<MLFeatureValue*> value;
  std::string description;  // "x: fp16[1, 3, 224, 224]"
};

// A random value for an input. `wanted` empty: the default shape. Errors: usage, unreadable,
// unsupported, system; each names the input. May raise.
Result<InputValue> make_input(MLFeatureDescription* description, const Dimensions& wanted,
                              RandomData& random);

}  // namespace anecompat::evaluate::apple
