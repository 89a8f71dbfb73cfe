#include "evaluate/analysis.hpp"

#include "ane/boundary.hpp"
#include "ane/eligibility.hpp"
#include "ane/level.hpp"
#include "ane/risk.hpp"
#include "coreml/walk.hpp"
#include "evaluate/cost_reasons.hpp"
#include "evaluate/model_kinds.hpp"
#include "evaluate/placement.hpp"
#include "evaluate/verdict_reasons.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace anecompat::evaluate {

namespace {

using ane::Confidence;
using ane::Level;
using ane::Target;
using coreml::OperationKind;
using coreml::OperationSite;

// What is the same for every target.
struct Work {
  const coreml::Operation* op = nullptr;
  const coreml::Function* function = nullptr;
  int depth = 0;
  bool folded = false;
  bool in_level = true;  // of a neural (stage) model
  Planner planner = Planner::cost_solve;
  std::string path;
  std::string type;
  std::string shape;
  std::vector<std::uint32_t> inputs;  // positions of the operations it reads from
};

class Analysis {
 public:
  Analysis(const coreml::Graph& graph, std::span<const Target> targets, const ane::RuleSet& rules,
           const ane::CostTables& tables, const AnalysisOptions& options)
      : m_graph(graph),
        m_context(graph, options.reshape_frequency),
        m_targets(targets),
        m_rules(rules),
        m_tables(tables),
        m_options(options) {
    m_eligibility.resize(targets.size());
    for (const auto& target : targets)
      m_risks.emplace_back(rules, target);
  }

  std::vector<Evaluation> run() {
    coreml::walk(m_graph, m_options.function, [this](const OperationSite& site) { add(site); });
    for_each_model(m_graph.model(), [this](const coreml::Model& model) {
      const auto facts = m_context.model_facts(model);
      for (auto& risks : m_risks)
        risks.add_model(facts);
    });
    std::vector<Evaluation> evaluations;
    evaluations.reserve(m_targets.size());
    for (std::size_t i = 0; i < m_targets.size(); ++i)
      evaluations.push_back(finish(i));
    return evaluations;
  }

 private:
  void add(const OperationSite& site) {
    if (site.op.kind != OperationKind::compute)
      return;
    auto path = site.path();
    const auto* what_if = find_what_if(m_options.what_if, path);
    if (what_if != nullptr && what_if->action == WhatIf::Action::remove)
      return;
    const auto facts = m_context.facts(site);
    const bool folded = m_context.is_folded(site.op);
    for (std::size_t i = 0; i < m_targets.size(); ++i) {
      auto eligibility = ane::check(m_context, site, facts, m_targets[i], m_rules);
      if (what_if != nullptr)
        move(eligibility, what_if->action);
      if (eligibility.ane && !folded)
        m_risks[i].add_operation(m_context, site, facts);
      if (folded)
        eligibility.reason.reset();
      m_eligibility[i].push_back(std::move(eligibility));
    }
    const bool program = site.model.kind == coreml::ModelKind::ml_program;
    m_work.push_back(
        {.op = &site.op,
         .function = &site.function,
         .depth = site.depth,
         .folded = folded,
         .in_level = is_neural(site.model),
         .planner = program ? Planner::cost_solve : Planner::eligibility,
         .path = std::move(path),
         .type = std::string(site.op.source_type.empty() ? site.op.type : site.op.source_type),
         .shape = site.op.outputs.empty() ? std::string()
                                          : m_graph.value(site.op.outputs[0]).type.to_string(),
         .inputs = producers_of(site.op)});
    m_positions.emplace(&site.op, static_cast<std::uint32_t>(m_work.size() - 1));
  }

  std::vector<std::uint32_t> producers_of(const coreml::Operation& op) const {
    std::vector<std::uint32_t> producers;
    for (const auto& argument : op.inputs) {
      for (const auto id : argument.values) {
        const auto found = m_positions.find(m_graph.value(id).producer);
        if (found != m_positions.end())
          producers.push_back(found->second);
      }
    }
    return producers;
  }

  static void move(ane::Eligibility& eligibility, WhatIf::Action action) {
    eligibility.ane = action == WhatIf::Action::to_ane;
    eligibility.never_placed = false;
    eligibility.reason.reset();
    if (!eligibility.ane)
      eligibility.reason =
          ane::Reason{.code = "what-if", .message = "taken to be on the CPU, as asked"};
  }

  // The estimates of `table`, as if every backend took every operation. Targets that share a table
  // follow each other, so only the last is kept.
  const std::vector<ane::OpCost>& costs(const ane::CostTable& table) {
    if (m_costs_of != &table) {
      m_costs_of = &table;
      m_costs.clear();
      m_costs.reserve(m_work.size());
      for (const auto& work : m_work) {
        m_costs.push_back(work.folded || !work.in_level ? ane::OpCost{}
                                                        : ane::cost_of(m_graph, *work.op, table));
      }
    }
    return m_costs;
  }

