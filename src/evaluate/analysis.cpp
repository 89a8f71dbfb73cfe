#include "evaluate/analysis.hpp"

#include "ane/boundary.hpp"
#include "ane/eligibility.hpp"
#include "ane/level.hpp"
#include "ane/risk.hpp"
#include "coreml/walk.hpp"
#include "evaluate/placement.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

namespace anecompat::evaluate {

namespace {

using ane::ChipFamily;
using ane::Confidence;
using ane::Level;
using coreml::ModelKind;
using coreml::OperationKind;
using coreml::OperationSite;

// What is the same for every target.
struct Work {
  const coreml::Operation* op = nullptr;
  const coreml::Model* model = nullptr;
  const coreml::Function* function = nullptr;
  int depth = 0;
  bool folded = false;
  bool in_level = true;  // of a neural (stage) model
  std::string path;
  std::string type;
  std::string shape;
  std::vector<std::uint32_t> inputs;  // positions of the operations it reads from
};

bool is_neural(const coreml::Model& model) {
  return model.kind == ModelKind::ml_program || model.kind == ModelKind::neural_network;
}

// A feature extractor that the file only names.
bool is_system_model(const coreml::Model& model) {
  return to_lower(model.type_name).find("visionfeatureprint") != std::string::npos ||
         to_lower(model.type_name).find("soundanalysispreprocessing") != std::string::npos;
}

template <typename Visit>
void for_each_model(const coreml::Model& model, const Visit& visit) {
  visit(model);
  for (const auto& stage : model.stages)
    for_each_model(stage, visit);
}

// Why nothing can be told of the level, if that is so.
std::optional<Reason> unknown_reason(const coreml::Model& root) {
  std::optional<Reason> reason;
  for_each_model(root, [&](const coreml::Model& model) {
    if (reason)
      return;
    if (is_system_model(model)) {
      reason = Reason{
          .code = "system-model",
          .message = fmt::format("{} is part of the operating system", printable(model.type_name))};
    } else if (model.kind == ModelKind::opaque) {
      reason =
          Reason{.code = "opaque-model",
                 .message = fmt::format("{} cannot be looked into", printable(model.type_name))};
    }
  });
  return reason;
}

bool has_neural_part(const coreml::Model& root) {
  bool found = false;
  for_each_model(root, [&](const coreml::Model& model) { found = found || is_neural(model); });
  return found;
}

// The label of a classifier is made outside of the network: by an operation of an ML Program, by
// the model around a neural network.
bool labels_outside(const coreml::Model& root) {
  return root.kind == ModelKind::neural_network && root.type_name == "neuralNetworkClassifier";
}

class Analysis {
 public:
  Analysis(const coreml::Graph& graph, std::span<const ChipFamily> targets,
           const ane::RuleSet& rules, const AnalysisOptions& options)
      : m_graph(graph), m_context(graph), m_targets(targets), m_rules(rules), m_options(options) {
    for (const auto target : targets) {
      m_placeable.emplace_back();
      m_risks.emplace_back(rules, target);
    }
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
    const auto removed = [&](const std::string& pattern) { return glob_match(pattern, path); };
    if (std::ranges::any_of(m_options.what_if, removed))
      return;
    const auto facts = m_context.facts(site);
    const bool folded = m_context.is_folded(site.op);
    for (std::size_t i = 0; i < m_targets.size(); ++i) {
      auto eligibility = ane::check(m_context, site, facts, m_targets[i], m_rules);
      if (eligibility.ane && !folded)
        m_risks[i].add_operation(m_context, site, facts);
      if (folded)
        eligibility.reason.reset();
      m_placeable[i].push_back({.op = &site.op,
                                .function = &site.function,
                                .eligibility = std::move(eligibility),
                                .folded = folded});
    }
    m_work.push_back(
        {.op = &site.op,
         .model = &site.model,
         .function = &site.function,
         .depth = site.depth,
         .folded = folded,
         .in_level = is_neural(site.model),
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

  ane::LevelVerdict level(const std::vector<bool>& on_ane, const std::vector<bool>& boundary,
                          const std::vector<ane::Eligibility>& eligibility) const {
    std::vector<ane::Standing> standings;
    standings.reserve(m_work.size());
    for (std::size_t i = 0; i < m_work.size(); ++i) {
      if (m_work[i].folded || !m_work[i].in_level)
        continue;
      standings.push_back({.on_ane = on_ane[i],
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
    auto& placeable = m_placeable[index];
    Evaluation evaluation;
    evaluation.target = ane::to_string(m_targets[index]);
    evaluation.evidence = ane::Evidence::predicted;

    std::vector<ane::Eligibility> eligibility;
    eligibility.reserve(placeable.size());
    for (const auto& operation : placeable)
      eligibility.push_back(operation.eligibility);
    const auto boundary = boundary_of(eligibility);
    const auto placements = place_by_eligibility(placeable);

    std::vector<bool> eligible(m_work.size());
    std::vector<bool> placed(m_work.size());
    evaluation.ops.reserve(m_work.size());
    for (std::size_t i = 0; i < m_work.size(); ++i) {
      eligible[i] = eligibility[i].ane && !m_work[i].folded;
      placed[i] = placements[i] == ane::Backend::ane;
      add_op(i, eligibility[i], placements[i], boundary[i], evaluation);
    }
    add_segments(evaluation);
    for (auto& risk : std::move(m_risks[index]).take())
      evaluation.risks.push_back({risk.row->rule.reason, std::move(risk.message), risk.op});
    decide(level(placed, boundary, eligibility), level(eligible, boundary, eligibility),
           evaluation);
    return evaluation;
  }

  void add_op(std::size_t i, const ane::Eligibility& eligibility,
              std::optional<ane::Backend> placement, bool boundary, Evaluation& evaluation) const {
    const auto& work = m_work[i];
    OpResult result{.path = work.path,
                    .type = work.type,
                    .shape = work.shape,
                    .placement = placement,
                    .boundary = boundary,
                    .reason = eligibility.reason,
                    .inputs = work.inputs};
    if (!work.folded) {
      if (eligibility.ane)
        result.eligible.push_back(ane::Backend::ane);
      result.eligible.push_back(ane::Backend::cpu);
      if (eligibility.gpu)
        result.eligible.push_back(ane::Backend::gpu);
    }
    auto& counts = evaluation.counts;
    ++counts.ops;
    counts.ane += placement == ane::Backend::ane ? 1U : 0U;
    counts.cpu += placement == ane::Backend::cpu ? 1U : 0U;
    counts.gpu += placement == ane::Backend::gpu ? 1U : 0U;
    counts.unplaced += placement ? 0U : 1U;
    counts.boundary += boundary ? 1U : 0U;
    counts.eligible += eligibility.ane && !work.folded ? 1U : 0U;
    evaluation.ops.push_back(std::move(result));
  }

  // Operations without a device neither end a segment nor begin one; a stage does.
  void add_segments(Evaluation& evaluation) const {
    const coreml::Function* function = nullptr;
    for (std::uint32_t i = 0; i < evaluation.ops.size(); ++i) {
      const auto placement = evaluation.ops[i].placement;
      if (!placement)
        continue;
      auto& segments = evaluation.segments;
      if (segments.empty() || segments.back().backend != *placement ||
          function != m_work[i].function)
        segments.push_back({.backend = *placement, .first = i});
      segments.back().count = i - segments.back().first + 1;
      function = m_work[i].function;
    }
    const auto& counts = evaluation.counts;
    const auto placed = counts.ane + counts.cpu + counts.gpu;
    if (placed > 0)
      evaluation.shares.ops = static_cast<double>(counts.ane) / placed;
  }

  void decide(const ane::LevelVerdict& placed, const ane::LevelVerdict& eligible,
              Evaluation& evaluation) const {
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
    if (placed.level == Level::unknown) {
      evaluation.reason =
          Reason{.code = "no-operations", .message = "the model has no compute operations"};
    } else if (placed.level != Level::full) {
      evaluation.reason = main_reason(evaluation);
    }
  }

  // The reason that keeps most operations off the ANE, boundary ops and other stages apart.
  std::optional<Reason> main_reason(const Evaluation& evaluation) const {
    struct Group {
      std::size_t count = 0;
      const OpResult* first = nullptr;
    };
    std::map<std::string_view, Group> groups;
    std::size_t total = 0;
    const bool only_boundary =
        evaluation.counts.boundary + evaluation.counts.unplaced == evaluation.counts.ops;
    for (std::size_t i = 0; i < evaluation.ops.size(); ++i) {
      const auto& op = evaluation.ops[i];
      if (m_work[i].folded || !m_work[i].in_level || (op.boundary && !only_boundary))
        continue;
      ++total;
      if (!op.reason)
        continue;
      auto& group = groups[op.reason->code];
      if (group.count++ == 0)
        group.first = &op;
    }
    if (groups.empty()) {
      if (!labels_outside(m_graph.model()))
        return std::nullopt;
      return Reason{.code = "classifier-label",
                    .message = "the class label is made on the CPU after the network"};
    }
    const auto most =
        std::ranges::max_element(groups, {}, [](const auto& entry) { return entry.second.count; });
    const auto& group = most->second;
    return Reason{
        .code = std::string(most->first),
        .message = fmt::format("{} of {}, first {}: {}", group.count, counted(total, "op"),
                               printable(group.first->path), group.first->reason->message)};
  }

  const coreml::Graph& m_graph;
  ane::GraphContext m_context;
  std::span<const ChipFamily> m_targets;
  const ane::RuleSet& m_rules;
  const AnalysisOptions& m_options;
  std::vector<Work> m_work;
  std::unordered_map<const coreml::Operation*, std::uint32_t> m_positions;  // in m_work
  std::vector<std::vector<Placeable>> m_placeable;  // by target, then by operation
  std::vector<ane::RiskCollector> m_risks;          // by target
};

}  // namespace

std::vector<Evaluation> evaluate_graph(const coreml::Graph& graph,
                                       std::span<const ChipFamily> targets,
                                       const ane::RuleSet& rules, const AnalysisOptions& options) {
  return Analysis(graph, targets, rules, options).run();
}

Evaluation evaluate_graph(const coreml::Graph& graph, ChipFamily target,
                          const ane::RuleSet& rules) {
  return std::move(evaluate_graph(graph, std::span(&target, 1), rules)[0]);
}

}  // namespace anecompat::evaluate
