#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat history add|list|html`: the record of nightly runs.
std::unique_ptr<Command> make_history_command();

}  // namespace anecompat::cli
