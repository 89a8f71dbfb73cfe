#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat check [MANIFEST]`: the batch gate.
std::unique_ptr<Command> make_check_command();

}  // namespace anecompat::cli
