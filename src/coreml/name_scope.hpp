// Names and what they mean, by lexical scope.
#pragma once

#include "coreml/graph.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// A symbol table with nested scopes: inner scopes see outer names and may shadow them, which
// while_loop bodies do in practice. Looking up and binding take constant time at any nesting.
class NameScope {
 public:
  NameScope();

  std::optional<ValueId> find(std::string_view name) const;
  // Whether this very scope, not one around it, has the name.
  bool defined_here(std::string_view name) const;
  // `name` must stay valid as long as the table. False when this very scope had it already; the
  // later one wins then.
  bool bind(std::string_view name, ValueId id);

  void open() { m_scopes.push_back(static_cast<std::uint32_t>(m_bindings.size())); }
  // Forgets what was bound since the matching open().
  void close();
  // Forgets everything.
  void clear();

 private:
  static constexpr std::uint32_t k_none = UINT32_MAX;

  // A name that was ever bound; stays when its scope closes.
  struct Entry {
    std::string_view name;
    std::uint64_t hash = 0;
    std::uint32_t binding = k_none;
  };
  // Where an entry is found; small, so that the table stays in the cache.
  struct Slot {
    std::uint32_t tag = 0;  // the upper half of the hash
    std::uint32_t entry = k_none;
  };
  struct Binding {
    std::uint32_t entry;
    ValueId id;
    std::uint32_t shadowed;  // the binding this one hides
  };

  std::uint64_t hash_of(std::string_view name) const;
  // Where `name` is, or the free slot where it would go.
  std::size_t slot_of(std::string_view name, std::uint64_t hash) const;
  void grow();

  std::vector<Slot> m_slots;
  std::vector<Entry> m_entries;
  std::vector<Binding> m_bindings;
  std::vector<std::uint32_t> m_scopes;
  std::uint64_t m_seed;
};

}  // namespace anecompat::coreml
