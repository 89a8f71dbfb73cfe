#include "evaluate/apple/shape_choice.hpp"

#include "support/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace anecompat::evaluate::apple {

namespace {

// Inputs beyond this are a mistake in the model or the manifest, not data.
constexpr std::int64_t k_max_elements = std::int64_t{1} << 31U;

bool in_ranges(const Dimensions& shape, const std::vector<DimensionRange>& ranges) {
  if (shape.size() != ranges.size())
    return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < ranges[i].lower || shape[i] > ranges[i].upper)
      return false;
  }
  return true;
}

std::string describe(const ShapeConstraint& constraint) {
  std::vector<std::string> parts;
  if (!constraint.enumerated.empty()) {
    constexpr std::size_t k_shown = 8;
    for (const auto& shape : constraint.enumerated) {
      if (parts.size() == k_shown) {
        parts.push_back(fmt::format("{} more", constraint.enumerated.size() - k_shown));
        break;
      }
      parts.push_back(to_string(shape));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
  }
  if (constraint.ranges.empty())
    return to_string(constraint.default_shape);
  for (const auto& range : constraint.ranges)
    parts.push_back(range.upper == INT64_MAX ? fmt::format("{} or more", range.lower)
                    : range.lower == range.upper
                        ? fmt::format("{}", range.lower)
                        : fmt::format("{} to {}", range.lower, range.upper));
  return fmt::format("[{}]", fmt::join(parts, ", "));
}

bool allowed(const ShapeConstraint& constraint, const Dimensions& shape) {
  if (!constraint.enumerated.empty())
    return std::find(constraint.enumerated.begin(), constraint.enumerated.end(), shape) !=
           constraint.enumerated.end();
  if (!constraint.ranges.empty())
    return in_ranges(shape, constraint.ranges);
  return shape == constraint.default_shape;
}

Dimensions default_of(const ShapeConstraint& constraint) {
  auto shape = constraint.default_shape;
  if (shape.empty() && !constraint.enumerated.empty())
    return constraint.enumerated.front();
  if (shape.empty())
    shape.resize(constraint.ranges.size());
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] <= 0 && i < constraint.ranges.size())
      shape[i] = std::max<std::int64_t>(1, constraint.ranges[i].lower);
  }
  return shape;
}

bool can_be_allocated(const Dimensions& shape) {
  std::int64_t elements = 1;
  for (const auto dimension : shape) {
    if (dimension <= 0 || dimension > k_max_elements / elements)
      return false;
    elements *= dimension;
  }
  return true;
}

}  // namespace

std::string to_string(const Dimensions& dimensions) {
  return fmt::format("[{}]", fmt::join(dimensions, ", "));
}

Result<Dimensions> choose_shape(const std::string& input, const ShapeConstraint& constraint,
                                const Dimensions& wanted) {
  if (!wanted.empty() && !allowed(constraint, wanted))
    return fail({.kind = ErrorKind::usage,
                 .message = fmt::format("the model does not allow shape {} for input {}",
                                        to_string(wanted), printable(input)),
                 .advice = fmt::format("it allows {}", describe(constraint))});
  auto shape = wanted.empty() ? default_of(constraint) : wanted;
  if (!can_be_allocated(shape))
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("input {} cannot be made: its shape is {}",
                                        printable(input), to_string(shape)),
                 .advice = "give it one under `shapes`"});
  return shape;
}

}  // namespace anecompat::evaluate::apple
