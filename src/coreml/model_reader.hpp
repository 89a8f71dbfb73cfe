// Reader of Model.proto: a whole model message, and its description alone.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/read_context.hpp"
#include "coreml/wire.hpp"
#include "support/result.hpp"

#include <span>
#include <string_view>

namespace anecompat::coreml {

// One ModelDescription message.
struct Description {
  struct FunctionFeatures {
    std::string_view name;
    std::span<const Feature> inputs;
    std::span<const Feature> outputs;
    std::span<const Feature> states;
  };

  std::span<const Feature> inputs;  // of the default function where there are several
  std::span<const Feature> outputs;
  std::span<const Feature> states;
  std::span<const FunctionFeatures> functions;  // empty for a single-function model
  std::string_view default_function = "main";
  std::span<const std::pair<std::string_view, std::string_view>> metadata;
};

// Reads a Model message with everything in it: nested pipelines, networks, programs. Errors carry
// the byte offset in their message.
Result<Model> read_model_message(WireReader message, GraphBuilder& builder,
                                 const ReadContext& context);

// Reads a ModelDescription message (also found in coremldata.bin of compiled models).
Result<Description> read_description(WireReader message, GraphBuilder& builder);

// The Error for a decoding failure that `reader` has met.
Error wire_error(const WireReader& reader);

}  // namespace anecompat::coreml
