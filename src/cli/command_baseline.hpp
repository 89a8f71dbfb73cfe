#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat baseline update|show|prune`: the record that `check` compares with.
std::unique_ptr<Command> make_baseline_command();

}  // namespace anecompat::cli
