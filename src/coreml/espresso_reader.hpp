// Reader of compiled neural networks: model.espresso.net and model.espresso.shape.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/read_context.hpp"
#include "support/result.hpp"

#include <span>
#include <string>
#include <string_view>

namespace anecompat::coreml {

struct EspressoParts {
  std::span<const Function> functions;  // one, "main"
  std::span<const WeightSummary> weights;
};

// Reads model.espresso.net (plain JSON or pbze-compressed) and model.espresso.shape of `directory`.
//
// Inputs are the blobs that no layer produces, outputs those that no layer consumes or that are
// marked `is_output`. Shapes are [n, k, h, w] (read_espresso_shapes); a missing shape file leaves
// them unknown, with a note. Element types are not recorded in this format. Of the weights file
// only the table is read.
Result<EspressoParts> read_espresso(const std::string& directory, GraphBuilder& builder,
                                    const ReadContext& context);

// The same for texts in memory. `directory` is where the weights file is looked for, and `shape`
// may be empty.
Result<EspressoParts> read_espresso_text(std::string_view net, std::string_view shape,
                                         const std::string& directory, GraphBuilder& builder,
                                         const ReadContext& context);

}  // namespace anecompat::coreml
