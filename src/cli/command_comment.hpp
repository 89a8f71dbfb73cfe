#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat comment REPORT.json`: the report as a comment on the pull request, kept up to date.
std::unique_ptr<Command> make_comment_command();

}  // namespace anecompat::cli
