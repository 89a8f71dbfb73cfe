// Core ML's estimate of an operation's run time, per backend.
#pragma once

#include "ane/cost_table.hpp"
#include "coreml/graph.hpp"

#include <optional>
#include <string_view>

namespace anecompat::ane {

// Which backends have an implementation of an operation; decided elsewhere (eligibility).
struct BackendSupport {
  bool ane = true;
  bool cpu = true;
  bool gpu = true;
};

struct OpCost {
  PerBackend<std::optional<double>> ms;  // nullopt: the backend does not take the operation
  Exactness exactness = Exactness::extrapolated;  // of the least certain of them
  std::string_view rule;                          // name of the rule that decided; the table's

  bool known() const;
};

// What `table` (with its fallbacks) says about `op`. A backend has an estimate when it is
// supported, the table knows the backend, and no gap of the rule excludes the element type. Work
// grows with the number of operands only.
OpCost cost_of(const coreml::Graph& graph, const coreml::Operation& op, const CostTable& table,
               BackendSupport support = {});

// The step of `steps` that holds at `feature`, and whether rows were seen there.
struct ChosenStep {
  std::size_t index = 0;
  bool measured = true;
};
ChosenStep choose_step(const std::vector<RateStep>& steps, double feature);

}  // namespace anecompat::ane
