#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat inspect MODEL`: what the reader sees in a model.
std::unique_ptr<Command> make_inspect_command();

}  // namespace anecompat::cli
