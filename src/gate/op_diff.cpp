#include "gate/op_diff.hpp"

#include "gate/op_match.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace anecompat::gate {

namespace {

using ane::Backend;
using evaluate::Comparison;
using evaluate::Evaluation;
using evaluate::OpChange;
using evaluate::OpResult;
using Kind = evaluate::OpChange::Kind;

constexpr std::uint32_t k_nobody = UINT32_MAX;

bool takes_ane(const OpResult& op) {
  return std::ranges::find(op.eligible, Backend::ane) != op.eligible.end();
}

OpChange described(Kind kind, const OpResult& op) {
  OpChange change;
  change.kind = kind;
  change.path = op.path;
  change.type = op.type;
  change.shape = op.shape;
  change.boundary = op.boundary;
  return change;
}

OpChange change_of(Kind kind, const OpResult* was, const OpResult& now) {
  auto change = described(kind, now);
  change.after = now.placement;
  change.eligible = takes_ane(now);
  change.cost_us = now.cost_us;
  if (now.placement != Backend::ane)
    change.reason = now.reason;
  if (was == nullptr)
    return change;
  change.before = was->placement;
  if (was->path != now.path)
    change.old_path = was->path;
  if (was->type != now.type)
    change.old_type = was->type;
  if (was->shape != now.shape)
    change.old_shape = was->shape;
  return change;
}

std::optional<Kind> kind_of(const OpResult& was, const OpResult& now) {
  if (was.placement && now.placement && was.placement != now.placement) {
    if (was.placement == Backend::ane)
      return Kind::left;
    return now.placement == Backend::ane ? Kind::joined : Kind::moved;
  }
  if (was.type != now.type || was.shape != now.shape)
    return Kind::changed;
  return std::nullopt;
}

class Diff {
 public:
  Diff(const Evaluation& before, const Evaluation& after) : m_before(before), m_after(after) {}

  Comparison run(std::size_t kept) {
    find_changes();
    find_causes();
    count();
    sort();
    auto& changes = m_result.changes;
    changes.reserve(std::min(kept, m_found.size()));
    for (auto& found : m_found) {
      if (changes.size() < kept)
        changes.push_back(std::move(found.change));
      else
        ++m_result.more_changes;
    }
    m_result.evidence = m_before.evidence;
    m_result.before = standing_of(m_before);
    m_result.after = standing_of(m_after);
    return std::move(m_result);
  }

 private:
  struct Found {
    OpChange change;
    std::uint32_t op = k_nobody;     // in `after`
    std::uint32_t cause = k_nobody;  // in `after`; itself when it is one
    double loss = 0;                 // of a cause: with all that it pulled along
    double own = 0;
  };

