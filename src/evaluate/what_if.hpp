// Questions of the form "and if this operation were not there?".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace anecompat::evaluate {

struct WhatIf {
  enum class Action : std::uint8_t {
    remove,  // treated as absent
    to_ane,  // the ANE takes it
    to_cpu,  // the ANE does not take it
  };

  std::string pattern;  // glob over op paths
  Action action = Action::remove;
};

// "GLOB", "GLOB=ane" or "GLOB=cpu". An op path may hold `=`: only these two endings mean a move.
WhatIf parse_what_if(std::string_view text);

// The last question that is about the operation, or null: later ones refine earlier ones.
const WhatIf* find_what_if(std::span<const WhatIf> questions, std::string_view path);

}  // namespace anecompat::evaluate
