// What every layer type of compiled neural networks is in the common vocabulary.
#pragma once

#include "coreml/espresso_json.hpp"
#include "coreml/graph_builder.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// A layer under translation: what it says, what is known around it, and what it becomes.
struct EspressoTranslation {
  GraphBuilder& builder;
  const EspressoLayer& layer;
  std::span<const Shape> bottoms;
  std::span<const Shape> tops;

  std::string_view type = {};
  // MIL's parameter name for each bottom; when there are more bottoms than names, the rest belong
  // to the last name.
  std::string_view parameters = {};
  OperationKind kind = OperationKind::compute;
  std::vector<Attribute> attributes = {};
  bool known = false;  // the type and its mode are in the table

  void set(std::string_view name, Literal value) { attributes.push_back({name, value}); }
  void set_int(std::string_view name, std::int64_t value) { set(name, builder.integer(value)); }
  // Lists beyond what a Literal spells out are left out.
  void set_ints(std::string_view name, std::span<const std::int64_t> values) {
    if (values.size() <= Literal::k_max_elements)
      set(name, builder.ints(values));
  }
  std::int64_t integer_or(std::string_view key, std::int64_t fallback) const {
    return layer.integer(key).value_or(fallback);
  }
  // Copy a field, if it is there.
  void copy_int(std::string_view name, std::string_view key);
  void copy_real(std::string_view name, std::string_view key);
  void copy_flag(std::string_view name, std::string_view key);
};

// Translates one layer. An unknown type, or a known one in an unknown mode, becomes
// "unknown_layer_<type>" or "unknown_layer_<type>_<mode>" with its wiring and no attributes.
void translate_espresso_layer(std::string_view source_type, EspressoTranslation& translation);

}  // namespace anecompat::coreml
