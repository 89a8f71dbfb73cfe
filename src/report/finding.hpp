// One thing the gate has to say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::report {

enum class Severity : std::uint8_t { off, notice, warning, error };

std::string_view to_string(Severity severity);
std::optional<Severity> parse_severity(std::string_view text);

struct Finding {
  std::string rule;  // "expectation-not-met"; see `anecompat rules`
  Severity severity = Severity::error;
  std::string entry;                 // empty: the run as a whole
  std::string target;                // "h16"; empty: all targets of the entry
  std::string message;               // one line: what is wrong, with the numbers
  std::vector<std::string> details;  // further lines: the ops concerned, why, what to do
  std::string file;                  // manifest path as given on the command line
  std::uint64_t line = 0;            // of the entry in it
  std::string fingerprint;  // 16 hex digits; the same for the same finding on any machine and day
  std::optional<std::string> suppressed;  // the reason given, when a suppression accepts it
};

}  // namespace anecompat::report
