#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat doctor`: what this host can do. Exits 0 only when measured evidence is possible.
std::unique_ptr<Command> make_doctor_command();

}  // namespace anecompat::cli
