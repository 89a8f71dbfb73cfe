// What a measured run saw, laid over the graph that our own reader made of the model.
#pragma once

#include "coreml/graph.hpp"
#include "evaluate/measured_verdict.hpp"
#include "evaluate/measurement.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::evaluate {

// One compute operation of the graph.
struct MappedOp {
  std::optional<ane::Backend> placement;  // by the plan; none: no device reported
  std::vector<ane::Backend> supported;
  bool boundary = false;    // only adapts a model input or output
  bool in_level = true;     // the level is about it: not so of trees and the like in a pipeline
  bool in_segment = false;  // between the inputs and outputs of a segment that ran on the ANE
  std::string ane_message;  // why the ANE does not take it, in Core ML's words
  std::optional<double> weight;
};

struct SegmentMapping {
  std::vector<MappedOp> ops;  // the compute operations, in the order of coreml::walk()
  std::optional<PlanCounts> plan;
  Coverage coverage = Coverage::unknown;
  std::uint32_t segments = 0;          // distinct procedures that ran in predictions
  std::vector<std::string> unmatched;  // planned operations that the graph does not have
};

// Operations of pipelines' stages are matched by the stage's position; operations of a function by
// the name of their first output. Stages of a pipeline that are no networks count neither for the
// coverage nor for the plan, as they do not for a predicted level.
//
// Coverage is `all` when every compute operation that is no boundary op lies in a segment, `some`
// when the names of the segments lead through a part of the graph, and `unknown` when they cannot
// be found in it.
SegmentMapping map_segments(const coreml::Graph& graph, std::string_view function,
                            const Measurement& measurement);

// Everything the verdict depends on.
MeasuredFacts measured_facts(const Measurement& measurement, const SegmentMapping& mapping);

}  // namespace anecompat::evaluate
