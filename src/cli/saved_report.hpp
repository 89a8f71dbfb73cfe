// Reports that an earlier run saved.
#pragma once

#include "report/report.hpp"
#include "support/result.hpp"

#include <string>

namespace anecompat::cli {

// Errors: not_found, unreadable, system.
Result<report::Report> load_report(const std::string& path);

}  // namespace anecompat::cli
