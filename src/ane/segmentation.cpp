#include "ane/segmentation.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

namespace anecompat::ane {

namespace {

constexpr double k_infinite = std::numeric_limits<double>::infinity();
constexpr std::size_t k_backends = k_cost_backends.size();
// Which devices with a launch of their own were launched, as bits.
constexpr std::size_t k_launched_ane = 1;
constexpr std::size_t k_launched_gpu = 2;
constexpr std::size_t k_states = 4 * k_backends;

using PerState = std::array<double, k_states>;
using Costs = PerBackend<std::optional<double>>;

constexpr std::size_t launch_bit(CostBackend backend) {
  if (backend == CostBackend::ane)
    return k_launched_ane;
  return backend == CostBackend::mps_graph ? k_launched_gpu : 0;
}

struct State {
  CostBackend backend;
  std::size_t launched;

  std::size_t index() const { return static_cast<std::size_t>(backend) + launched * k_backends; }
  // Where running the next item on `next` leads.
  State then(CostBackend next) const { return {next, launched | launch_bit(next)}; }
};

constexpr State state_of(std::size_t index) {
  return {k_cost_backends[index % k_backends], index / k_backends};
}

class Solver {
 public:
  Solver(std::vector<Costs> items, const SolveCosts& costs)
      : m_items(std::move(items)), m_costs(costs) {
    run_forward();
    run_backward();
    for (std::size_t s = 0; s < k_states; ++s) {
      const double total = m_forward.back()[s] + after_last(state_of(s));
      auto& best = (state_of(s).launched & k_launched_ane) != 0 ? m_with_ane : m_without_ane;
      best = std::min(best, total);
    }
    m_tolerance = k_tie_tolerance * best();
  }

  double best() const { return std::min(m_with_ane, m_without_ane); }
  double with_ane() const { return m_with_ane; }
  double without_ane() const { return m_without_ane; }

  // The best total of a path that has item `i` on `backend`.
  double through(std::size_t i, CostBackend backend) const {
    double total = k_infinite;
    for (std::size_t s = static_cast<std::size_t>(backend); s < k_states; s += k_backends)
      total = std::min(total, m_forward[i][s] + m_backward[i][s]);
    return total;
  }
  bool is_best(double total) const { return total <= best() + m_tolerance; }

  enum class Prefer : std::uint8_t { most_ane, least_ane };
  // One of the best paths, by preference.
  std::vector<CostBackend> path(Prefer prefer) const {
    std::vector<std::array<std::uint8_t, k_states>> came_from(m_items.size());
    std::array<std::int64_t, k_states> scores;
    scores.fill(k_unreachable);
    for (std::size_t s = 0; s < k_states; ++s)
      if (is_best(m_forward.front()[s] + m_backward.front()[s]))
        scores[s] = score(state_of(s).backend, prefer);
    for (std::size_t i = 1; i < m_items.size(); ++i) {
      const auto before = scores;
      scores.fill(k_unreachable);
      for (std::size_t from = 0; from < k_states; ++from) {
        if (before[from] == k_unreachable)
          continue;
        for (const CostBackend next : k_cost_backends) {
          const std::size_t to = state_of(from).then(next).index();
          const double total =
              m_forward[i - 1][from] + edge(state_of(from), i, next) + m_backward[i][to];
          const std::int64_t reached = before[from] + score(next, prefer);
          if (is_best(total) && reached > scores[to]) {
            scores[to] = reached;
            came_from[i][to] = static_cast<std::uint8_t>(from);
          }
        }
      }
    }
    std::size_t at = static_cast<std::size_t>(
        std::distance(scores.begin(), std::max_element(scores.begin(), scores.end())));
    std::vector<CostBackend> chosen(m_items.size());
    for (std::size_t i = m_items.size(); i-- > 0; at = came_from[i][at])
      chosen[i] = state_of(at).backend;
    return chosen;
  }

 private:
  static constexpr std::int64_t k_unreachable = std::numeric_limits<std::int64_t>::min();

  // One operation more or less on the ANE outweighs all choices between CPU backends.
  std::int64_t score(CostBackend backend, Prefer prefer) const {
    if (backend == CostBackend::ane) {
      const auto weight = static_cast<std::int64_t>(m_items.size()) + 1;
      return prefer == Prefer::most_ane ? weight : -weight;
    }
    return backend == CostBackend::classic_cpu ? 1 : 0;
  }

  double launch(CostBackend backend) const {
    if (backend == CostBackend::ane)
      return m_costs.ane_launch;
    return backend == CostBackend::mps_graph ? m_costs.gpu_launch : 0;
  }
  // Running item `i` on `next`, coming from state `from`; infinite where that cannot be.
  double edge(State from, std::size_t i, CostBackend next) const {
    const auto& cost = m_items[i][next];
    if (!cost)
      return k_infinite;
    double total = *cost;
    if (from.backend != next)
      total += m_costs.backend_switch;
    if (from.then(next).launched != from.launched)
      total += launch(next);
    return total;
  }
  double after_last(State state) const {
    return state.backend == CostBackend::ane ? m_costs.ane_last : 0;
  }

