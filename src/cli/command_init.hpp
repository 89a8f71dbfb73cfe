#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat init [DIR]`: writes a manifest for the models it finds.
std::unique_ptr<Command> make_init_command();

}  // namespace anecompat::cli
