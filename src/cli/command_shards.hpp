#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat shards [MANIFEST] --count N`: the matrix of a sharded check.
std::unique_ptr<Command> make_shards_command();

}  // namespace anecompat::cli
