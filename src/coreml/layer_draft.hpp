// One neural network layer on its way to becoming an Operation.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/layer_fields.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

struct LayerRow;

// A shape while it is being inferred; nullopt: not even the rank is known.
using Dims = std::optional<std::vector<std::int64_t>>;

// What a draft is made in. Used again for the next layer, so that its memory is asked for once.
struct LayerWorkspace {
  LayerFields fields;
  std::vector<Attribute> attributes;
};

class LayerDraft {
 public:
  LayerDraft(const LayerRow& row, LayerWorkspace& workspace, GraphBuilder& builder);

  // Turns the fields into attributes by the row's list, then calls the row's refine function.
  void fill();

  // Sets (or replaces) an attribute.
  void set(std::string_view name, Literal value);
  void set_int(std::string_view name, std::int64_t value) { set(name, m_builder->integer(value)); }
  void set_bool(std::string_view name, bool value) { set(name, m_builder->boolean(value)); }
  void set_real(std::string_view name, double value) { set(name, m_builder->real(value)); }
  void set_text(std::string_view name, std::string_view value) {
    set(name, m_builder->text(value));
  }
  void set_ints(std::string_view name, std::span<const std::int64_t> values) {
    set(name, m_builder->ints(values));
  }
  // A weight that is stored in the file: "<name>" without its elements and "<name>_shape".
  void set_constant(std::string_view name, std::span<const std::int64_t> shape,
                    const WeightInfo& info);
  void remove(std::string_view name);
  // Notes something odd about this layer.
  void note(std::string_view what);

  // Attributes as the rules of shapes read them.
  const Literal* find(std::string_view name) const;
  std::span<const std::int64_t> ints(std::string_view name) const;
  std::optional<std::int64_t> integer(std::string_view name) const;
  bool flag(std::string_view name) const { return integer(name).value_or(0) != 0; }
  std::optional<double> real(std::string_view name) const;
  std::string_view text(std::string_view name) const;

  const LayerRow& row;
  std::string_view label;  // the layer's name, for notes
  LayerFields& fields;
  std::string_view type;
  // Which parameter each input is bound to; a name that ends in '*' takes all that are left.
  std::string_view operands;
  OperationKind kind = OperationKind::compute;
  std::size_t input_count = 0;
  std::size_t output_count = 0;
  // Rank of the first input as the network sees it, 0 when unknown.
  std::size_t rank = 0;
  std::vector<Attribute>& attributes;

 private:
  GraphBuilder* m_builder;
};

}  // namespace anecompat::coreml
