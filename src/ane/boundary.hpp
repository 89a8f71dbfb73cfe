// Boundary ops: those that only adapt a graph input or output to what the network computes with.
//
// They do not spoil the level `full`, and are counted apart. An operation is one when it is an
// adapter (a row of ops.yml says so: cast, reshape, expand_dims, squeeze, transpose, identity and
// the like), sits in the function's own block, and belongs to one of two chains:
//
//   input side   its only operand that is not constant is a model input or the result of an
//                input-side boundary op, and every operation that takes its result is eligible for
//                the ANE or itself an input-side boundary op. A cast of indices in front of a
//                gather that has to stay on the CPU is therefore part of that CPU work, not a
//                boundary op.
//   output side  its results go to model outputs or output-side boundary ops and nowhere else, and
//                its only operand that is not constant comes from an operation that is eligible for
//                the ANE or from another output-side boundary op. A cast of an argmax that has to
//                stay on the CPU is not one.
//
// Which operations are eligible depends on the chip, so which are boundary ops does, too.
#pragma once

#include "ane/op_facts.hpp"
#include "coreml/graph.hpp"

#include <span>
#include <vector>

namespace anecompat::ane {

// What the search has to know of one operation of a function's own block, in file order.
struct BoundaryCandidate {
  const coreml::Operation* op = nullptr;
  bool eligible = false;
  bool adapter = false;
};

// For each candidate whether it is a boundary op. Linear in the number of operands.
std::vector<bool> find_boundary(const GraphContext& context,
                                std::span<const BoundaryCandidate> candidates);

}  // namespace anecompat::ane
