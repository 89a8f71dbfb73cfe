#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat calibrate ANALYTICS.mil...`: cost tables against what Core ML wrote itself.
std::unique_ptr<Command> make_calibrate_command();

}  // namespace anecompat::cli
