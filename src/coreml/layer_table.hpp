// The one table of neural network layers: numbers, names, what they are called in MIL's words.
//
// How a layer becomes an Operation:
// - type: MIL's name of the same thing where there is one ("convolution" → "conv"); the layer's own
//   name otherwise ("mvn", "average", "copy").
// - Layers have inputs by position only; `operands` binds each to MIL's parameter name: "x", "y",
//   "indices", "initial_h". A name ending in '*' takes all inputs that are left, however many.
//   Three and more operands of add, mul, maximum and minimum are "values" too. Inputs beyond the
//   list are bound to "extra".
// - Fields become attributes with MIL's parameter names and meanings; sizes are [H, W] (3-D:
//   [D, H, W]), `pad` is [before, after] for each of the last dimensions in turn.
// - A weight inside the layer is the attribute "weight" (type and shape, no elements) and its shape
//   once more as "weight_shape" in MIL's layout; `has_bias` tells of a bias. A weight computed at
//   run time is the operand "weight", as in MIL.
// - An attribute is left out when an operand of that name is bound.
#pragma once

#include "coreml/layer_draft.hpp"
#include "coreml/layer_fields.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace anecompat::coreml {

struct ShapeCall;

// How many inputs and outputs a layer may have.
struct Arity {
  static constexpr std::uint8_t k_many = std::numeric_limits<std::uint8_t>::max();

  std::uint8_t min_inputs;
  std::uint8_t max_inputs;
  std::uint8_t min_outputs;
  std::uint8_t max_outputs;
};

struct LayerRow {
  std::uint32_t field;    // in NeuralNetworkLayer's oneof
  std::string_view name;  // the field's name
  std::string_view type;  // the operation's type, unless `refine` sets it by the layer's mode
  Arity arity;
  std::string_view operands;
  std::span<const FieldRow> fields = {};
  // Adds what the field list cannot say. Null: nothing to add.
  void (*refine)(LayerDraft& layer) = nullptr;
  // Infers output shapes from attributes and input shapes. Null: they do not follow from them.
  void (*infer)(ShapeCall& call) = nullptr;
};

// All layers, ordered by field number.
std::span<const LayerRow> layer_rows();
// The row of that field of NeuralNetworkLayer, or null.
const LayerRow* find_layer(std::uint32_t field);

}  // namespace anecompat::coreml
