// How readers (and tests) fill a Graph.
#pragma once

#include "coreml/graph.hpp"

#include <cstring>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <type_traits>

namespace anecompat::coreml {

// Owns the Graph under construction. Everything handed to the Graph goes through store() or
// intern(), which copy into the Graph's arena; text that is part of a kept file need not be
// interned.
class GraphBuilder {
 public:
  explicit GraphBuilder(std::string_view format) { m_graph.m_format = intern(format); }

  // Keeps a file's bytes alive as long as the Graph, so that names may point into them.
  void keep(std::shared_ptr<const void> owner) { m_graph.m_keep_alive.push_back(std::move(owner)); }

  // Copies text into the arena.
  std::string_view intern(std::string_view text) {
    if (text.empty())
      return {};
    auto* to = static_cast<char*>(m_graph.m_arena->allocate(text.size(), 1));
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  // Moves elements into the arena. They must be trivially destructible: the arena runs no
  // destructors.
  template <std::ranges::contiguous_range Range>
  auto store(const Range& items) {
    using T = std::remove_cv_t<std::ranges::range_value_t<Range>>;
    static_assert(std::is_nothrow_copy_constructible_v<T> && std::is_trivially_destructible_v<T>);
    const auto count = std::ranges::size(items);
    if (count == 0)
      return std::span<const T>();
    auto* to = static_cast<T*>(m_graph.m_arena->allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_copy_n(std::ranges::data(items), count, to);
    return std::span<const T>(to, count);
  }
  template <typename T>
  std::span<const T> store(std::initializer_list<T> items) {
    return store(std::span<const T>(items.begin(), items.size()));
  }
  // One element, with a stable address.
  template <typename T>
  const T* store_one(const T& item) {
    return store(std::span<const T>(&item, 1)).data();
  }

  // Shapes and literals from plain containers.
  Shape shape(std::span<const std::int64_t> dims) { return {.ranked = true, .dims = store(dims)}; }
  ValueType tensor(DataType dtype, std::span<const std::int64_t> dims) {
    return {.kind = ValueType::Kind::tensor, .dtype = dtype, .shape = shape(dims)};
  }
  Literal ints(std::span<const std::int64_t> values, DataType dtype = DataType::int32);
  Literal floats(std::span<const double> values, DataType dtype = DataType::float32);
  Literal strings(std::span<const std::string_view> values);  // interned
  // Scalars (rank 0).
  Literal integer(std::int64_t value, DataType dtype = DataType::int32);
  Literal boolean(bool value) { return integer(value ? 1 : 0, DataType::boolean); }
  Literal real(double value, DataType dtype = DataType::float32);
  Literal text(std::string_view value);

  ValueId add_value(Value value);
  Value& value(ValueId id) { return m_graph.m_values[static_cast<std::size_t>(id)]; }
  std::size_t value_count() const { return m_graph.m_values.size(); }

  // Numbers an operation; call once per operation in pre-order (before those of its blocks).
  std::uint32_t next_operation_index() { return m_graph.m_operation_count++; }
  // Room in the arena for a sequence of operations; to be filled in and then finished.
  std::span<Operation> allocate_operations(std::size_t count);
  // Sorts the arguments and attributes of a filled in sequence by name, and points its output
  // values at it.
  std::span<const Operation> finish_operations(std::span<Operation> operations);
  // Both at once, for a sequence whose length is known at its end only.
  std::span<const Operation> store_operations(const std::vector<Operation>& operations);

  void note(std::string text) { m_graph.m_notes.push_back({std::move(text)}); }

  // How much there is, for a reader that has to start over. What the arena holds stays in it.
  struct Mark {
    std::size_t values = 0;
    std::size_t notes = 0;
    std::uint32_t operations = 0;
  };
  Mark mark() const {
    return {m_graph.m_values.size(), m_graph.m_notes.size(), m_graph.m_operation_count};
  }
  void rewind(const Mark& mark) {
    m_graph.m_values.resize(mark.values);
    m_graph.m_notes.resize(mark.notes);
    m_graph.m_operation_count = mark.operations;
  }

  // Hands the Graph over.
  Graph finish(const Model& model) && {
    m_graph.m_model = model;
    return std::move(m_graph);
  }
  const Graph& graph() const { return m_graph; }

 private:
  Graph m_graph;
};

}  // namespace anecompat::coreml
