#include "cli/rule_texts.hpp"

#include "manifest/rule_catalogue.hpp"

#include <fmt/format.h>

namespace anecompat::cli {

std::vector<report::RuleText> rule_texts() {
  std::vector<report::RuleText> texts;
  for (const auto& rule : manifest::gate_rules()) {
    texts.push_back({.id = std::string(rule.id),
                     .title = std::string(rule.title),
                     .help = fmt::format("{} {}", rule.meaning, rule.advice)});
  }
  return texts;
}

}  // namespace anecompat::cli
