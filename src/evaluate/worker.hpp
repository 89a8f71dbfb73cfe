// The worker's side: one request in, one answer out, and then the process ends.
#pragma once

#include "support/result.hpp"

#include <string>
#include <string_view>

namespace anecompat::evaluate {

// The answer to a request. Errors: usage, when the request is not understood; everything else,
// running out of memory included, is an answer.
Result<std::string> answer_request(std::string_view request);

// Reads a request from standard input up to its end, and writes the answer to the result channel.
// The process ends by itself when whoever started it is gone. Errors: usage, when this process was
// not started as a worker; system.
Result<void> serve_worker();

}  // namespace anecompat::evaluate
