// The analysis half of the predictor: a Graph in, one Evaluation per target out.
#pragma once

#include "ane/chip.hpp"
#include "ane/rules.hpp"
#include "coreml/graph.hpp"
#include "evaluate/evaluation.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::evaluate {

struct AnalysisOptions {
  std::string_view function;                  // empty: the default one
  std::span<const std::string> what_if = {};  // glob patterns of op paths treated as removed
};

// Facts of every operation are computed once and held against the rules of every target. Time and
// memory are linear in the number of operations.
std::vector<Evaluation> evaluate_graph(const coreml::Graph& graph,
                                       std::span<const ane::ChipFamily> targets,
                                       const ane::RuleSet& rules,
                                       const AnalysisOptions& options = {});
Evaluation evaluate_graph(const coreml::Graph& graph, ane::ChipFamily target,
                          const ane::RuleSet& rules);

}  // namespace anecompat::evaluate
