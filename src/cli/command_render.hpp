#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat render REPORT.json`: any report from a saved one.
std::unique_ptr<Command> make_render_command();

}  // namespace anecompat::cli
