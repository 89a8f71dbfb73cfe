// What a model is asked about: a chip family, and the system on it where that is named.
#pragma once

#include "ane/chip.hpp"
#include "ane/os_version.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace anecompat::ane {

struct Target {
  // Most questions are about a chip with the newest system.
  Target(ChipFamily family) : chip(family) {}
  Target(ChipFamily family, OsVersion system) : chip(family), os(system) {}

  ChipFamily chip;
  std::optional<OsVersion> os;  // none: the newest one that rules are known for

  friend bool operator==(const Target&, const Target&) = default;
};

// "h16", "h13@macos13"
std::string to_string(const Target& target);
// "h13@macos13 (A14, M1, macOS 13)"; text that is no target is made printable.
std::string describe_target(std::string_view text);

// CHIP or CHIP@OS, as parse_chip() and parse_os_version() take them. Errors: usage.
Result<Target> parse_target(std::string_view text);

}  // namespace anecompat::ane
