// Reader of .mlpackage directories.
#pragma once

#include "coreml/graph.hpp"
#include "coreml/reader.hpp"
#include "support/result.hpp"

#include <string>

namespace anecompat::coreml {

// Finds the model by Manifest.json's rootModelIdentifier and reads it. Item paths that are
// absolute, contain `..` or lead through symbolic links out of the package are refused.
Result<Graph> read_package(const std::string& directory, const ReadLimits& limits);

}  // namespace anecompat::coreml
