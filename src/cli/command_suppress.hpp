#pragma once

#include "cli/command.hpp"

#include <memory>

namespace anecompat::cli {

// `anecompat suppress FINGERPRINT`: accepts a finding in the manifest.
std::unique_ptr<Command> make_suppress_command();

}  // namespace anecompat::cli
