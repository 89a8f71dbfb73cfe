#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat diff OLD NEW`: what changed, operation by operation.
std::unique_ptr<Command> make_diff_command();

}  // namespace anecompat::cli
