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

// Keeps a file from being written so that all its names collide. Drawn once: asking the system
// takes longer than reading a small model.
std::uint64_t seed() {
  static const std::uint64_t drawn = [] {
    std::random_device device;
    return (std::uint64_t{device()} << 32U) | device();
  }();
  return drawn;
}

std::uint32_t tag_of(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32U);
}

}  // namespace

NameScope::NameScope() : m_slots(k_initial_slots), m_seed(seed()) {}

std::optional<ValueId> NameScope::find(std::string_view name) const {
  const auto& slot = m_slots[slot_of(name, hash_of(name))];
  if (slot.entry == k_none || m_entries[slot.entry].binding == k_none)
    return std::nullopt;
  return m_bindings[m_entries[slot.entry].binding].id;
}

bool NameScope::defined_here(std::string_view name) const {
  const auto& slot = m_slots[slot_of(name, hash_of(name))];
  if (slot.entry == k_none || m_entries[slot.entry].binding == k_none)
    return false;
  return m_scopes.empty() || m_entries[slot.entry].binding >= m_scopes.back();
}

bool NameScope::bind(std::string_view name, ValueId id) {
  const auto hash = hash_of(name);
  auto at = slot_of(name, hash);
  if (m_slots[at].entry == k_none) {
    if ((m_entries.size() + 1) * 2 > m_slots.size()) {
      grow();
      at = slot_of(name, hash);
    }
    m_slots[at] = {.tag = tag_of(hash), .entry = static_cast<std::uint32_t>(m_entries.size())};
    m_entries.push_back({.name = name, .hash = hash, .binding = k_none});
  }
  auto& entry = m_entries[m_slots[at].entry];
  const std::uint32_t scope_begin = m_scopes.empty() ? 0 : m_scopes.back();
  const bool fresh = entry.binding == k_none || entry.binding < scope_begin;
  m_bindings.push_back({.entry = m_slots[at].entry, .id = id, .shadowed = entry.binding});
  entry.binding = static_cast<std::uint32_t>(m_bindings.size() - 1);
  return fresh;
}

void NameScope::close() {
  const auto begin = m_scopes.back();
  m_scopes.pop_back();
  while (m_bindings.size() > begin) {
    m_entries[m_bindings.back().entry].binding = m_bindings.back().shadowed;
    m_bindings.pop_back();
  }
}

void NameScope::clear() {
  std::ranges::fill(m_slots, Slot{});
  m_entries.clear();
  m_bindings.clear();
  m_scopes.clear();
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
  const auto tag = tag_of(hash);
  auto at = static_cast<std::size_t>(hash) & mask;
  while (m_slots[at].entry != k_none &&
         (m_slots[at].tag != tag || m_entries[m_slots[at].entry].name != name))
    at = (at + 1) & mask;
  return at;
}

void NameScope::grow() {
  m_slots.assign(m_slots.size() * 2, Slot{});
  for (std::uint32_t i = 0; i < m_entries.size(); ++i) {
    const auto hash = m_entries[i].hash;
    m_slots[slot_of(m_entries[i].name, hash)] = {.tag = tag_of(hash), .entry = i};
  }
}

}  // namespace anecompat::coreml
