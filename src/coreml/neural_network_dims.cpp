#include "coreml/neural_network_dims.hpp"

#include <algorithm>

namespace anecompat::coreml {

std::int64_t product(std::span<const std::int64_t> dims) {
  std::int64_t result = 1;
  for (const auto dim : dims)
    result = multiply(result, dim);
  return result;
}

std::optional<std::size_t> axis_in(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size)
    return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

Dims fill_target(const Dims& input, std::span<const std::int64_t> target, bool copies_zero) {
  if (target.empty() || target.size() > k_max_rank)
    return std::nullopt;
  std::vector<std::int64_t> dims(target.begin(), target.end());
  std::optional<std::size_t> open;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && copies_zero)
      dims[i] = input && i < input->size() ? (*input)[i] : k_unknown_dim;
    else if (dims[i] == -1)
      open = i;
    else
      dims[i] = dim_of(dims[i]);
  }
  if (!open)
    return dims;
  std::int64_t rest = 1;
  for (std::size_t i = 0; i < dims.size(); ++i)
    rest = i == *open ? rest : multiply(rest, dims[i]);
  const auto whole = input ? product(*input) : k_unknown_dim;
  dims[*open] = known(whole) && rest > 0 && whole % rest == 0 ? whole / rest : k_unknown_dim;
  return dims;
}

}  // namespace anecompat::coreml
