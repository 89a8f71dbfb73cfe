// Collects the elements of one literal while a reader meets them.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/literal.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// Reused from literal to literal, so that reading a constant costs no allocation but its elements'
// place in the Graph. Elements beyond Literal::k_max_elements are counted, not kept. Lists, tuples
// and dictionaries are flattened, so {{"a", "b"}} has the elements "a", "b".
class ElementSink {
 public:
  // How much there is, to go back to.
  struct Mark {
    std::size_t integers = 0;
    std::size_t reals = 0;
    std::size_t strings = 0;
    std::uint64_t count = 0;
  };

  void clear();
  Mark mark() const { return {m_integers.size(), m_reals.size(), m_strings.size(), m_count}; }
  void rewind(const Mark& mark);

  void add_integer(std::int64_t value) {
    if (++m_count <= Literal::k_max_elements)
      m_integers.push_back(value);
  }
  void add_real(double value) {
    if (++m_count <= Literal::k_max_elements)
      m_reals.push_back(value);
  }
  // `text` must stay valid as long as the Graph.
  void add_string(std::string_view text) {
    if (++m_count <= Literal::k_max_elements)
      m_strings.push_back(text);
  }
  // Counts elements that are not looked at.
  void add_unseen(std::uint64_t count) { m_count += count; }
  // Little-endian elements of `dtype`, those of less than a byte packed from the low bits up; at
  // most `limit` of them.
  void add_raw(DataType dtype, std::span<const std::uint8_t> bytes, std::uint64_t limit);

  // True when no more elements are kept.
  bool full() const { return m_count >= Literal::k_max_elements; }

  // What was collected: elements of one kind, or Opaque when there were too many or of several
  // kinds.
  Literal finish(const ValueType& type, GraphBuilder& builder) const;

 private:
  std::vector<std::int64_t> m_integers;
  std::vector<double> m_reals;
  std::vector<std::string_view> m_strings;
  std::uint64_t m_count = 0;
};

// How many bytes a tensor of that type takes when it is stored densely; 0 when that is not known.
std::uint64_t stored_bytes(const ValueType& type);

}  // namespace anecompat::coreml
