// Arithmetic on dimensions that a hostile file may have chosen. Unknown stays unknown; what is
// negative or absurdly large becomes unknown.
#pragma once

#include "coreml/layer_draft.hpp"
#include "coreml/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace anecompat::coreml {

// Beyond this no tensor exists, and products of two dimensions might overflow.
constexpr std::int64_t k_max_dim = std::int64_t{1} << 31U;
// More dimensions than Core ML has; a layer that makes more has an unknown shape.
constexpr std::size_t k_max_rank = 16;

inline bool known(std::int64_t dim) {
  return dim >= 0;
}
// The dimension, or unknown where it is out of range.
inline std::int64_t dim_of(std::int64_t value) {
  return value >= 0 && value <= k_max_dim ? value : k_unknown_dim;
}
inline std::int64_t multiply(std::int64_t a, std::int64_t b) {
  return known(dim_of(a)) && known(dim_of(b)) ? dim_of(a * b) : k_unknown_dim;
}
inline std::int64_t add(std::int64_t a, std::int64_t b) {
  return known(dim_of(a)) && known(dim_of(b)) ? dim_of(a + b) : k_unknown_dim;
}
std::int64_t product(std::span<const std::int64_t> dims);
// A negative axis counts from the end; nullopt when it is not within the rank.
std::optional<std::size_t> axis_in(std::int64_t axis, std::size_t rank);
// A target shape in which -1 stands for what is left of `input`; 0 for the same dimension of it
// where `copies_zero`.
Dims fill_target(const Dims& input, std::span<const std::int64_t> target, bool copies_zero);

}  // namespace anecompat::coreml