  void run_forward() {
    PerState nowhere;
    nowhere.fill(k_infinite);
    m_forward.assign(m_items.size(), nowhere);
    for (const CostBackend backend : k_cost_backends)
      if (const auto& cost = m_items.front()[backend])
        m_forward.front()[State{backend, launch_bit(backend)}.index()] = *cost + launch(backend);
    for (std::size_t i = 1; i < m_items.size(); ++i) {
      for (std::size_t from = 0; from < k_states; ++from) {
        if (!(m_forward[i - 1][from] < k_infinite))
          continue;
        for (const CostBackend next : k_cost_backends) {
          double& best = m_forward[i][state_of(from).then(next).index()];
          best = std::min(best, m_forward[i - 1][from] + edge(state_of(from), i, next));
        }
      }
    }
  }
  void run_backward() {
    m_backward.resize(m_items.size());
    for (std::size_t s = 0; s < k_states; ++s)
      m_backward.back()[s] = after_last(state_of(s));
    for (std::size_t i = m_items.size() - 1; i-- > 0;) {
      m_backward[i].fill(k_infinite);
      for (std::size_t s = 0; s < k_states; ++s) {
        if (!(m_forward[i][s] < k_infinite))
          continue;
        double& best = m_backward[i][s];
        for (const CostBackend next : k_cost_backends) {
          const std::size_t to = state_of(s).then(next).index();
          best = std::min(best, edge(state_of(s), i + 1, next) + m_backward[i + 1][to]);
        }
      }
    }
  }

  std::vector<Costs> m_items;
  SolveCosts m_costs;
  std::vector<PerState> m_forward;   // best total up to and including the item
  std::vector<PerState> m_backward;  // best total of what follows
  double m_with_ane = k_infinite;
  double m_without_ane = k_infinite;
  double m_tolerance = 0;
};

// The costs that take part for these compute units; without any, the item is not placed.
Costs participating(const SolveItem& item, ComputeUnits units, AllUnits policy) {
  Costs costs = item.ms;
  auto& gpu = costs[CostBackend::mps_graph];
  if (units == ComputeUnits::cpu_and_ne || policy == AllUnits::ane_or_gpu) {
    gpu.reset();
  } else if (policy == AllUnits::gpu && item.gpu) {
    if (!gpu)
      for (const auto& other : item.ms.items)
        if (other && (!gpu || *other < *gpu))
          gpu = other;
    for (const CostBackend backend : k_cost_backends)
      if (backend != CostBackend::mps_graph)
        costs[backend].reset();
  }
  return costs;
}

std::optional<double> finite(double value) {
  return value < k_infinite ? std::optional(value) : std::nullopt;
}

std::optional<double> all_on_ane(const std::vector<Costs>& items, const SolveCosts& costs) {
  double total = costs.ane_launch + costs.ane_last;
  for (const Costs& item : items) {
    if (!item[CostBackend::ane])
      return std::nullopt;
    total += *item[CostBackend::ane];
  }
  return total;
}

void add_segment(Segmentation& result, std::size_t item, Backend device, double ms) {
  if (result.segments.empty() || result.segments.back().device != device)
    result.segments.push_back({.device = device, .first = item});
  PlacedSegment& segment = result.segments.back();
  segment.last = item;
  ++segment.items;
  segment.ms += ms;
}

}  // namespace

bool SolveItem::placed() const {
  return std::any_of(ms.items.begin(), ms.items.end(), [](const auto& item) { return item; });
}

double Segmentation::ane_item_share() const {
  return placed > 0 ? static_cast<double>(on_ane) / static_cast<double>(placed) : 0;
}

std::optional<double> Segmentation::missing_work_ms() const {
  if (on_ane > 0)
    return 0;
  if (!with_ane_ms)
    return std::nullopt;
  return std::max(0.0, *with_ane_ms - total_ms);
}

std::optional<double> Segmentation::saved_ms() const {
  if (on_ane == 0)
    return 0;
  if (!without_ane_ms)
    return std::nullopt;
  return std::max(0.0, *without_ane_ms - total_ms);
}

Segmentation segment(std::span<const SolveItem> items, const SolveCosts& costs, ComputeUnits units,
                     AllUnits policy) {
  Segmentation result;
  result.items.resize(items.size());
  std::vector<std::size_t> index;  // of the items that are placed
  std::vector<Costs> placed;
  for (std::size_t i = 0; i < items.size(); ++i) {
    Costs taking_part = participating(items[i], units, policy);
    if (SolveItem{.ms = taking_part}.placed()) {
      index.push_back(i);
      placed.push_back(taking_part);
    }
  }
  result.placed = placed.size();
  if (placed.empty())
    return result;

  result.all_ane_ms = all_on_ane(placed, costs);
  const Solver solver(placed, costs);
  result.total_ms = solver.best();
  result.with_ane_ms = finite(solver.with_ane());
  result.without_ane_ms = finite(solver.without_ane());

  const auto chosen = solver.path(Solver::Prefer::most_ane);
  const auto other = solver.path(Solver::Prefer::least_ane);
  for (std::size_t k = 0; k < index.size(); ++k) {
    ItemPlacement& item = result.items[index[k]];
    item.backend = chosen[k];
    const Backend device = device_of(chosen[k]);
    for (const CostBackend backend : k_cost_backends) {
      item.optimal[backend] = solver.is_best(solver.through(k, backend));
      item.tie = item.tie || (item.optimal[backend] && device_of(backend) != device);
    }
    result.tie = result.tie || item.tie;
    if (const auto through_ane = finite(solver.through(k, CostBackend::ane)))
      item.ane_detour_ms =
          item.optimal[CostBackend::ane] ? 0 : std::max(0.0, *through_ane - solver.best());
    const double ms = *placed[k][chosen[k]];
    result.operations_ms += ms;
    if (device == Backend::ane) {
      ++result.on_ane;
      result.ane_ms += ms;
      item.maybe_gpu =
          units == ComputeUnits::all && items[index[k]].gpu && !placed[k][CostBackend::mps_graph];
    }
    if (other[k] == CostBackend::ane)
      ++result.least_on_ane;
    if (k > 0 && chosen[k] != chosen[k - 1])
      ++result.switches;
    add_segment(result, index[k], device, ms);
  }
  result.most_on_ane = result.on_ane;
  return result;
}

}  // namespace anecompat::ane
