// What is known of the terminal, and whether colour is wanted.
#pragma once

#include "support/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace anecompat {

enum class ColorWhen : std::uint8_t { automatic, always, never };

// "auto", "always" or "never". Errors: usage.
Result<ColorWhen> parse_color_when(std::string_view text);

// The environment variables that have a say in colour.
struct ColorEnvironment {
  std::optional<std::string> no_color;
  std::optional<std::string> clicolor_force;
  std::optional<std::string> force_color;
  std::optional<std::string> term;

  static ColorEnvironment current();
};

// An explicit --color wins; then NO_COLOR (any value but empty, no-color.org), then CLICOLOR_FORCE
// and FORCE_COLOR (on unless "0" or empty; FORCE_COLOR=0 and =false turn colour off); then whether
// it is a terminal other than TERM=dumb.
bool color_wanted(ColorWhen when, bool is_terminal, const ColorEnvironment& environment);
bool color_wanted(ColorWhen when, bool is_terminal);

bool is_terminal(int file_descriptor);

// Columns of the terminal behind it; 0 when there is none, or it does not say.
std::size_t terminal_width(int file_descriptor);

}  // namespace anecompat
