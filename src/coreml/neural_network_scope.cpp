#include "coreml/neural_network_scope.hpp"

#include <algorithm>
#include <array>

namespace anecompat::coreml {

namespace {

constexpr std::size_t k_rank = 5;

// What an attribute says about the dimensions of rank 5.
struct Role {
  enum class Kind : std::uint8_t { none, per_dimension, slice, axis };

  Kind kind = Kind::none;
  std::size_t entries = 0;   // per_dimension: how many of them belong to the sequence
  std::int64_t neutral = 0;  // and what these are when the layer leaves the sequence alone
};

Role role_of(std::string_view name) {
  using Kind = Role::Kind;
  struct Row {
    std::string_view name;
    Role role;
  };
  constexpr std::array k_rows = {
      Row{"axis", {.kind = Kind::axis}},        Row{"axes", {.kind = Kind::axis}},
      Row{"reps", {Kind::per_dimension, 1, 1}}, Row{"shape", {Kind::per_dimension, 1, 1}},
      Row{"perm", {Kind::per_dimension, 1, 0}}, Row{"pad", {Kind::per_dimension, 2, 0}},
      Row{"begin", {.kind = Kind::slice}},      Row{"end", {.kind = Kind::slice}},
      Row{"stride", {.kind = Kind::slice}},     Row{"begin_mask", {.kind = Kind::slice}},
      Row{"end_mask", {.kind = Kind::slice}},   Row{"squeeze_mask", {.kind = Kind::slice}}};
  const auto* row = std::ranges::find(k_rows, name, &Row::name);
  return row == k_rows.end() ? Role{} : row->role;
}

// Whether it does, as far as this attribute says.
bool leaves_sequence(const LayerDraft& layer, const Attribute& attribute) {
  const auto role = role_of(attribute.name);
  if (role.kind == Role::Kind::none)
    return true;
  const auto values = attribute.value.ints().value_or(std::span<const std::int64_t>());
  if (role.kind == Role::Kind::per_dimension) {
    return values.size() != role.entries * k_rank ||
           std::ranges::all_of(values.first(role.entries),
                               [&](auto entry) { return entry == role.neutral; });
  }
  if (role.kind == Role::Kind::slice)
    return attribute.name != "squeeze_mask" || values.size() != k_rank || values[0] == 0;
  // An axis of expand_dims and stack counts in the rank of the output, which is another one.
  if (!values.empty() && (layer.type == "expand_dims" || layer.type == "stack"))
    return false;
  return std::ranges::none_of(values, [](auto axis) { return axis == 0 || axis == -5; });
}

// The value without what it says about the sequence, which leaves_sequence() found to be nothing.
void drop_sequence(Attribute& attribute, GraphBuilder& builder) {
  const auto role = role_of(attribute.name);
  if (role.kind == Role::Kind::none)
    return;
  const auto all = attribute.value.ints().value_or(std::span<const std::int64_t>());
  if (role.kind == Role::Kind::axis) {
    std::vector<std::int64_t> axes(all.begin(), all.end());
    for (auto& axis : axes)
      axis = axis > 0 && axis < static_cast<std::int64_t>(k_rank) ? axis - 5 : axis;
    if (!axes.empty())
      attribute.value.elements = builder.store(axes);
    return;
  }
  const auto head = role.kind == Role::Kind::slice ? 1 : role.entries;
  if (all.size() != head * k_rank)
    return;
  std::vector<std::int64_t> rest(all.begin() + static_cast<std::ptrdiff_t>(head), all.end());
  if (attribute.name == "perm")
    std::ranges::for_each(rest, [](auto& axis) { axis -= axis > 0 ? 1 : 0; });
  attribute.value = builder.ints(rest, attribute.value.type.dtype);
}

}  // namespace

bool hide_sequence(LayerDraft& layer, GraphBuilder& builder) {
  const auto leaves = [&](const Attribute& attribute) { return leaves_sequence(layer, attribute); };
  if (!std::ranges::all_of(layer.attributes, leaves))
    return false;
  for (auto& attribute : layer.attributes)
    drop_sequence(attribute, builder);
  return true;
}

std::vector<std::pair<std::string_view, ValueId>> NetworkScope::close() {
  const auto begin = m_defined.begin() + static_cast<std::ptrdiff_t>(m_begins.back());
  std::vector<std::pair<std::string_view, ValueId>> defined(begin, m_defined.end());
  m_defined.erase(begin, m_defined.end());
  m_begins.pop_back();
  m_names.close();
  return defined;
}

ValueId NetworkScope::define(std::string_view name, const Dims& dims) {
  Value value{.name = name, .type = {.kind = ValueType::Kind::tensor}};
  if (dims) {
    const std::span<const std::int64_t> all = *dims;
    value.type.shape = m_builder->shape(hides(dims) ? all.subspan(1) : all);
  }
  const auto id = m_builder->add_value(value);
  m_dims.push_back(dims);
  m_names.bind(name, id);
  m_defined.emplace_back(name, id);
  return id;
}

}  // namespace anecompat::coreml
