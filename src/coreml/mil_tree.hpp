// A MIL value as a tree: for the few nested values, such as dictionaries, whose structure matters.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

struct MilTree {
  enum class Kind : std::uint8_t { sequence, string, number, boolean, other };

  Kind kind = Kind::other;
  std::string text = {};  // of a string, escapes undone
  double number = 0;      // of a number; 0 or 1 of a boolean
  std::vector<MilTree> items = {};

  bool is_sequence_of(std::size_t size) const {
    return kind == Kind::sequence && items.size() == size;
  }
};

// Parses a typed value, `dict<string, fp32>({{"ane", fp32(1)}})`, or a bare literal; a type before
// a value is passed over. Errors have the position within `value`; nesting beyond max_depth is one.
Result<MilTree> parse_mil_tree(std::string_view value, int max_depth);

// A string token's text with its escapes undone.
std::string unescape_mil(std::string_view text);

}  // namespace anecompat::coreml
