#include "gate/op_match.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <tuple>
#include <utility>

namespace anecompat::gate {

namespace {

using evaluate::OpResult;
using Hash = std::uint64_t;

// How far surroundings reach, in steps from operation to operation. Deeper, an edit would blur more
// of what is around it; at four, repeated layers are still told apart at their ends.
constexpr std::size_t k_reach = 4;
// With fewer names in common than one in so many, names were generated anew and mean nothing.
constexpr std::size_t k_common_names = 2;

Hash mixed(Hash a, Hash b) {
  constexpr Hash k_odd = 0x9E3779B97F4A7C15ULL;
  a ^= b + k_odd + (a << 6U) + (a >> 2U);
  a ^= a >> 29U;
  a *= 0xBF58476D1CE4E5B9ULL;
  return a ^ (a >> 32U);
}

Hash hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

// One model: what its operations look like from various distances.
class Side {
 public:
  explicit Side(std::span<const OpResult> ops) : m_ops(ops), m_consumers(ops.size()) {
    for (std::uint32_t i = 0; i < ops.size(); ++i) {
      for (const auto input : ops[i].inputs)
        m_consumers[input].push_back(i);
    }
    m_surroundings[0].reserve(ops.size());
    m_forms[0].reserve(ops.size());
    for (const auto& op : ops) {
      m_surroundings[0].push_back(mixed(hash_of(op.type), hash_of(op.shape)));
      m_forms[0].push_back(hash_of(op.type));
    }
    for (std::size_t reach = 1; reach <= k_reach; ++reach) {
      m_surroundings.at(reach) = widened(m_surroundings.at(reach - 1));
      m_forms.at(reach) = widened(m_forms.at(reach - 1));
    }
  }

  std::span<const OpResult> ops() const { return m_ops; }
  const std::vector<std::uint32_t>& consumers(std::uint32_t op) const { return m_consumers[op]; }
  const std::vector<Hash>& surroundings(std::size_t reach) const {
    return m_surroundings.at(reach);
  }
  // The same by types alone: what is left when every shape changed.
  const std::vector<Hash>& forms(std::size_t reach) const { return m_forms.at(reach); }

 private:
  std::vector<Hash> widened(const std::vector<Hash>& from) const {
    std::vector<Hash> result(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) {
      auto hash = mixed(from[i], 1);
      for (const auto input : m_ops[i].inputs)
        hash = mixed(hash, from[input]);
      Hash consumers = 0;  // in no order: nothing says which of them comes first
      for (const auto consumer : m_consumers[i])
        consumers += mixed(from[consumer], 2);
      result[i] = mixed(hash, consumers);
    }
    return result;
  }

  std::span<const OpResult> m_ops;
  std::vector<std::vector<std::uint32_t>> m_consumers;
  std::array<std::vector<Hash>, k_reach + 1> m_surroundings;
  std::array<std::vector<Hash>, k_reach + 1> m_forms;
};

class Matcher {
 public:
  Matcher(std::span<const OpResult> before, std::span<const OpResult> after)
      : m_before(before), m_after(after), m_matches(after.size()), m_used(before.size()) {}

  std::vector<std::optional<std::uint32_t>> run() {
    by_surroundings(k_reach);
    by_name([](const OpResult& op) { return std::tuple(name_of(op), type_of(op), shape_of(op)); });
    by_surroundings(2);
    by_surroundings(1);
    by_name([](const OpResult& op) { return std::tuple(name_of(op), type_of(op)); });
    by_neighbours();
    by_name([](const OpResult& op) { return std::tuple(name_of(op)); });
    if (!names_are_kept()) {
      by_forms(k_reach);
      by_forms(2);
      by_surroundings(0);
      by_neighbours();
    }
    return std::move(m_matches);
  }

 private:
  using Indices = std::vector<std::uint32_t>;

  static std::string_view name_of(const OpResult& op) { return op.path; }
  static std::string_view type_of(const OpResult& op) { return op.type; }
  static std::string_view shape_of(const OpResult& op) { return op.shape; }

  void match(std::uint32_t before, std::uint32_t after) {
    m_matches[after] = before;
    m_used[before] = true;
    m_fresh.push_back(after);
  }

  // Those without a partner, ordered by key, then by position.
  template <typename Key>
  Indices rest_of_before(Key key) const {
    Indices rest;
    for (std::uint32_t i = 0; i < m_used.size(); ++i) {
      if (!m_used[i])
        rest.push_back(i);
    }
    std::ranges::stable_sort(rest, {}, key);
    return rest;
  }
  template <typename Key>
  Indices rest_of_after(Key key) const {
    Indices rest;
    for (std::uint32_t i = 0; i < m_matches.size(); ++i) {
      if (!m_matches[i])
        rest.push_back(i);
    }
    std::ranges::stable_sort(rest, {}, key);
    return rest;
  }

