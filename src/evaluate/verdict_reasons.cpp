#include "evaluate/verdict_reasons.hpp"

#include "evaluate/cost_reasons.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace anecompat::evaluate {

namespace {

using ane::Backend;
using ane::Confidence;
using ane::Level;

bool is_eligible(const OpResult& op) {
  return std::ranges::find(op.eligible, Backend::ane) != op.eligible.end();
}

// Milliseconds between the ANE and the CPU that rest on estimates nobody has seen.
double uncertain_ms(const CostEvidence& evidence, const FunctionPlan& function) {
  double sum = 0;
  for (auto i = function.first; i < function.end(); ++i) {
    const auto& operation = evidence.operations[i];
    if (operation.cost == nullptr || !operation.eligibility->ane ||
        operation.cost->exactness != ane::Exactness::extrapolated)
      continue;
    const auto& ms = operation.cost->ms;
    const auto on_ane = ms[ane::CostBackend::ane].value_or(0);
    const auto on_cpu = std::min(ms[ane::CostBackend::bnns].value_or(HUGE_VAL),
                                 ms[ane::CostBackend::classic_cpu].value_or(HUGE_VAL));
    if (std::isfinite(on_cpu))
      sum += std::abs(on_cpu - on_ane);
  }
  return sum;
}

// How much the estimates may be wrong before the function goes elsewhere as a whole.
double margin_ms(const ane::Segmentation& solve) {
  const auto margin = solve.on_ane > 0 ? solve.saved_ms() : solve.missing_work_ms();
  return margin.value_or(std::numeric_limits<double>::infinity());
}

// The first operation whose tie decides about the level, if one does.
const OpResult* deciding_tie(const CostEvidence& evidence, const Evaluation& evaluation) {
  for (const auto& function : evidence.plan.functions) {
    const auto& solve = function.solve;
    if (!solve.tie)
      continue;
    const bool all_or_nothing =
        solve.without_ane_ms &&
        *solve.without_ane_ms <= solve.total_ms * (1 + ane::k_tie_tolerance);
    for (auto i = function.first; i < function.end(); ++i) {
      if (evidence.plan.ops[i].tie && !evaluation.ops[i].boundary &&
          (all_or_nothing || evaluation.level == Level::full))
        return &evaluation.ops[i];
    }
  }
  return nullptr;
}

std::size_t competing(const CostEvidence& evidence) {
  return static_cast<std::size_t>(
      std::ranges::count_if(evidence.plan.ops, &OpPlacement::maybe_gpu));
}

// Operations that share a reason code.
struct Group {
  std::size_t count = 0;
  const OpResult* first = nullptr;
};
using Groups = std::map<std::string_view, Group>;

Reason largest(const Groups& groups, std::size_t total) {
  const auto most =
      std::ranges::max_element(groups, {}, [](const auto& entry) { return entry.second.count; });
  const auto& group = most->second;
  return {.code = std::string(most->first),
          .message = fmt::format("{} of {}, first {}: {}", group.count, counted(total, "op"),
                                 printable(group.first->path), group.first->reason->message)};
}

}  // namespace

Confidence judge_costs(const CostEvidence& evidence, ane::ComputeUnits units,
                       Evaluation& evaluation) {
  auto confidence = Confidence::high;
  for (const auto& function : evidence.plan.functions) {
    if (function.planner != Planner::cost_solve)
      continue;
    confidence = std::min(confidence, evidence.costs.confidence);
    if (uncertain_ms(evidence, function) > margin_ms(function.solve))
      confidence = std::min(confidence, Confidence::medium);
  }
  if (const auto* tied = deciding_tie(evidence, evaluation)) {
    confidence = Confidence::low;
    evaluation.risks.push_back(
        {.code = "cost-tie",
         .message = "the CPU is estimated to be exactly as fast: Core ML may put it there",
         .op = tied->path});
  }
  if (units == ane::ComputeUnits::all) {
    if (evidence.costs.table->all_units != ane::AllUnits::solve)
      confidence = Confidence::low;
    if (const auto count = competing(evidence); count > 0) {
      evaluation.risks.push_back(
          {.code = "gpu-competes",
           .message = fmt::format("{} on the ANE can go to the GPU, whose speed was not measured: "
                                  "with compute units `all` Core ML may prefer it",
                                  counted(count, "op")),
           .op = {}});
    }
  }
  return confidence;
}

std::optional<Reason> main_reason(const Evaluation& evaluation, const std::vector<bool>& in_level,
                                  bool labels_outside) {
  Groups not_taken;
  Groups not_paying;
  std::size_t total = 0;
  const bool only_boundary =
      evaluation.counts.boundary + evaluation.counts.unplaced == evaluation.counts.ops;
  for (std::size_t i = 0; i < evaluation.ops.size(); ++i) {
    const auto& op = evaluation.ops[i];
    if (!in_level[i] || (op.boundary && !only_boundary))
      continue;
    ++total;
    if (!op.reason)
      continue;
    auto& group = (is_eligible(op) ? not_paying : not_taken)[op.reason->code];
    if (group.count++ == 0)
      group.first = &op;
  }
  if (evaluation.level == Level::none && evaluation.eligible_level != Level::none &&
      !not_paying.empty()) {
    auto reason = largest(not_paying, total);
    const auto& why = not_paying.at(reason.code).first->reason->message;
    reason.message =
        fmt::format("the ANE would take {} of {}, but it does not pay: {}",
                    evaluation.counts.eligible, counted(evaluation.counts.ops, "op"), why);
    return reason;
  }
  if (!not_taken.empty())
    return largest(not_taken, total);
  if (!not_paying.empty())
    return largest(not_paying, total);
  if (!labels_outside)
    return std::nullopt;
  return Reason{.code = "classifier-label",
                .message = "the class label is made on the CPU after the network"};
}

}  // namespace anecompat::evaluate
