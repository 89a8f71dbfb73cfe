// Sums up how a program's weights are stored, from their types alone.
#pragma once

#include "coreml/graph_builder.hpp"

#include <map>
#include <set>
#include <span>
#include <string>

namespace anecompat::coreml {

class WeightTally {
 public:
  explicit WeightTally(const GraphBuilder& builder) : m_builder(&builder) {}

  // A finished operation whose outputs and operands have their types; others than `const` and
  // constexpr_* are ignored.
  void add(const Operation& op);

  // Sorted by encoding; names are interned in `builder`.
  std::span<const WeightSummary> store(GraphBuilder& builder) const;

 private:
  struct Sum {
    std::uint64_t tensors = 0;
    std::uint64_t bytes = 0;
  };

  void add_constant(const Literal& literal);
  void add_constexpr(const Operation& op);
  // Takes back a constant that turns out to be the raw material of a constexpr_*.
  void take_back(ValueId id);
  // The type of parameter `name`, wherever it is written; null when absent.
  const ValueType* parameter_type(const Operation& op, std::string_view name) const;

  const GraphBuilder* m_builder;
  std::map<std::string, Sum, std::less<>> m_sums;
  std::set<ValueId> m_taken_back;
};

}  // namespace anecompat::coreml
