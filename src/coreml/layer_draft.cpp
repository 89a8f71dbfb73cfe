#include "coreml/layer_draft.hpp"

#include "coreml/layer_table.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::coreml {

LayerDraft::LayerDraft(const LayerRow& layer_row, LayerWorkspace& workspace, GraphBuilder& builder)
    : row(layer_row),
      fields(workspace.fields),
      type(layer_row.type),
      operands(layer_row.operands),
      attributes(workspace.attributes),
      m_builder(&builder) {
  fields.clear();
  attributes.clear();
}

void LayerDraft::fill() {
  for (const auto& field : row.fields) {
    if (field.attribute.empty())
      continue;
    switch (field.kind) {
      case FieldKind::integer:
        set_int(field.attribute, fields.integer(field.number));
        break;
      case FieldKind::boolean:
        set_bool(field.attribute, fields.boolean(field.number));
        break;
      case FieldKind::real:
        set_real(field.attribute, fields.real(field.number));
        break;
      case FieldKind::text:
        set_text(field.attribute, fields.text(field.number));
        break;
      case FieldKind::integers:
      case FieldKind::booleans:
        if (fields.too_long(field.number)) {
          set(field.attribute, {.elements = Opaque{}});
        } else if (const auto values = fields.integers(field.number); !values.empty()) {
          set(field.attribute,
              m_builder->ints(
                  values, field.kind == FieldKind::booleans ? DataType::boolean : DataType::int32));
        }
        break;
      case FieldKind::reals:
        if (const auto values = fields.reals(field.number); !values.empty())
          set(field.attribute, m_builder->floats(values));
        break;
      case FieldKind::message:
      case FieldKind::weights:
      case FieldKind::weight_group:
        break;
    }
  }
  if (row.refine != nullptr)
    row.refine(*this);
}

void LayerDraft::set(std::string_view name, Literal value) {
  const auto found = std::ranges::find(attributes, name, &Attribute::name);
  if (found != attributes.end()) {
    found->value = value;
  } else {
    attributes.push_back({.name = name, .value = value});
  }
}

void LayerDraft::set_constant(std::string_view name, std::span<const std::int64_t> shape,
                              const WeightInfo& info) {
  set(name, {.type = m_builder->tensor(info.dtype, shape), .elements = Opaque{info.bytes}});
  if (name == "weight")
    set_ints("weight_shape", shape);
}

void LayerDraft::remove(std::string_view name) {
  std::erase_if(attributes, [&](const Attribute& attribute) { return attribute.name == name; });
}

void LayerDraft::note(std::string_view what) {
  m_builder->note(fmt::format("layer \"{}\" ({}): {}", printable(label), row.name, what));
}

const Literal* LayerDraft::find(std::string_view name) const {
  const auto found = std::ranges::find(attributes, name, &Attribute::name);
  return found == attributes.end() ? nullptr : &found->value;
}

std::span<const std::int64_t> LayerDraft::ints(std::string_view name) const {
  const auto* literal = find(name);
  if (literal == nullptr)
    return {};
  return literal->ints().value_or(std::span<const std::int64_t>());
}

std::optional<std::int64_t> LayerDraft::integer(std::string_view name) const {
  const auto* literal = find(name);
  return literal == nullptr ? std::nullopt : literal->as_int();
}

std::optional<double> LayerDraft::real(std::string_view name) const {
  const auto* literal = find(name);
  return literal == nullptr ? std::nullopt : literal->as_float();
}

std::string_view LayerDraft::text(std::string_view name) const {
  const auto* literal = find(name);
  return literal == nullptr ? std::string_view() : literal->as_string().value_or("");
}

}  // namespace anecompat::coreml
