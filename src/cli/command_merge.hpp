#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat merge REPORT.json… -o FILE`: joins the reports of all shards into the whole one.
std::unique_ptr<Command> make_merge_command();

}  // namespace anecompat::cli
