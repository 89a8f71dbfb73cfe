// Reader of MIL text: model.mil of compiled bundles, bare .mil files, analytics.mil.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/ml_program_reader.hpp"
#include "coreml/read_context.hpp"
#include "support/result.hpp"

#include <string>
#include <string_view>

namespace anecompat::coreml {

// Parses a whole program. `text` must stay alive as long as the Graph (builder.keep()). Errors have
// line and column.
Result<ProgramParts> read_mil_text(std::string_view text, GraphBuilder& builder,
                                   const ReadContext& context);

// Reads a bare .mil file.
Result<Graph> read_mil_file(const std::string& path, const ReadLimits& limits);

}  // namespace anecompat::coreml
