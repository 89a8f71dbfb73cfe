// coremldata.bin: the header of a compiled model.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// The root coremldata.bin of a compiled model.
struct CoreMLData {
  std::uint32_t model_type = 0;    // field number of the model's type in Model.proto
  std::string_view variant;        // "generic"; pipelines tell of their children here
  std::uint64_t spec_version = 0;  // specificationVersion of the source
  // A ModelDescription message, byte for byte; points into what was parsed.
  std::span<const std::uint8_t> description;
};

// Walks the file as compilers write it: u32 type, a version of three i64, a string, u64
// specification version, 24 bytes, a string that is the description. Errors: unreadable, with the
// offset.
Result<CoreMLData> parse_coremldata(std::span<const std::uint8_t> bytes);

// modelNames/coremldata.bin of a compiled pipeline: the names of its stages, in order.
Result<std::vector<std::string>> parse_model_names(std::span<const std::uint8_t> bytes);

}  // namespace anecompat::coreml
