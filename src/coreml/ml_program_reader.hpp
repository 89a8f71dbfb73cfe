// Reader of MIL.proto: an ML Program as the package's protobuf holds it.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/read_context.hpp"
#include "coreml/wire.hpp"
#include "support/result.hpp"

#include <span>

namespace anecompat::coreml {

struct ProgramParts {
  std::span<const Function> functions;
  std::span<const WeightSummary> weights;
};

// Reads a MILSpec.Program message.
Result<ProgramParts> read_ml_program(WireReader program, GraphBuilder& builder,
                                     const ReadContext& context);

}  // namespace anecompat::coreml
