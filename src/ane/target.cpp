#include "ane/target.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

namespace anecompat::ane {

std::string to_string(const Target& target) {
  auto text = std::string(to_string(target.chip));
  if (target.os)
    text += "@" + to_string(*target.os);
  return text;
}

std::string describe_target(std::string_view text) {
  const auto target = parse_target(text);
  if (!target)
    return printable(text);
  const auto system = target->os ? ", " + display_name(*target->os) : std::string();
  return fmt::format("{} ({}{})", printable(text), chips_of(target->chip), system);
}

Result<Target> parse_target(std::string_view text) {
  const auto at = text.find('@');
  ANECOMPAT_TRY_ASSIGN(const auto chip, parse_chip(text.substr(0, at)));
  if (at == std::string_view::npos)
    return Target(chip);
  ANECOMPAT_TRY_ASSIGN(const auto os, parse_os_version(text.substr(at + 1)));
  return Target(chip, os);
}

}  // namespace anecompat::ane
