// A measured run as files for people.
#pragma once

#include "evaluate/measurement.hpp"
#include "support/result.hpp"

#include <string>

namespace anecompat::evaluate {

// Writes run.log, programs.txt (keys and names of what ran), surfaces.txt, plan.tsv and
// measurement.json into a directory, which is made. Errors: system.
Result<void> write_log(const Measurement& measurement, const std::string& directory);

// The contents of run.log: what was seen, in order.
std::string describe(const Measurement& measurement);

}  // namespace anecompat::evaluate