  void find_changes() {
    const auto matches = match_ops(m_before.ops, m_after.ops);
    std::vector<bool> kept(m_before.ops.size());
    for (std::uint32_t i = 0; i < matches.size(); ++i) {
      const auto& now = m_after.ops[i];
      if (!matches[i]) {
        m_found.push_back({.change = change_of(Kind::added, nullptr, now), .op = i});
        continue;
      }
      kept[*matches[i]] = true;
      const auto& was = m_before.ops[*matches[i]];
      if (const auto kind = kind_of(was, now))
        m_found.push_back({.change = change_of(*kind, &was, now), .op = i});
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i])
        continue;
      m_found.push_back({.change = described(Kind::removed, m_before.ops[i])});
      m_found.back().change.before = m_before.ops[i].placement;
    }
  }

  // Off the ANE because the ANE does not take it as it is now.
  static bool is_cause(const OpChange& change) {
    const bool arrived = change.kind == Kind::left || change.kind == Kind::added;
    return arrived && !change.boundary && !change.eligible && change.after &&
           change.after != Backend::ane;
  }

  void find_causes() {
    m_cause.assign(m_after.ops.size(), k_nobody);
    std::deque<std::uint32_t> next;
    const bool any_left = std::ranges::any_of(
        m_found, [](const Found& found) { return found.change.kind == Kind::left; });
    for (auto& found : m_found) {
      found.own = found.change.cost_us.value_or(m_after.shares.cost ? 0 : 1);
      if (!any_left || !is_cause(found.change))
        continue;
      m_cause[found.op] = found.op;
      next.push_back(found.op);
    }
    spread(next);
    charge();
  }

  // Everything reachable belongs to the cause that is nearest.
  void spread(std::deque<std::uint32_t>& next) {
    if (next.empty())
      return;
    std::vector<std::vector<std::uint32_t>> consumers(m_after.ops.size());
    for (std::uint32_t i = 0; i < m_after.ops.size(); ++i) {
      for (const auto input : m_after.ops[i].inputs)
        consumers[input].push_back(i);
    }
    while (!next.empty()) {
      const auto op = next.front();
      next.pop_front();
      const auto reach = [&](std::uint32_t other) {
        if (m_cause[other] != k_nobody)
          return;
        m_cause[other] = m_cause[op];
        next.push_back(other);
      };
      std::ranges::for_each(m_after.ops[op].inputs, reach);
      std::ranges::for_each(consumers[op], reach);
    }
  }

  void charge() {
    std::map<std::uint32_t, std::size_t> index;  // of causes in m_found
    for (std::size_t i = 0; i < m_found.size(); ++i) {
      auto& found = m_found[i];
      found.loss = found.own;
      if (found.op == k_nobody)
        continue;
      found.cause = m_cause[found.op] == found.op ? found.op : k_nobody;
      if (found.cause != k_nobody)
        index.emplace(found.op, i);
    }
    for (auto& found : m_found) {
      if (found.change.kind != Kind::left || found.change.boundary || found.cause != k_nobody)
        continue;
      const auto cause = index.find(m_cause[found.op]);
      if (cause == index.end())
        continue;
      auto& charged = m_found[cause->second];
      charged.loss += found.own;
      ++charged.change.pulled;
      found.change.caused_by = charged.change.path;
    }
  }

  void count() {
    for (const auto& found : m_found) {
      if (found.change.boundary)
        continue;
      switch (found.change.kind) {
        case Kind::left:
          ++m_result.left;
          break;
        case Kind::joined:
          ++m_result.joined;
          break;
        case Kind::moved:
          ++m_result.moved;
          break;
        case Kind::changed:
          ++m_result.changed;
          break;
        case Kind::added:
          ++m_result.added;
          break;
        case Kind::removed:
          ++m_result.removed;
          break;
      }
    }
  }

  // A new operation that pulls others off the ANE stands with those that left.
  static int rank(const Found& found) {
    switch (found.change.kind) {
      case Kind::left:
        return 0;
      case Kind::added:
        return found.change.pulled > 0 ? 0 : 3;
      case Kind::joined:
        return 1;
      case Kind::moved:
        return 2;
      case Kind::removed:
        return 4;
      case Kind::changed:
        return 5;
    }
    return 5;
  }

  void sort() {
    std::ranges::stable_sort(m_found, [](const Found& a, const Found& b) {
      const auto key = [](const Found& found) {
        const auto group = rank(found);
        return std::tuple(group, found.change.boundary, !found.change.caused_by.empty(),
                          group == 0 ? -found.loss : 0.0);
      };
      return key(a) < key(b);
    });
  }

  const Evaluation& m_before;
  const Evaluation& m_after;
  std::vector<Found> m_found;
  std::vector<std::uint32_t> m_cause;  // by operation of `after`
  Comparison m_result;
};

}  // namespace

evaluate::Standing standing_of(const Evaluation& evaluation) {
  evaluate::Standing standing;
  standing.level = evaluation.level;
  standing.eligible_level = evaluation.eligible_level;
  standing.ops = evaluation.counts.ops;
  standing.segments = static_cast<std::uint32_t>(evaluation.segments.size());
  for (std::size_t i = 1; i < evaluation.segments.size(); ++i) {
    if (evaluation.segments[i].backend != evaluation.segments[i - 1].backend)
      ++standing.transitions;
  }
  standing.ops_share = evaluation.shares.ops;
  standing.cost_share = evaluation.shares.cost;
  return standing;
}

Comparison compare_evaluations(const Evaluation& before, const Evaluation& after,
                               std::size_t kept) {
  return Diff(before, after).run(kept);
}

}  // namespace anecompat::gate
