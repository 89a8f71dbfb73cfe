#include "report/finding.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace anecompat::report {

namespace {

constexpr std::array<std::pair<Severity, std::string_view>, 4> k_words = {
    {{Severity::off, "off"},
     {Severity::notice, "notice"},
     {Severity::warning, "warning"},
     {Severity::error, "error"}}};

}  // namespace

std::string_view to_string(Severity severity) {
  return std::ranges::find(k_words, severity, &std::pair<Severity, std::string_view>::first)
      ->second;
}

std::optional<Severity> parse_severity(std::string_view text) {
  const auto* found =
      std::ranges::find(k_words, text, &std::pair<Severity, std::string_view>::second);
  if (found == k_words.end())
    return std::nullopt;
  return found->first;
}

}  // namespace anecompat::report