  // Walks the two lists of those left, and hands over the groups that have the same key.
  template <typename BeforeKey, typename AfterKey, typename Pair>
  void for_each_group(BeforeKey before_key, AfterKey after_key, Pair pair) {
    const auto before = rest_of_before(before_key);
    const auto after = rest_of_after(after_key);
    auto b = before.begin();
    auto a = after.begin();
    while (b != before.end() && a != after.end()) {
      const auto key = before_key(*b);
      const auto other = after_key(*a);
      if (key < other) {
        ++b;
        continue;
      }
      if (other < key) {
        ++a;
        continue;
      }
      const auto b_end = std::find_if(b, before.end(), [&](auto i) { return key < before_key(i); });
      const auto a_end = std::find_if(a, after.end(), [&](auto i) { return key < after_key(i); });
      pair(std::span(b, b_end), std::span(a, a_end));
      b = b_end;
      a = a_end;
    }
  }

  void in_order(std::span<const std::uint32_t> before, std::span<const std::uint32_t> after) {
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i)
      match(before[i], after[i]);
  }

  template <typename Key>
  void by_name(Key key) {
    const auto before = m_before.ops();
    const auto after = m_after.ops();
    for_each_group([&](std::uint32_t i) { return key(before[i]); },
                   [&](std::uint32_t i) { return key(after[i]); },
                   [&](auto b, auto a) { in_order(b, a); });
  }

  void by_surroundings(std::size_t reach) {
    by_looks(m_before.surroundings(reach), m_after.surroundings(reach));
  }
  void by_forms(std::size_t reach) { by_looks(m_before.forms(reach), m_after.forms(reach)); }

  // Among those that look the same: the same name first, then the same place, then any.
  void by_looks(const std::vector<Hash>& old_hashes, const std::vector<Hash>& new_hashes) {
    const auto before = m_before.ops();
    const auto after = m_after.ops();
    for_each_group([&](std::uint32_t i) { return std::tuple(old_hashes[i], name_of(before[i])); },
                   [&](std::uint32_t i) { return std::tuple(new_hashes[i], name_of(after[i])); },
                   [&](auto b, auto a) { in_order(b, a); });
    const auto place = [](const OpResult& op) {
      return op.placement ? static_cast<int>(*op.placement) : -1;
    };
    for_each_group([&](std::uint32_t i) { return std::tuple(old_hashes[i], place(before[i])); },
                   [&](std::uint32_t i) { return std::tuple(new_hashes[i], place(after[i])); },
                   [&](auto b, auto a) { in_order(b, a); });
    for_each_group([&](std::uint32_t i) { return old_hashes[i]; },
                   [&](std::uint32_t i) { return new_hashes[i]; },
                   [&](auto b, auto a) { in_order(b, a); });
  }

  // From every pair on to inputs and consumers of one type at the same position.
  void by_neighbours() {
    m_fresh.clear();
    for (std::uint32_t i = 0; i < m_matches.size(); ++i) {
      if (m_matches[i])
        m_fresh.push_back(i);
    }
    for (std::size_t i = 0; i < m_fresh.size(); ++i) {
      const auto now = m_fresh[i];
      const auto was = *m_matches[now];
      pair_up(m_before.ops()[was].inputs, m_after.ops()[now].inputs);
      pair_up(m_before.consumers(was), m_after.consumers(now));
    }
  }

  void pair_up(const Indices& before, const Indices& after) {
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
      const auto was = before[i];
      const auto now = after[i];
      if (!m_used[was] && !m_matches[now] && m_before.ops()[was].type == m_after.ops()[now].type)
        match(was, now);
    }
  }

  bool names_are_kept() const {
    std::size_t pairs = 0;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < m_matches.size(); ++i) {
      if (!m_matches[i])
        continue;
      ++pairs;
      kept += m_before.ops()[*m_matches[i]].path == m_after.ops()[i].path ? 1U : 0U;
    }
    return kept * k_common_names > pairs;
  }

  Side m_before;
  Side m_after;
  std::vector<std::optional<std::uint32_t>> m_matches;
  std::vector<bool> m_used;
  Indices m_fresh;
};

// The common case, and the cheapest: nothing was renamed or moved.
bool line_up(std::span<const OpResult> before, std::span<const OpResult> after) {
  return std::ranges::equal(before, after, [](const OpResult& was, const OpResult& now) {
    return was.path == now.path && was.type == now.type && was.shape == now.shape;
  });
}

}  // namespace

std::vector<std::optional<std::uint32_t>> match_ops(std::span<const OpResult> before,
                                                    std::span<const OpResult> after) {
  if (!line_up(before, after))
    return Matcher(before, after).run();
  std::vector<std::optional<std::uint32_t>> matches(after.size());
  for (std::uint32_t i = 0; i < after.size(); ++i)
    matches[i] = i;
  return matches;
}

}  // namespace anecompat::gate
