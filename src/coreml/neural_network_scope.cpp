#include "coreml/neural_network_scope.hpp"

#include <algorithm>
#include <array>

namespace anecompat::coreml {

namespace {

constexpr std::size_t k_rank = 5;

// Attributes with one entry per dimension, and how many of them belong to the sequence; `neutral`
// is what that entry must be for the layer to leave the sequence alone.
struct PerDimension {
  std::string_view name;
  std::size_t entries;
  std::int64_t neutral;
};
constexpr std::array k_lists = {PerDimension{"reps", 1, 1}, PerDimension{"shape", 1, 1},
                                PerDimension{"perm", 1, 0}, PerDimension{"pad", 2, 0}};
constexpr std::array<std::string_view, 6> k_slice_lists = {
    "begin", "end", "stride", "begin_mask", "end_mask", "squeeze_mask"};
constexpr std::array<std::string_view, 2> k_axis_names = {"axis", "axes"};

bool is_full(const LayerDraft& layer, const PerDimension& list) {
  return layer.ints(list.name).size() == list.entries * k_rank;
}

bool leaves_sequence(const LayerDraft& layer) {
  for (const auto& list : k_lists) {
    if (!is_full(layer, list))
      continue;
    const auto head = layer.ints(list.name).first(list.entries);
    if (!std::ranges::all_of(head, [&](auto entry) { return entry == list.neutral; }))
      return false;
  }
  for (const auto name : k_axis_names) {
    // An axis of expand_dims counts in the rank of the output, which is another one.
    const auto axes = layer.ints(name);
    if (!axes.empty() && (layer.type == "expand_dims" || layer.type == "stack"))
      return false;
    if (std::ranges::any_of(axes, [](auto axis) { return axis == 0 || axis == -5; }))
      return false;
  }
  const auto squeezed = layer.ints("squeeze_mask");
  return squeezed.size() != k_rank || squeezed[0] == 0;
}

}  // namespace

bool hide_sequence(LayerDraft& layer) {
  if (!leaves_sequence(layer))
    return false;
  for (const auto& list : k_lists) {
    if (!is_full(layer, list))
      continue;
    const auto tail = layer.ints(list.name).subspan(list.entries);
    std::vector<std::int64_t> values(tail.begin(), tail.end());
    if (list.name == "perm")
      std::ranges::for_each(values, [](auto& axis) { axis -= axis > 0 ? 1 : 0; });
    layer.set_ints(list.name, values);
  }
  for (const auto name : k_slice_lists) {
    if (const auto values = layer.ints(name); values.size() == k_rank)
      layer.set_ints(name, values.subspan(1));
  }
  for (const auto name : k_axis_names) {
    const auto* literal = layer.find(name);
    const auto axes = layer.ints(name);
    if (literal == nullptr || axes.empty())
      continue;
    std::vector<std::int64_t> values(axes.begin(), axes.end());
    for (auto& axis : values)
      axis = axis > 0 && axis < static_cast<std::int64_t>(k_rank) ? axis - 5 : axis;
    if (literal->type.shape.rank() == 0) {
      layer.set_int(name, values[0]);
    } else {
      layer.set_ints(name, values);
    }
  }
  return true;
}

std::vector<std::pair<std::string_view, ValueId>> NetworkScope::close() {
  auto defined = std::move(m_names.back().order);
  m_names.pop_back();
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
  auto& names = m_names.back();
  names.index[name] = id;
  names.order.emplace_back(name, id);
  return id;
}

ValueId NetworkScope::find(std::string_view name) const {
  for (auto scope = m_names.rbegin(); scope != m_names.rend(); ++scope) {
    if (const auto found = scope->index.find(name); found != scope->index.end())
      return found->second;
  }
  return k_no_value;
}

}  // namespace anecompat::coreml
