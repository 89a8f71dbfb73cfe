// Whether an operation may be given to the ANE of a chip, told from the rule tables.
//
// eligible is not placed: an eligible operation may still be left on the CPU because moving it
// would cost more than it saves.
#pragma once

#include "ane/chip.hpp"
#include "ane/op_facts.hpp"
#include "ane/reason.hpp"
#include "ane/rules.hpp"
#include "ane/verdict.hpp"
#include "coreml/walk.hpp"

#include <optional>

namespace anecompat::ane {

struct Eligibility {
  bool ane = false;
  bool gpu = false;
  bool adapter = false;          // of a kind that may be a boundary op (boundary.hpp)
  std::optional<Reason> reason;  // why not the ANE
  Confidence confidence = Confidence::low;
};

// The CPU takes every operation. `facts` are those of `site`, from the GraphContext of its graph.
Eligibility check(const GraphContext& context, const coreml::OperationSite& site,
                  const OpFacts& facts, ChipFamily chip, const RuleSet& rules);

// The same for one operation of a graph; looks through the whole graph first, so use the other one
// for many.
Eligibility check(const coreml::Graph& graph, const coreml::OperationSite& site, ChipFamily chip,
                  const RuleSet& rules);

// What message placeholders are filled from.
MessageContext message_context(const GraphContext& context, const coreml::OperationSite& site,
                               const OpFacts& facts, ChipFamily chip);

}  // namespace anecompat::ane
