// The door to all readers: a path in, a Graph out.
#pragma once

#include "coreml/graph.hpp"
#include "support/result.hpp"

#include <cstdint>
#include <string>

namespace anecompat::coreml {

// Bounds on what a model file may ask of the reader. Beyond them it is refused as hostile.
struct ReadLimits {
  int max_depth = 100;  // nested messages, blocks, pipelines, brackets
  std::uint32_t max_operations = 2'000'000;
  std::uint32_t max_values = 8'000'000;
  std::uint64_t max_text_bytes = 512U << 20U;  // of a model.mil or espresso network
};

// Reads the model at `path`: an .mlmodel (or .mlmodel.gz), an .mlpackage or .mlmodelc directory, or
// a bare .mil file; the kind is told from the contents, not only the name. Weights are never read.
// Errors: not_found, unreadable (with the byte offset or line where it broke, and advice where a
// known cause fits, such as a Git-LFS pointer), unsupported (encrypted, too new), system.
Result<Graph> read_model(const std::string& path, const ReadLimits& limits = {});

}  // namespace anecompat::coreml
