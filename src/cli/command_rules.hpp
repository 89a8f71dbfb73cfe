#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat rules [CODE]`: every gate rule and reason code.
std::unique_ptr<Command> make_rules_command();

}  // namespace anecompat::cli
