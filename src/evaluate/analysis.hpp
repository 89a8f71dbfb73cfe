// The analysis half of the predictor: a Graph in, one Evaluation per target out.
#pragma once

#include "ane/cost_table.hpp"
#include "ane/rules.hpp"
#include "ane/target.hpp"
#include "coreml/graph.hpp"
#include "evaluate/evaluation.hpp"
#include "evaluate/what_if.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace anecompat::evaluate {

struct AnalysisOptions {
  std::string_view function;  // empty: the default one
  ane::ComputeUnits compute_units = ane::ComputeUnits::cpu_and_ne;
  ane::ReshapeFrequency reshape_frequency = ane::ReshapeFrequency::frequent;
  std::span<const WhatIf> what_if = {};
};

// Facts of every operation are computed once and held against the rules of every target; where they
// go is solved per target, with the estimates of the table that answers for it. Time and memory are
// linear in the number of operations.
std::vector<Evaluation> evaluate_graph(const coreml::Graph& graph,
                                       std::span<const ane::Target> targets,
                                       const ane::RuleSet& rules, const ane::CostTables& tables,
                                       const AnalysisOptions& options = {});
Evaluation evaluate_graph(const coreml::Graph& graph, const ane::Target& target,
                          const ane::RuleSet& rules, const ane::CostTables& tables,
                          const AnalysisOptions& options = {});

}  // namespace anecompat::evaluate
