// Reader of ModelDescription and what is in it: features, their types, shapes and flexibility.
#pragma once

#include "coreml/layer_fields.hpp"
#include "coreml/model_reader.hpp"

#include <span>

namespace anecompat::coreml {

// Reads a description that the file holds in several pieces, which merge.
Result<Description> read_description_pieces(std::span<const Extent> pieces, WireReader& parent,
                                            GraphBuilder& builder);

// The value type a feature has as an input or output of a graph.
ValueType feature_type(const Feature& feature, GraphBuilder& builder);

}  // namespace anecompat::coreml
