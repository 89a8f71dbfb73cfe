#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat schema NAME`: the JSON Schema of a file format.
std::unique_ptr<Command> make_schema_command();

}  // namespace anecompat::cli
