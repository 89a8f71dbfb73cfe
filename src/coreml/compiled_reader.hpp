// Reader of compiled .mlmodelc directories: ML Programs, neural networks, pipelines of them.
#pragma once

#include "coreml/graph.hpp"
#include "coreml/reader.hpp"
#include "support/result.hpp"

#include <string>

namespace anecompat::coreml {

Result<Graph> read_compiled(const std::string& directory, const ReadLimits& limits);

}  // namespace anecompat::coreml
