#include "ane/boundary.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace anecompat::ane {

namespace {

using coreml::Operation;
using coreml::ValueId;

// The one operand that is not constant, or k_no_value when there is not exactly one.
ValueId only_operand(const GraphContext& context, const Operation& op) {
  auto found = coreml::k_no_value;
  for (const auto& argument : op.inputs) {
    for (const auto id : argument.values) {
      if (context.is_constant(id) || id == found)
        continue;
      if (found != coreml::k_no_value)
        return coreml::k_no_value;
      found = id;
    }
  }
  return found;
}

class Search {
 public:
  Search(const GraphContext& context, std::span<const BoundaryCandidate> candidates)
      : m_context(context), m_candidates(candidates) {
    m_operand.reserve(candidates.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const auto& candidate = candidates[i];
      m_operand.push_back(candidate.adapter ? only_operand(context, *candidate.op)
                                            : coreml::k_no_value);
      m_index.emplace(candidate.op, i);
    }
  }

  std::vector<bool> run() const {
    auto found = input_side();
    const auto outputs = output_side();
    for (std::size_t i = 0; i < found.size(); ++i)
      found[i] = found[i] || outputs[i];
    return found;
  }

 private:
  bool is_adapter(std::size_t i) const { return m_operand[i] != coreml::k_no_value; }

  std::optional<std::size_t> producer_of(ValueId id) const {
    const auto found = m_index.find(m_context.graph().value(id).producer);
    if (found == m_index.end())
      return std::nullopt;
    return found->second;
  }

  void mark_producers(std::size_t i, std::vector<bool>& marks) const {
    for (const auto& argument : m_candidates[i].op->inputs) {
      for (const auto id : argument.values) {
        if (const auto producer = producer_of(id))
          marks[*producer] = true;
      }
    }
  }

  std::vector<bool> input_side() const {
    std::vector<bool> side(m_candidates.size());
    for (std::size_t i = 0; i < side.size(); ++i) {
      if (!is_adapter(i))
        continue;
      const auto producer = producer_of(m_operand[i]);
      side[i] =
          producer ? side[*producer] : m_context.graph().value(m_operand[i]).producer == nullptr;
    }
    std::vector<bool> feeds_cpu(m_candidates.size());
    for (auto i = side.size(); i-- > 0;) {
      side[i] = side[i] && !feeds_cpu[i];
      if (!side[i] && !m_candidates[i].eligible)
        mark_producers(i, feeds_cpu);
    }
    return side;
  }

  std::vector<bool> output_side() const {
    std::vector<bool> side(m_candidates.size());
    std::vector<bool> feeds_work(m_candidates.size());
    for (auto i = side.size(); i-- > 0;) {
      const auto outputs = m_candidates[i].op->outputs;
      side[i] = is_adapter(i) && !feeds_work[i] && std::ranges::any_of(outputs, [&](ValueId id) {
                  return m_context.is_model_output(id) || m_context.is_used(id);
                });
      if (!side[i])
        mark_producers(i, feeds_work);
    }
    for (std::size_t i = 0; i < side.size(); ++i) {
      if (!side[i])
        continue;
      if (const auto producer = producer_of(m_operand[i]))
        side[i] = m_candidates[*producer].eligible || side[*producer];
    }
    return side;
  }

  const GraphContext& m_context;
  std::span<const BoundaryCandidate> m_candidates;
  std::vector<ValueId> m_operand;  // of adapters; k_no_value: not one
  std::unordered_map<const Operation*, std::size_t> m_index;
};

}  // namespace

std::vector<bool> find_boundary(const GraphContext& context,
                                std::span<const BoundaryCandidate> candidates) {
  return Search(context, candidates).run();
}

}  // namespace anecompat::ane
