// A Measurement as JSON and back: what a worker process hands to its parent, and what a log keeps.
#pragma once

#include "evaluate/measurement.hpp"
#include "support/result.hpp"

#include <string>
#include <string_view>

namespace anecompat::evaluate {

// Keys in a fixed order; text that is not UTF-8 is replaced, so that this never fails.
std::string to_json(const Measurement& measurement);
std::string to_json(const HostProbe& host);

// Treats the text as hostile: a worker can have written anything. Errors: unreadable, naming the
// key.
Result<Measurement> measurement_from_json(std::string_view text);
Result<HostProbe> host_probe_from_json(std::string_view text);

}  // namespace anecompat::evaluate
