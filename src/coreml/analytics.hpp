// Reader of analytics.mil, the text in which Core ML writes down what its planner thought of each
// operation.
#pragma once

#include "coreml/reader.hpp"
#include "support/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// What the planner says about one operation on one backend ("ane", "bnns", "classic_cpu",
// "mps_graph", …).
struct BackendAnalysis {
  std::string backend;
  std::optional<bool> supported;            // BackendSupport
  std::optional<double> estimated_runtime;  // EstimatedRunTime, in the file's unit
  std::string message;                      // ValidationMessages: why it is not supported
};

struct OperationAnalysis {
  std::string function;
  std::string name;  // of the first output; empty for an operation without
  std::string type;  // as written
  TextPosition position;
  std::string selected_backend;           // SelectedBackend; empty when none is named
  std::vector<BackendAnalysis> backends;  // sorted by name

  const BackendAnalysis* on(std::string_view backend) const;
};

// The operations that carry at least one of these attributes, in file order. Errors have line and
// column.
Result<std::vector<OperationAnalysis>> read_analytics(std::string_view text,
                                                      const ReadLimits& limits = {});

}  // namespace anecompat::coreml