  std::vector<Placeable> placeables(std::size_t target, const ane::CostTable& table) {
    const auto& estimates = costs(table);
    std::vector<Placeable> operations;
    operations.reserve(m_work.size());
    for (std::size_t i = 0; i < m_work.size(); ++i) {
      const auto& work = m_work[i];
      operations.push_back({.op = work.op,
                            .function = work.function,
                            .eligibility = &m_eligibility[target][i],
                            .cost = work.in_level && !work.folded ? &estimates[i] : nullptr,
                            .folded = work.folded,
                            .planner = work.planner});
    }
    return operations;
  }

  // Boundary ops are looked for in each function's own block by itself.
  std::vector<bool> boundary_of(const std::vector<ane::Eligibility>& eligibility) const {
    std::vector<bool> boundary(m_work.size());
    std::size_t first = 0;
    while (first < m_work.size()) {
      auto last = first;
      while (last < m_work.size() && m_work[last].function == m_work[first].function)
        ++last;
      std::vector<ane::BoundaryCandidate> candidates;
      std::vector<std::size_t> where;
      for (auto i = first; i < last; ++i) {
        if (m_work[i].folded || !m_work[i].in_level)
          continue;
        candidates.push_back({.op = m_work[i].op,
                              .eligible = eligibility[i].ane,
                              .adapter = eligibility[i].adapter && m_work[i].depth == 0});
        where.push_back(i);
      }
      const auto found = ane::find_boundary(m_context, candidates);
      for (std::size_t i = 0; i < found.size(); ++i)
        boundary[where[i]] = found[i];
      first = last;
    }
    return boundary;
  }

  template <typename OnAne>
  ane::LevelVerdict level(const OnAne& on_ane, const std::vector<bool>& boundary,
                          const std::vector<ane::Eligibility>& eligibility) const {
    std::vector<ane::Standing> standings;
    standings.reserve(m_work.size());
    for (std::size_t i = 0; i < m_work.size(); ++i) {
      if (m_work[i].folded || !m_work[i].in_level)
        continue;
      standings.push_back({.on_ane = on_ane(i),
                           .boundary = boundary[i],
                           .adapter = eligibility[i].adapter,
                           .confidence = eligibility[i].confidence});
    }
    auto verdict = ane::level_of(standings);
    if (verdict.level == Level::full && labels_outside(m_graph.model()))
      verdict.level = Level::partial;
    return verdict;
  }

  Evaluation finish(std::size_t index) {
    const auto choice = m_tables.choice(m_targets[index]);
    const auto& eligibility = m_eligibility[index];
    Evaluation evaluation;
    evaluation.target = ane::to_string(m_targets[index]);
    evaluation.evidence = ane::Evidence::predicted;

    const auto operations = placeables(index, *choice.table);
    const auto boundary = boundary_of(eligibility);
    const auto plan = place(operations, *choice.table, m_options.compute_units);
    auto reasons = cost_reasons(operations, plan, *choice.table, [this](std::size_t i) {
      return fmt::format("the {} at {}", printable(m_work[i].type), printable(m_work[i].path));
    });
    evaluation.ops.reserve(m_work.size());
    for (std::size_t i = 0; i < m_work.size(); ++i) {
      auto reason = eligibility[i].may_be_placed() ? std::move(reasons[i]) : eligibility[i].reason;
      add_op(i, eligibility[i], plan.ops[i], std::move(reason), boundary[i], evaluation);
    }
    add_segments(evaluation);
    add_shares(evaluation);
    for (auto& risk : std::move(m_risks[index]).take())
      evaluation.risks.push_back({risk.row->rule.reason, std::move(risk.message), risk.op});

    const auto placed =
        level([&](std::size_t i) { return plan.ops[i].backend == ane::Backend::ane; }, boundary,
              eligibility);
    const auto eligible =
        level([&](std::size_t i) { return eligibility[i].on_newest_os() && !m_work[i].folded; },
              boundary, eligibility);
    decide(placed, eligible, {.operations = operations, .plan = plan, .costs = choice}, evaluation);
    return evaluation;
  }

  void add_op(std::size_t i, const ane::Eligibility& eligibility, const OpPlacement& placement,
              std::optional<Reason> reason, bool boundary, Evaluation& evaluation) const {
    const auto& work = m_work[i];
    OpResult result{.path = work.path,
                    .type = work.type,
                    .shape = work.shape,
                    .placement = placement.backend,
                    .boundary = boundary,
                    .reason = std::move(reason),
                    .inputs = work.inputs};
    if (placement.cost_ms)
      result.cost_us = *placement.cost_ms * 1000;
    if (!work.folded) {
      if (eligibility.ane)
        result.eligible.push_back(ane::Backend::ane);
      result.eligible.push_back(ane::Backend::cpu);
      if (eligibility.gpu)
        result.eligible.push_back(ane::Backend::gpu);
    }
    auto& counts = evaluation.counts;
    ++counts.ops;
    counts.ane += placement.backend == ane::Backend::ane ? 1U : 0U;
    counts.cpu += placement.backend == ane::Backend::cpu ? 1U : 0U;
    counts.gpu += placement.backend == ane::Backend::gpu ? 1U : 0U;
    counts.unplaced += placement.backend ? 0U : 1U;
    counts.boundary += boundary ? 1U : 0U;
    counts.eligible += eligibility.ane && !work.folded ? 1U : 0U;
    evaluation.ops.push_back(std::move(result));
  }

