// Inputs and outputs of an ML Program from the program itself, for when no description says more.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/mil_parser.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace anecompat::coreml {

struct ProgramFeatures {
  std::span<const Feature> inputs;
  std::span<const Feature> outputs;
  std::span<const Feature> states;
};

// The features of `function` by the types of its inputs and outputs. `text` is what MIL text says
// about it beside that, its FlexibleShapeInformation in particular; null when there is none.
ProgramFeatures features_of(const Function& function, const MilFunctionText* text,
                            GraphBuilder& builder);

// Gives features whose shape is fixed as far as they say the flexibility that `text` has for them.
std::span<const Feature> with_flexibility(std::span<const Feature> features,
                                          const MilFunctionText& text, GraphBuilder& builder);

// "main" where there is one, else the first function's name; empty when there is none.
std::string_view default_function_of(std::span<const Function> functions);

// The lowest specification version whose models may have functions of that opset, as MIL text
// ("ios17") or protobuf ("CoreML7") spells it; 0 for one that is not known.
std::int64_t spec_version_of_opset(std::string_view opset);

}  // namespace anecompat::coreml
