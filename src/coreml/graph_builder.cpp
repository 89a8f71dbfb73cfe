#include "coreml/graph_builder.hpp"

#include <algorithm>
#include <array>

namespace anecompat::coreml {

namespace {

// Argument and attribute spans point into the arena, which this builder alone hands out; sorting
// them in place before the Graph is finished is not visible to anyone.
template <typename Named>
void sort_by_name(std::span<const Named> items) {
  auto* first = const_cast<Named*>(items.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  std::sort(first, first + items.size(),
            [](const Named& a, const Named& b) { return a.name < b.name; });
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

std::span<const Operation> GraphBuilder::store_operations(std::vector<Operation>& operations) {
  const auto stored = store(operations);
  for (const auto& op : stored) {
    sort_by_name(op.inputs);
    sort_by_name(op.attributes);
    for (const auto id : op.outputs)
      value(id).producer = &op;
  }
  return stored;
}

}  // namespace anecompat::coreml