  // Operations without a device neither end a segment nor begin one; a stage does.
  void add_segments(Evaluation& evaluation) const {
    const coreml::Function* function = nullptr;
    for (std::uint32_t i = 0; i < evaluation.ops.size(); ++i) {
      const auto& op = evaluation.ops[i];
      if (!op.placement)
        continue;
      auto& segments = evaluation.segments;
      if (segments.empty() || segments.back().backend != *op.placement ||
          function != m_work[i].function)
        segments.push_back({.backend = *op.placement, .first = i, .count = 0, .cost_us = 0});
      auto& segment = segments.back();
      segment.count = i - segment.first + 1;
      // One operation without an estimate leaves its segment without.
      segment.cost_us = segment.cost_us && op.cost_us
                            ? std::optional(*segment.cost_us + *op.cost_us)
                            : std::nullopt;
      function = m_work[i].function;
    }
  }

  static void add_shares(Evaluation& evaluation) {
    const auto& counts = evaluation.counts;
    const auto placed = counts.ane + counts.cpu + counts.gpu;
    if (placed > 0)
      evaluation.shares.ops = static_cast<double>(counts.ane) / placed;
    double total = 0;
    double on_ane = 0;
    for (const auto& segment : evaluation.segments) {
      if (!segment.cost_us)
        return;
      total += *segment.cost_us;
      if (segment.backend == ane::Backend::ane)
        on_ane += *segment.cost_us;
    }
    if (total > 0)
      evaluation.shares.cost = on_ane / total;
  }

  void decide(const ane::LevelVerdict& placed, const ane::LevelVerdict& eligible,
              const CostEvidence& costs, Evaluation& evaluation) const {
    const auto& root = m_graph.model();
    if (auto reason = unknown_reason(root)) {
      evaluation.reason = std::move(reason);
      return;
    }
    if (!has_neural_part(root)) {
      evaluation.level = Level::none;
      evaluation.eligible_level = Level::none;
      evaluation.confidence = Confidence::high;
      evaluation.reason =
          Reason{.code = "classic-model",
                 .message = fmt::format("{} is not a neural network", printable(root.type_name))};
      return;
    }
    evaluation.level = placed.level;
    evaluation.eligible_level = eligible.level;
    evaluation.confidence = std::min(placed.confidence, eligible.confidence);
    // Where nothing can go, estimates decide nothing.
    if (eligible.level != Level::none)
      evaluation.confidence =
          std::min(evaluation.confidence, judge_costs(costs, m_options.compute_units, evaluation));
    if (placed.level == Level::unknown)
      evaluation.reason =
          Reason{.code = "no-operations", .message = "the model has no compute operations"};
    else if (placed.level != Level::full)
      evaluation.reason = main_reason(evaluation, in_level(), labels_outside(root));
  }

  // Which operations the level is about.
  std::vector<bool> in_level() const {
    std::vector<bool> flags(m_work.size());
    for (std::size_t i = 0; i < flags.size(); ++i)
      flags[i] = m_work[i].in_level && !m_work[i].folded;
    return flags;
  }

  const coreml::Graph& m_graph;
  ane::GraphContext m_context;
  std::span<const Target> m_targets;
  const ane::RuleSet& m_rules;
  const ane::CostTables& m_tables;
  const AnalysisOptions& m_options;
  std::vector<Work> m_work;
  std::unordered_map<const coreml::Operation*, std::uint32_t> m_positions;  // in m_work
  std::vector<std::vector<ane::Eligibility>> m_eligibility;  // by target, then by operation
  std::vector<ane::RiskCollector> m_risks;                   // by target
  const ane::CostTable* m_costs_of = nullptr;
  std::vector<ane::OpCost> m_costs;  // of m_costs_of, by operation
};

}  // namespace

std::vector<Evaluation> evaluate_graph(const coreml::Graph& graph, std::span<const Target> targets,
                                       const ane::RuleSet& rules, const ane::CostTables& tables,
                                       const AnalysisOptions& options) {
  return Analysis(graph, targets, rules, tables, options).run();
}

Evaluation evaluate_graph(const coreml::Graph& graph, const Target& target,
                          const ane::RuleSet& rules, const ane::CostTables& tables,
                          const AnalysisOptions& options) {
  return std::move(evaluate_graph(graph, std::span(&target, 1), rules, tables, options)[0]);
}

}  // namespace anecompat::evaluate
