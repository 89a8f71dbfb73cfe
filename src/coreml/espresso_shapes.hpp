// Shapes of the blobs of a compiled neural network.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/reader.hpp"
#include "support/result.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace anecompat::coreml {

using EspressoShapes = std::unordered_map<std::string, Shape>;

// Reads the JSON of a model.espresso.shape. A blob without `_rank` is [n, k, h, w] (batch,
// channels, height, width), with a leading sequence length where `seq` is above 1; with `_rank` r
// it is the last r of (seq, n, k, h, w). Errors: unreadable, naming the blob and the number.
Result<EspressoShapes> read_espresso_shapes(std::string_view json, GraphBuilder& builder,
                                            const ReadLimits& limits);

}  // namespace anecompat::coreml
