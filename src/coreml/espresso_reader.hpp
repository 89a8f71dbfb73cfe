// Reader of compiled neural networks: model.espresso.net and model.espresso.shape.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/read_context.hpp"
#include "support/result.hpp"

#include <span>
#include <string>

namespace anecompat::coreml {

struct EspressoParts {
  std::span<const Function> functions;  // one, "main"
  std::span<const WeightSummary> weights;
};

// Reads model.espresso.net (plain JSON or pbze-compressed) and model.espresso.shape of `directory`.
Result<EspressoParts> read_espresso(const std::string& directory, GraphBuilder& builder,
                                    const ReadContext& context);

}  // namespace anecompat::coreml
