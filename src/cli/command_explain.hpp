#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat explain MODEL`: why operations are off the ANE.
std::unique_ptr<Command> make_explain_command();

}  // namespace anecompat::cli
