#include "evaluate/what_if.hpp"

#include "support/text.hpp"

namespace anecompat::evaluate {

WhatIf parse_what_if(std::string_view text) {
  constexpr std::string_view k_ane = "=ane";
  constexpr std::string_view k_cpu = "=cpu";
  WhatIf question;
  if (text.ends_with(k_ane)) {
    question.action = WhatIf::Action::to_ane;
    text.remove_suffix(k_ane.size());
  } else if (text.ends_with(k_cpu)) {
    question.action = WhatIf::Action::to_cpu;
    text.remove_suffix(k_cpu.size());
  }
  question.pattern = text;
  return question;
}

const WhatIf* find_what_if(std::span<const WhatIf> questions, std::string_view path) {
  for (auto i = questions.size(); i-- > 0;) {
    if (glob_match(questions[i].pattern, path))
      return &questions[i];
  }
  return nullptr;
}

}  // namespace anecompat::evaluate
