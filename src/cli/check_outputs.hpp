// Where the reports of `check` go.
#pragma once

#include "report/reporter.hpp"
#include "support/result.hpp"

#include <span>
#include <string>
#include <vector>

namespace anecompat::cli {

// The --report options, or what fits where we run when there are none. Errors (usage): an unknown
// format, two reports to one place, two documents on standard output.
Result<std::vector<report::Output>> parse_outputs(std::span<const std::string> options);

// Writes them all, also when one cannot be written; false then, and the errors are printed.
bool write_outputs(const report::Report& report, std::span<const report::Output> outputs,
                   const report::RenderOptions& options);

}  // namespace anecompat::cli
