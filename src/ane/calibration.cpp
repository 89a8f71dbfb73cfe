#include "ane/calibration.hpp"

#include "ane/cost_measure.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace anecompat::ane {

namespace {

constexpr double k_bytes_per_gib = 1024.0 * 1024.0 * 1024.0;
constexpr double k_ms_per_s = 1000;
// Rows further apart than this have different rates; printed estimates agree to 1e-12.
constexpr double k_same_rate = 1e-6;

// The implied rates of one observation.
struct Point {
  double feature = 0;
  Rates rates;
};

struct RuleKey {
  const CostRule* rule;
  bool flop;
  std::size_t order;  // where the rule stands, so that results keep the table's order

  friend bool operator<(const RuleKey& a, const RuleKey& b) {
    return std::tie(a.order, a.flop) < std::tie(b.order, b.flop);
  }
};

struct Samples {
  std::map<RuleKey, std::vector<Point>> points;
  PerBackend<std::vector<double>> bandwidth;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double distance(double a, double b) {
  return std::abs(a - b) / std::max(std::abs(a), std::abs(b));
}

// The rule that answers for the type and its place in the chain of tables; null without one.
std::pair<const CostRule*, std::size_t> find_rule(const CostTable& table, std::string_view type) {
  std::size_t before = 0;
  for (const CostTable* source = &table; source != nullptr; source = source->fallback.get()) {
    if (const CostRule* rule = source->rule_for(type))
      return {rule, before + static_cast<std::size_t>(rule - source->rules.data())};
    before += source->rules.size();
  }
  return {nullptr, before};
}

double memory_bytes(const CostObservation& seen, const MemoryTerm& term) {
  double bytes = bytes_of(*seen.graph, *seen.op, term.count).amount;
  if (term.per_window_element > 0)
    bytes += term.per_window_element * window_of(*seen.graph, *seen.op).amount;
  return bytes;
}

// What a rate term measures for an observation.
struct Amount {
  double amount = 0;
  double feature = 0;
  bool flop = false;
};
std::optional<Amount> rate_amount(const CostObservation& seen, const CostRule& rule) {
  if (rule.flop) {
    const auto flop = flop_of(*seen.graph, *seen.op, *rule.flop);
    if (!flop)
      return std::nullopt;
    return Amount{flop->amount, flop_feature_of(*seen.graph, *seen.op, *rule.flop, flop->amount),
                  true};
  }
  if (rule.elements) {
    const double elements = elements_of(*seen.graph, *seen.op, rule.elements->count).amount;
    return Amount{elements, elements, false};
  }
  return std::nullopt;
}

// Whether any step of the rule's rate term speaks for the backend.
bool rated(const CostRule& rule, CostBackend backend) {
  const auto speaks = [backend](const std::vector<RateStep>& steps) {
    return std::any_of(steps.begin(), steps.end(),
                       [backend](const RateStep& step) { return step.rates[backend]; });
  };
  return (rule.flop && speaks(rule.flop->steps)) || (rule.elements && speaks(rule.elements->steps));
}

void sample(Samples& samples, const CostObservation& seen, const CostRule& rule, std::size_t order,
            const CostTable& table) {
  const auto amount = rate_amount(seen, rule);
  Point point;
  bool any = false;
  for (const CostBackend backend : k_cost_backends) {
    const auto ms = seen.ms[backend];
    if (!ms || !(*ms > 0))
      continue;
    const bool memory = rule.memory && rule.memory->on[backend];
    const double bytes = memory ? memory_bytes(seen, *rule.memory) : 0;
    const double implied_bandwidth = bytes * k_ms_per_s / *ms / k_bytes_per_gib;
    // A rule with both terms is at its memory bound where the bandwidth is the known one.
    const bool memory_bound =
        memory &&
        (!rated(rule, backend) ||
         (table.has(backend) &&
          distance(implied_bandwidth, *table.bandwidth[backend] / table.unit) < k_same_rate));
    if (memory_bound) {
      samples.bandwidth[backend].push_back(implied_bandwidth);
    } else if (amount && amount->amount > 0) {
      point.rates[backend] = amount->amount * k_ms_per_s / *ms / 1e9;
      any = true;
    }
  }
  if (any) {
    point.feature = amount->feature;
    samples.points[{&rule, amount->flop, order}].push_back(point);
  }
}

bool same_rates(const Point& a, const Point& b) {
  return std::all_of(k_cost_backends.begin(), k_cost_backends.end(), [&](CostBackend backend) {
    return !a.rates[backend] || !b.rates[backend] ||
           distance(*a.rates[backend], *b.rates[backend]) < k_same_rate;
  });
}

FittedStep step_of(std::span<const Point> run) {
  FittedStep step{.lowest = run.front().feature, .highest = run.back().feature, .rows = run.size()};
  for (const CostBackend backend : k_cost_backends) {
    std::vector<double> values;
    for (const Point& point : run)
      if (point.rates[backend])
        values.push_back(*point.rates[backend]);
    if (values.empty())
      continue;
    step.rates[backend] = median(values);
    for (const double value : values)
      step.spread = std::max(step.spread, distance(value, *step.rates[backend]));
  }
  return step;
}

// Stretches of equal rates, by feature. Rows with one feature and different rates stay in one
// stretch, whose spread then shows that the formula does not hold.
std::vector<FittedStep> fit_steps(std::vector<Point> points) {
  std::stable_sort(points.begin(), points.end(),
                   [](const Point& a, const Point& b) { return a.feature < b.feature; });
  std::vector<FittedStep> steps;
  std::size_t first = 0;
  for (std::size_t i = 1; i <= points.size(); ++i) {
    if (i < points.size() &&
        (same_rates(points[i - 1], points[i]) || !(points[i].feature > points[i - 1].feature)))
      continue;
    steps.push_back(step_of(std::span(points).subspan(first, i - first)));
    first = i;
  }
  return steps;
}

}  // namespace

Calibration calibrate(std::span<const CostObservation> observations, const CostTable& table,
                      double tolerance) {
  Calibration result;
  result.tolerance = tolerance;
  result.operations = observations.size();
  std::set<std::string, std::less<>> unknown;
  Samples samples;
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const CostObservation& seen = observations[i];
    const auto [rule, order] = find_rule(table, seen.op->type);
    if (rule != nullptr)
      sample(samples, seen, *rule, order, table);
    else
      unknown.emplace(seen.op->type);
    const OpCost cost = cost_of(*seen.graph, *seen.op, table);
    for (const CostBackend backend : k_cost_backends) {
      if (!seen.ms[backend] || !table.has(backend))
        continue;
      ++result.numbers;
      const double expected = cost.ms[backend].value_or(0);
      const double observed = *seen.ms[backend];
      const bool equal = expected == observed || distance(expected, observed) <= tolerance;
      if (equal)
        ++result.reproduced;
      else
        result.deviations.push_back({i, backend, observed, expected, std::string(cost.rule)});
    }
  }
  result.unknown_types.assign(unknown.begin(), unknown.end());
  for (const CostBackend backend : k_cost_backends)
    if (!samples.bandwidth[backend].empty())
      result.bandwidth[backend] = median(samples.bandwidth[backend]);
  for (auto& [key, points] : samples.points)
    result.rules.push_back({key.rule, key.flop, fit_steps(std::move(points))});
  return result;
}

}  // namespace anecompat::ane
