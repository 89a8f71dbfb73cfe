// Models that are one node to us: trees, linear models, feature engineering, vision and text
// models, custom models, and those that cannot be looked into.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/model_reader.hpp"

#include <span>
#include <string_view>

namespace anecompat::coreml {

// One function "main" with one operation of type `type_name`, from the description's inputs to its
// outputs; arguments have the features' names.
std::span<const Function> single_node(std::string_view type_name, const Description& description,
                                      GraphBuilder& builder);

}  // namespace anecompat::coreml
