// The facts that an operation's own parameters tell, in MIL's names with MIL's defaults
// (facts of the operation registry of coremltools: which parameters exist and what an omitted one
// means).
#pragma once

#include "ane/op_facts.hpp"

namespace anecompat::ane {

// Fills in kernel, strides, groups, contraction, axes and the like.
void add_parameter_facts(const GraphContext& context, const coreml::Operation& op, OpFacts& facts);

// Fills in how the weights of `op` are stored.
void add_weight_facts(const GraphContext& context, const coreml::Operation& op, OpFacts& facts);

}  // namespace anecompat::ane
