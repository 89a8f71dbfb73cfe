#include "ane/cost.hpp"

#include "ane/cost_measure.hpp"

#include <algorithm>

namespace anecompat::ane {

namespace {

using coreml::Graph;
using coreml::Operation;

constexpr double k_bytes_per_gib = 1024.0 * 1024.0 * 1024.0;
constexpr double k_ms_per_s = 1000;

struct Estimate {
  PerBackend<std::optional<double>> ms;
  PerBackend<bool> extrapolated;

  void add(CostBackend backend, double value, bool certain) {
    auto& slot = ms[backend];
    slot = std::max(slot.value_or(0), value);
    if (!certain)
      extrapolated[backend] = true;
  }
};

void add_steps(Estimate& estimate, const std::vector<RateStep>& steps, const Measure& measure,
               double feature, double unit) {
  const ChosenStep chosen = choose_step(steps, feature);
  for (const CostBackend backend : k_cost_backends)
    if (const auto rate = steps[chosen.index].rates[backend])
      estimate.add(backend, unit * (k_ms_per_s * measure.amount / (*rate * 1e9)),
                   measure.complete && chosen.measured);
}

void add_memory(Estimate& estimate, const Graph& graph, const Operation& op, const MemoryTerm& term,
                const CostTable& table) {
  Measure bytes = bytes_of(graph, op, term.count);
  if (term.per_window_element > 0)
    bytes.amount += term.per_window_element * window_of(graph, op).amount;
  for (const CostBackend backend : k_cost_backends)
    if (term.on[backend] && table.has(backend))
      estimate.add(
          backend,
          table.unit * (k_ms_per_s * bytes.amount / (*table.bandwidth[backend] * k_bytes_per_gib)),
          bytes.complete);
}

bool in_gap(const CostRule& rule, const Graph& graph, const Operation& op, CostBackend backend) {
  if (rule.gaps.empty())
    return false;
  const coreml::Value* x = graph.operand(op, "x");
  if (x == nullptr)
    return false;
  const std::string_view dtype = coreml::to_string(x->type.dtype);
  return std::any_of(rule.gaps.begin(), rule.gaps.end(), [&](const DtypeGap& gap) {
    return gap.dtype == dtype && gap.backends[backend];
  });
}

// What a rule of `source` says for `table`, the table asked: memory runs at the latter's bandwidth,
// whoever wrote the rule.
Estimate evaluate(const CostRule& rule, const Graph& graph, const Operation& op,
                  const CostTable& table, const CostTable& source) {
  Estimate estimate;
  if (rule.memory)
    add_memory(estimate, graph, op, *rule.memory, table);
  if (rule.elements) {
    const Measure elements = elements_of(graph, op, rule.elements->count);
    add_steps(estimate, rule.elements->steps, elements, elements.amount, source.unit);
  }
  if (rule.flop) {
    if (const auto flop = flop_of(graph, op, *rule.flop)) {
      add_steps(estimate, rule.flop->steps, *flop,
                flop_feature_of(graph, op, *rule.flop, flop->amount), source.unit);
    }
  }
  return estimate;
}

bool supports(BackendSupport support, CostBackend backend) {
  switch (device_of(backend)) {
    case Backend::ane:
      return support.ane;
    case Backend::cpu:
      return support.cpu;
    case Backend::gpu:
      break;
  }
  return support.gpu;
}

}  // namespace

bool OpCost::known() const {
  return std::any_of(ms.items.begin(), ms.items.end(), [](const auto& item) { return item; });
}

ChosenStep choose_step(const std::vector<RateStep>& steps, double feature) {
  ChosenStep chosen;
  while (chosen.index + 1 < steps.size() && !(feature < steps[chosen.index].below))
    ++chosen.index;
  const auto& measured = steps[chosen.index].measured;
  // One step for all values needs no range; where there are several, one without was never seen.
  chosen.measured =
      measured ? feature >= measured->first && feature <= measured->second : steps.size() == 1;
  return chosen;
}

OpCost cost_of(const Graph& graph, const Operation& op, const CostTable& table,
               BackendSupport support) {
  OpCost cost;
  cost.exactness = Exactness::exact;
  PerBackend<bool> settled;
  const auto take = [&](const CostRule& rule, const CostTable& source, Exactness at_best) {
    const Estimate estimate = evaluate(rule, graph, op, table, source);
    for (const CostBackend backend : k_cost_backends) {
      if (settled[backend] || !table.has(backend))
        continue;
      if (in_gap(rule, graph, op, backend)) {
        settled[backend] = true;
        continue;
      }
      if (!estimate.ms[backend])
        continue;
      settled[backend] = true;
      if (!supports(support, backend))
        continue;
      cost.ms[backend] = estimate.ms[backend];
      const Exactness exactness =
          estimate.extrapolated[backend] ? Exactness::extrapolated : at_best;
      cost.exactness = std::max(cost.exactness, exactness);
    }
    if (cost.rule.empty())
      cost.rule = rule.name;
  };

  for (const CostTable* source = &table; source != nullptr; source = source->fallback.get())
    if (const CostRule* rule = source->rule_for(op.type))
      take(*rule, *source, source == &table ? rule->exactness : Exactness::extrapolated);
  // Types that no rule names, and operations whose weight has no known shape.
  if (std::none_of(settled.items.begin(), settled.items.end(), [](bool done) { return done; }))
    take(table.rules[table.default_rule], table, Exactness::extrapolated);
  if (!cost.known())
    cost.exactness = Exactness::extrapolated;
  return cost;
}

}  // namespace anecompat::ane
