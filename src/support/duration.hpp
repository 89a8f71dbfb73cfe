// Spans of time as people write them in manifests and on the command line.
#pragma once

#include "support/result.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace anecompat {

// "90s", "5m", "1h30m", "500ms": whole numbers with units h, m, s, ms, largest first, each once;
// more than nothing and at most a day. Errors: usage.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace anecompat
