// Which shape a flexible input gets.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace anecompat::evaluate::apple {

using Dimensions = std::vector<std::int64_t>;

struct DimensionRange {
  std::int64_t lower = 0;
  std::int64_t upper = 0;  // inclusive; INT64_MAX: unbounded
};

// What the model says about an input's shape.
struct ShapeConstraint {
  Dimensions default_shape;
  std::vector<Dimensions> enumerated;  // empty: not enumerated
  std::vector<DimensionRange> ranges;  // one per dimension; empty: no ranges
};

// The wanted shape if it is allowed (empty: none is wanted), else the default one; where a default
// dimension is missing, the smallest that is allowed. Errors: usage, naming the input and what is
// allowed; unreadable, when the model allows nothing that could be allocated.
Result<Dimensions> choose_shape(const std::string& input, const ShapeConstraint& constraint,
                                const Dimensions& wanted);

// "[1, 3, 224, 224]"
std::string to_string(const Dimensions& dimensions);

}  // namespace anecompat::evaluate::apple
