#include "evaluate/cost_reasons.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace anecompat::evaluate {

namespace {

using ane::Backend;
using ane::CostBackend;
using ane::Reason;

// Differences below this are told as such: two decimals of a millisecond are all that is printed.
constexpr double k_close_ms = 0.01;

struct Range {
  std::size_t first = 0;
  std::size_t last = 0;  // past the end
};

// What an operation costs where it is, and what it would cost on the ANE.
struct Costs {
  double here = 0;
  double ane = 0;
};

class Reasons {
 public:
  Reasons(std::span<const Placeable> operations, const Plan& plan, const ane::CostTable& table,
          const Describe& describe)
      : m_operations(operations), m_plan(plan), m_table(table), m_describe(describe) {}

  std::vector<std::optional<Reason>> run() {
    m_reasons.resize(m_operations.size());
    for (const auto& function : m_plan.functions) {
      if (function.planner == Planner::eligibility)
        continue;
      if (function.solve.on_ane == 0)
        explain_all_off(function);
      else
        explain_runs(function);
    }
    return std::move(m_reasons);
  }

 private:
  bool placed(std::size_t i) const { return m_plan.ops[i].backend.has_value(); }
  bool eligible(std::size_t i) const { return m_operations[i].eligibility->may_be_placed(); }
  // Eligible, and somewhere else.
  bool left_out(std::size_t i) const {
    return placed(i) && eligible(i) && m_plan.ops[i].backend != Backend::ane;
  }

  Costs costs_of(std::size_t i) const {
    const auto& operation = m_operations[i];
    Costs costs{.here = m_plan.ops[i].cost_ms.value_or(0), .ane = 0};
    if (operation.cost != nullptr)
      costs.ane = operation.cost->ms[CostBackend::ane].value_or(costs.here);
    return costs;
  }

  // The operations of a stretch that have to stay off the ANE: "the mod at main/m (and 2 more)".
  // Empty without one.
  std::string blockers(Range range) const {
    std::size_t count = 0;
    std::size_t first = 0;
    for (auto i = range.first; i < range.last; ++i) {
      if (!placed(i) || eligible(i))
        continue;
      if (count++ == 0)
        first = i;
    }
    if (count == 0)
      return {};
    auto text = m_describe(first);
    if (count > 1)
      text += fmt::format(" (and {} more)", count - 1);
    return text;
  }

  Costs sum_of_left_out(Range range) const {
    Costs sum;
    for (auto i = range.first; i < range.last; ++i) {
      if (!left_out(i))
        continue;
      const auto costs = costs_of(i);
      sum.here += costs.here;
      sum.ane += costs.ane;
    }
    return sum;
  }

  bool note_gpu(std::size_t i) {
    if (m_plan.ops[i].backend != Backend::gpu)
      return false;
    m_reasons[i] =
        Reason{.code = "gpu-preferred", .message = "with compute units `all` the GPU takes it"};
    return true;
  }

  // Nothing of the function is on the ANE.
  void explain_all_off(const FunctionPlan& function) {
    const Range range{function.first, function.end()};
    const auto sum = sum_of_left_out(range);
    const auto between = blockers(range);
    const bool would_pay = sum.ane + m_table.solve.ane_launch + m_table.solve.ane_last < sum.here;
    Reason reason{.code = "cost-small-graph", .message = missing_work_text(function)};
    if (!between.empty() && would_pay) {
      reason.code = "cost-switch";
      reason.message += fmt::format("; without {} it would go there", between);
    }
    for (auto i = range.first; i < range.last; ++i) {
      if (left_out(i) && !note_gpu(i))
        m_reasons[i] = reason;
    }
  }

  // Some of the function is on the ANE: every stretch between is looked at by itself.
  void explain_runs(const FunctionPlan& function) {
    auto i = function.first;
    while (i < function.end()) {
      if (!placed(i) || m_plan.ops[i].backend == Backend::ane) {
        ++i;
        continue;
      }
      auto last = i;
      while (last < function.end() && m_plan.ops[last].backend != Backend::ane)
        ++last;
      explain_run(function, {i, last});
      i = last;
    }
  }

  void explain_run(const FunctionPlan& function, Range run) {
    // What brings the stretch to the ANE: without its blockers, the operations that are left move,
    // and the switches at its ends go away.
    const auto sum = sum_of_left_out(run);
    double switches = 0;
    if (run.first > function.first)
      switches += m_table.solve.backend_switch;
    if (run.last < function.end())
      switches += m_table.solve.backend_switch;
    else
      switches -= m_table.solve.ane_last;
    const auto between = blockers(run);
    const Reason reason{
        .code = "cost-switch",
        .message = run_text(least_detour(function, run), between, sum.ane < sum.here + switches)};
    for (auto i = run.first; i < run.last; ++i) {
      if (left_out(i) && !note_gpu(i))
        m_reasons[i] = reason;
    }
  }

  // What it costs to bring the operation of the stretch to the ANE that comes cheapest; 0 when that
  // is not known.
  double least_detour(const FunctionPlan& function, Range run) const {
    std::optional<double> least;
    for (auto i = run.first; i < run.last; ++i) {
      const auto& detour = function.solve.items[i - function.first].ane_detour_ms;
      if (left_out(i) && detour && (!least || *detour < *least))
        least = detour;
    }
    return least.value_or(0);
  }

  static std::string run_text(double detour, const std::string& between, bool would_move) {
    const bool close = detour < k_close_ms;
    std::string text =
        close
            ? fmt::format("the CPU is estimated to be faster here, if by less than {:.2f} ms",
                          k_close_ms)
            : fmt::format("switching to the ANE here costs {} more than it saves", ms_text(detour));
    if (!between.empty() && would_move)
      return text + fmt::format("; without {} it would go there", between);
    if (!close)
      return text + fmt::format("; +{} of work there would move it", ms_text(detour));
    return text;
  }

  std::span<const Placeable> m_operations;
  const Plan& m_plan;
  const ane::CostTable& m_table;
  const Describe& m_describe;
  std::vector<std::optional<Reason>> m_reasons;
};

}  // namespace

std::vector<std::optional<Reason>> cost_reasons(std::span<const Placeable> operations,
                                                const Plan& plan, const ane::CostTable& table,
                                                const Describe& describe) {
  return Reasons(operations, plan, table, describe).run();
}

std::string missing_work_text(const FunctionPlan& function) {
  const auto& solve = function.solve;
  const auto missing = solve.missing_work_ms();
  if (!missing || solve.on_ane > 0)
    return {};
  return fmt::format(
      "estimated at {} without the ANE and {} with it: +{} of work on the ANE would move it",
      ms_text(solve.total_ms), ms_text(*solve.with_ane_ms), ms_text(*missing));
}

std::string ms_text(double ms) {
  if (ms < k_close_ms)
    return fmt::format("under {:.2f} ms", k_close_ms);
  return ms < 100 ? fmt::format("{:.2f} ms", ms) : fmt::format("{:.0f} ms", ms);
}

}  // namespace anecompat::evaluate
