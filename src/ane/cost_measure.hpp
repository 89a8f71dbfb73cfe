// What there is to count about one operation: elements, bytes and floating point operations, the
// way Core ML's estimator counts them.
#pragma once

#include "ane/cost_table.hpp"
#include "coreml/graph.hpp"

#include <optional>

namespace anecompat::ane {

// A count and whether every shape it rests on was known.
struct Measure {
  double amount = 0;
  bool complete = true;
};

// Bytes of the selected operands as typed in the program. Constants and settings count like any
// operand (bool 1, string 0), of several values bound to one parameter only the first counts, an
// unknown dimension counts as one (both as Core ML has it), an unrecorded element type as fp16.
Measure bytes_of(const coreml::Graph& graph, const coreml::Operation& op,
                 const OperandSelection& selection);

// Elements of the selected operands; here every value of a parameter counts.
Measure elements_of(const coreml::Graph& graph, const coreml::Operation& op,
                    const OperandSelection& selection);

// Elements of a pooling window (`kernel_sizes`), 1 when there is none.
Measure window_of(const coreml::Graph& graph, const coreml::Operation& op);

// Floating point operations as `term` counts them; nullopt when a shape it cannot do without (a
// weight's) is missing.
std::optional<Measure> flop_of(const coreml::Graph& graph, const coreml::Operation& op,
                               const FlopTerm& term);

// The value `term.steps` are chosen by.
double flop_feature_of(const coreml::Graph& graph, const coreml::Operation& op,
                       const FlopTerm& term, double flop);

}  // namespace anecompat::ane
