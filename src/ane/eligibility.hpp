// Whether an operation may be given to the ANE of a chip, told from the rule tables.
//
// eligible is not placed: an eligible operation may still be left on the CPU because moving it
// would cost more than it saves.
#pragma once

#include "ane/op_facts.hpp"
#include "ane/reason.hpp"
#include "ane/rules.hpp"
#include "ane/target.hpp"
#include "ane/verdict.hpp"
#include "coreml/walk.hpp"

#include <optional>

namespace anecompat::ane {

struct Eligibility {
  bool ane = false;
  bool gpu = false;
  bool ane_on_newer_os = false;  // only the target's system keeps it off the ANE
  bool never_placed = false;     // eligible, and Core ML was never seen to put it there
  bool adapter = false;          // of a kind that may be a boundary op (boundary.hpp)
  std::optional<Reason> reason;  // why not the ANE; also of what is never placed
  Confidence confidence = Confidence::low;

  // The solve may put it on the ANE.
  bool may_be_placed() const { return ane && !never_placed; }
  // The ANE takes it on some system, which is what the eligible level is about.
  bool on_newest_os() const { return ane || ane_on_newer_os; }
};

// The CPU takes every operation. `facts` are those of `site`, from the GraphContext of its graph.
Eligibility check(const GraphContext& context, const coreml::OperationSite& site,
                  const OpFacts& facts, const Target& target, const RuleSet& rules);

// The same for one operation of a graph; looks through the whole graph first, so use the other one
// for many.
Eligibility check(const coreml::Graph& graph, const coreml::OperationSite& site,
                  const Target& target, const RuleSet& rules);

// What message placeholders are filled from.
MessageContext message_context(const GraphContext& context, const coreml::OperationSite& site,
                               const OpFacts& facts, const Target& target);

}  // namespace anecompat::ane
