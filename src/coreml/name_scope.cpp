#include "coreml/name_scope.hpp"

#include <algorithm>
#include <cstring>
#include <random>

namespace anecompat::coreml {

namespace {

constexpr std::size_t k_initial_slots = 1024;  // a power of two
constexpr std::uint64_t k_multiplier = 0x9E3779B97F4A7C15;

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * k_multiplier;
  return hash ^ (hash >> 29U);
}

}  // namespace

// The seed keeps a file from being written so that all its names collide.
NameScope::NameScope()
    : m_slots(k_initial_slots),
      m_seed((std::uint64_t{std::random_device()()} << 32U) | std::random_device()()) {}

std::optional<ValueId> NameScope::find(std::string_view name) const {
  const auto& slot = m_slots[slot_of(name, hash_of(name))];
  if (!slot.used || slot.binding == k_none)
    return std::nullopt;
  return m_bindings[slot.binding].id;
}

bool NameScope::bind(std::string_view name, ValueId id) {
  const auto hash = hash_of(name);
  auto at = slot_of(name, hash);
  if (!m_slots[at].used) {
    if ((m_used + 1) * 2 > m_slots.size()) {
      grow();
      at = slot_of(name, hash);
    }
    m_slots[at] = {.name = name, .hash = hash, .used = true, .binding = k_none};
    ++m_used;
  }
  auto& slot = m_slots[at];
  const std::uint32_t scope_begin = m_scopes.empty() ? 0 : m_scopes.back();
  const bool fresh = slot.binding == k_none || slot.binding < scope_begin;
  m_bindings.push_back({.hash = hash, .name = name, .id = id, .shadowed = slot.binding});
  slot.binding = static_cast<std::uint32_t>(m_bindings.size() - 1);
  return fresh;
}

void NameScope::close() {
  const auto begin = m_scopes.back();
  m_scopes.pop_back();
  while (m_bindings.size() > begin) {
    const auto& last = m_bindings.back();
    m_slots[slot_of(last.name, last.hash)].binding = last.shadowed;
    m_bindings.pop_back();
  }
}

void NameScope::clear() {
  std::ranges::fill(m_slots, Slot{});
  m_bindings.clear();
  m_scopes.clear();
  m_used = 0;
}

std::uint64_t NameScope::hash_of(std::string_view name) const {
  auto hash = mix(m_seed, name.size());
  while (name.size() >= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, name.data(), sizeof word);
    hash = mix(hash, word);
    name.remove_prefix(sizeof word);
  }
  std::uint64_t rest = 0;
  for (const char c : name)
    rest = (rest << 8U) | static_cast<std::uint8_t>(c);
  hash = mix(hash, rest);
  return hash ^ (hash >> 32U);
}

std::size_t NameScope::slot_of(std::string_view name, std::uint64_t hash) const {
  const auto mask = m_slots.size() - 1;
  auto at = static_cast<std::size_t>(hash) & mask;
  while (m_slots[at].used && (m_slots[at].hash != hash || m_slots[at].name != name))
    at = (at + 1) & mask;
  return at;
}

void NameScope::grow() {
  std::vector<Slot> larger(m_slots.size() * 2);
  larger.swap(m_slots);
  for (const auto& slot : larger) {
    if (slot.used)
      m_slots[slot_of(slot.name, slot.hash)] = slot;
  }
}

}  // namespace anecompat::coreml
