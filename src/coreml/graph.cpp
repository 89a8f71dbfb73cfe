#include "coreml/graph.hpp"

#include <algorithm>

namespace anecompat::coreml {

namespace {

// Operations have a handful of arguments: a linear search beats anything cleverer.
template <typename Named>
const Named* find_named(std::span<const Named> items, std::string_view name) {
  const auto found = std::ranges::find(items, name, &Named::name);
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const Argument* Operation::argument(std::string_view wanted) const {
  return find_named(inputs, wanted);
}

const Attribute* Operation::attribute(std::string_view wanted) const {
  return find_named(attributes, wanted);
}

const Value* Graph::operand(const Operation& op, std::string_view name) const {
  const auto* argument = op.argument(name);
  if (argument == nullptr || argument->values.size() != 1)
    return nullptr;
  return &value(argument->values[0]);
}

const Literal* Graph::parameter(const Operation& op, std::string_view name) const {
  if (const auto* attribute = op.attribute(name))
    return &attribute->value;
  const auto* bound = operand(op, name);
  return bound == nullptr ? nullptr : bound->literal;
}

bool Graph::has(const Operation& op, std::string_view name) {
  return op.argument(name) != nullptr || op.attribute(name) != nullptr;
}

}  // namespace anecompat::coreml
