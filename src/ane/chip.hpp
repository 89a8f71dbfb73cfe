// The chips a model can be asked to run on.
#pragma once

#include "support/result.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::ane {

// A Neural Engine generation; all chips of a family share what their ANE can do.
// Which chips belong together: facts of several public sources, of medium confidence for A18 and
// A19.
enum class ChipFamily : std::uint8_t {
  h13,  // A14, M1
  h14,  // A15, M2
  h15,  // A16, M3
  h16,  // A17 Pro, M4
  h17,  // A18, A18 Pro, M5
  h18,  // A19, A19 Pro, M6
};

inline constexpr std::array k_chip_families = {ChipFamily::h13, ChipFamily::h14, ChipFamily::h15,
                                               ChipFamily::h16, ChipFamily::h17, ChipFamily::h18};

// "h13" … "h18"
std::string_view to_string(ChipFamily family);
// "A14, M1" …, for people.
std::string_view chips_of(ChipFamily family);

// Takes a family ("h16") or a marketing name in any case and with or without spaces or hyphens
// ("m4", "M4 Pro", "a17pro", "A18"). Errors: usage, with the name that was probably meant.
Result<ChipFamily> parse_chip(std::string_view text);

// Every name parse_chip takes, for completion and messages.
std::vector<std::string_view> chip_names();

}  // namespace anecompat::ane
