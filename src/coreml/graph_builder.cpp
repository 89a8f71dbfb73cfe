#include "coreml/graph_builder.hpp"

#include <algorithm>
#include <array>
#include <memory>

namespace anecompat::coreml {

namespace {

// Argument and attribute spans point into the arena, which this builder alone hands out; sorting
// them in place before the Graph is finished is not visible to anyone.
template <typename Named>
void sort_by_name(std::span<const Named> items) {
  auto* first = const_cast<Named*>(items.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  const auto earlier = [](const Named& a, const Named& b) { return a.name < b.name; };
  if (!std::is_sorted(first, first + items.size(), earlier))
    std::sort(first, first + items.size(), earlier);
}

ValueType vector_type(GraphBuilder& builder, DataType dtype, std::size_t count) {
  return builder.tensor(dtype, std::array{static_cast<std::int64_t>(count)});
}

}  // namespace

Literal GraphBuilder::ints(std::span<const std::int64_t> values, DataType dtype) {
  return {.type = vector_type(*this, dtype, values.size()), .elements = store(values)};
}

Literal GraphBuilder::floats(std::span<const double> values, DataType dtype) {
  return {.type = vector_type(*this, dtype, values.size()), .elements = store(values)};
}

Literal GraphBuilder::strings(std::span<const std::string_view> values) {
  std::vector<std::string_view> interned;
  interned.reserve(values.size());
  for (const auto value : values)
    interned.push_back(intern(value));
  return {.type = vector_type(*this, DataType::string, values.size()), .elements = store(interned)};
}

Literal GraphBuilder::integer(std::int64_t value, DataType dtype) {
  return {.type = tensor(dtype, {}), .elements = store({value})};
}

Literal GraphBuilder::real(double value, DataType dtype) {
  return {.type = tensor(dtype, {}), .elements = store({value})};
}

Literal GraphBuilder::text(std::string_view value) {
  return {.type = tensor(DataType::string, {}), .elements = store({intern(value)})};
}

ValueId GraphBuilder::add_value(Value value) {
  m_graph.m_values.push_back(value);
  return static_cast<ValueId>(m_graph.m_values.size() - 1);
}

std::span<Operation> GraphBuilder::allocate_operations(std::size_t count) {
  // As many values at least are on their way, and growing by doubling would touch twice the memory.
  auto& values = m_graph.m_values;
  if (values.capacity() - values.size() < count)
    values.reserve(std::max(values.size() + count, 2 * values.capacity()));
  if (count == 0)
    return {};
  auto* to = static_cast<Operation*>(
      m_graph.m_arena->allocate(count * sizeof(Operation), alignof(Operation)));
  std::uninitialized_value_construct_n(to, count);
  return {to, count};
}

std::span<const Operation> GraphBuilder::finish_operations(std::span<Operation> operations) {
  for (const auto& op : operations) {
    sort_by_name(op.inputs);
    sort_by_name(op.attributes);
    for (const auto id : op.outputs)
      value(id).producer = &op;
  }
  return operations;
}

std::span<const Operation> GraphBuilder::store_operations(
    const std::vector<Operation>& operations) {
  const auto stored = allocate_operations(operations.size());
  std::ranges::copy(operations, stored.begin());
  return finish_operations(stored);
}

}  // namespace anecompat::coreml
