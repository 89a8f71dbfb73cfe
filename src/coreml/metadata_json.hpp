// metadata.json of a compiled model.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// What the compiler tells about the model for people; every member may be empty.
struct ModelMetadata {
  // An input, output or state, as far as a tensor goes.
  struct Feature {
    std::string name;
    std::string type;       // "MultiArray", "Image", "State", …
    std::string data_type;  // "Float16", "Int32", …
    std::vector<std::int64_t> shape;
    bool optional = false;
  };

  std::int64_t spec_version = 0;
  std::string model_type;         // "mlProgram", without the "MLModelType_" before it
  std::string storage_precision;  // "Mixed (Float16, Palettized (4 bits))"
  std::string compute_precision;
  std::map<std::string, std::string> availability;       // "iOS" → "16.0"
  std::map<std::string, std::uint64_t> operation_types;  // as written: "Ios16.constexprLutToDense"
  std::vector<Feature> inputs;
  std::vector<Feature> outputs;
  std::vector<Feature> states;
  std::map<std::string, std::string> user_defined;
  bool updatable = false;
};

// Members that are missing or of another type than usual stay empty. Errors: unreadable with line
// and column for what is not JSON, or not an array of one object.
Result<ModelMetadata> parse_metadata(std::string_view text);

// An operation type in a form in which the histogram's "Ios16.reduceL1Norm" and MIL's
// "reduce_l1_norm" are equal: "reducel1norm".
std::string comparable_operation_type(std::string_view type);

}  // namespace anecompat::coreml
