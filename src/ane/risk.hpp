// What may go wrong although the placement is right: size, compile risk, numerics.
#pragma once

#include "ane/eligibility.hpp"
#include "ane/op_facts.hpp"
#include "ane/rules.hpp"
#include "ane/target.hpp"

#include <span>
#include <string>
#include <vector>

namespace anecompat::ane {

// A risk that was met; operations of the same risk are counted, the first one is named.
struct FoundRisk {
  const RiskRow* row = nullptr;
  std::string message;
  std::string op;  // path of the first operation; empty: the whole model
  std::uint32_t count = 1;
};

class RiskCollector {
 public:
  RiskCollector(const RuleSet& rules, const Target& target) : m_rules(&rules), m_target(target) {}

  // Risks of an operation that goes to the ANE.
  void add_operation(const GraphContext& context, const coreml::OperationSite& site,
                     const OpFacts& facts);
  // Risks of a (stage) model as a whole.
  void add_model(const OpFacts& facts);

  // In the order met; a count above one ends the message.
  std::vector<FoundRisk> take() &&;

 private:
  const RuleSet* m_rules;
  Target m_target;
  std::vector<FoundRisk> m_found;
};

}  // namespace anecompat::ane
