// Which operation of one model is which of another.
#pragma once

#include "evaluate/evaluation.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace anecompat::gate {

// For each operation of `after` the one of `before` that it was, each used once. Operations in the
// same surroundings are the same, by name where several are; then those with the same name; then
// those whose neighbours are the same: so that a renamed, reordered or re-converted model still
// lines up, and an edited one differs where it was edited. Work grows linearly with operations and
// their inputs, but for the sorting.
std::vector<std::optional<std::uint32_t>> match_ops(std::span<const evaluate::OpResult> before,
                                                    std::span<const evaluate::OpResult> after);

}  // namespace anecompat::gate
