#include "evaluate/comparison.hpp"

#include <array>
#include <utility>

namespace anecompat::evaluate {

namespace {

constexpr std::array k_kinds = {
    std::pair{OpChange::Kind::left, std::string_view("left")},
    std::pair{OpChange::Kind::joined, std::string_view("joined")},
    std::pair{OpChange::Kind::moved, std::string_view("moved")},
    std::pair{OpChange::Kind::changed, std::string_view("changed")},
    std::pair{OpChange::Kind::added, std::string_view("added")},
    std::pair{OpChange::Kind::removed, std::string_view("removed")},
};

}  // namespace

std::string_view to_string(OpChange::Kind kind) {
  for (const auto& [value, word] : k_kinds) {
    if (value == kind)
      return word;
  }
  return "";
}

std::optional<OpChange::Kind> parse_change_kind(std::string_view text) {
  for (const auto& [value, word] : k_kinds) {
    if (word == text)
      return value;
  }
  return std::nullopt;
}

}  // namespace anecompat::evaluate
