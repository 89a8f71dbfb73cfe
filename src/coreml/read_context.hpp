// What all readers of one model share.
#pragma once

#include "coreml/reader.hpp"

#include <string>

namespace anecompat::coreml {

struct ReadContext {
  ReadLimits limits;
  // The directory that "@model_path" in a blob reference means; empty for a bare .mlmodel.
  std::string model_directory;
  // How deep in pipelines we are; readers of children pass depth + 1 and refuse beyond
  // limits.max_depth.
  int depth = 0;
};

}  // namespace anecompat::coreml
