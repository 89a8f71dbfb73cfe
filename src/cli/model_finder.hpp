// Models below a directory.
#pragma once

#include "support/result.hpp"

#include <string>
#include <vector>

namespace anecompat::cli {

// Paths of all models below `directory`, relative to it, sorted: .mlmodel, .mlmodel.gz and .mil
// files, .mlpackage and .mlmodelc directories (as units; nothing inside them). Hidden directories,
// build directories and node_modules are left out, links to directories are not followed. Errors:
// not_found, unreadable.
Result<std::vector<std::string>> find_models(const std::string& directory);

}  // namespace anecompat::cli
