#include "support/terminal.hpp"

#include "support/text.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace anecompat {

namespace {

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr)
    return std::nullopt;
  return value;
}

bool is_set(const std::optional<std::string>& value) {
  return value && !value->empty();
}

}  // namespace

Result<ColorWhen> parse_color_when(std::string_view text) {
  if (text == "auto")
    return ColorWhen::automatic;
  if (text == "always")
    return ColorWhen::always;
  if (text == "never")
    return ColorWhen::never;
  constexpr std::array<std::string_view, 3> k_words = {"auto", "always", "never"};
  const auto meant = did_you_mean(text, k_words);
  return fail({.kind = ErrorKind::usage,
               .message = fmt::format("--color: unknown value \"{}\"", printable(text)),
               .advice = meant ? fmt::format("did you mean \"{}\"?", *meant)
                               : "use auto, always or never"});
}

ColorEnvironment ColorEnvironment::current() {
  return {.no_color = variable("NO_COLOR"),
          .clicolor_force = variable("CLICOLOR_FORCE"),
          .force_color = variable("FORCE_COLOR"),
          .term = variable("TERM")};
}

bool color_wanted(ColorWhen when, bool is_terminal, const ColorEnvironment& environment) {
  if (when != ColorWhen::automatic)
    return when == ColorWhen::always;
  if (is_set(environment.no_color))
    return false;
  if (is_set(environment.clicolor_force) && environment.clicolor_force != "0")
    return true;
  if (is_set(environment.force_color))
    return environment.force_color != "0" && environment.force_color != "false";
  return is_terminal && environment.term != "dumb";
}

bool color_wanted(ColorWhen when, bool is_terminal) {
  return color_wanted(when, is_terminal, ColorEnvironment::current());
}

bool is_terminal(int file_descriptor) {
  return ::isatty(file_descriptor) == 1;
}

std::size_t terminal_width(int file_descriptor) {
  winsize size = {};
  if (::ioctl(file_descriptor, TIOCGWINSZ, &size) != 0)
    return 0;
  return size.ws_col;
}

}  // namespace anecompat
