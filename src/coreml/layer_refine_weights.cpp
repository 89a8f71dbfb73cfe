// Layers that hold weights: the weight's shape in MIL's layout, and what kind of layer it really
// is.
#include "coreml/layer_refine.hpp"
#include "coreml/layer_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace anecompat::coreml::refine {

namespace {

using Pair = std::array<std::int64_t, 2>;

void set_direction(LayerDraft& layer) {
  layer.set_text("direction", layer.fields.boolean(100) ? "reverse" : "forward");
}

// LSTMParams.
void set_lstm_params(LayerDraft& layer) {
  bool output_sequence = false;
  bool has_bias = false;
  bool has_peephole = false;
  layer.fields.visit(15, [&](WireReader& params) {
    switch (params.field()) {
      case 10:
        output_sequence = params.boolean();
        break;
      case 20:
        has_bias = params.boolean();
        break;
      case 40:
        has_peephole = params.boolean();
        break;
      default:
        break;
    }
  });
  layer.set_bool("output_sequence", output_sequence);
  layer.set_bool("has_bias", has_bias);
  layer.set_bool("has_peephole", has_peephole);
}

}  // namespace

void inner_product(LayerDraft& layer) {
  layer.set_constant("weight", Pair{layer.fields.integer(2), layer.fields.integer(1)},
                     layer.fields.weights(20));
}

void embedding(LayerDraft& layer) {
  layer.set_constant("weight", Pair{layer.fields.integer(1), layer.fields.integer(2)},
                     layer.fields.weights(20));
  layer.set_int("axis", 0);
}

void embedding_nd(LayerDraft& layer) {
  embedding(layer);
}

void batched_matmul(LayerDraft& layer) {
  if (layer.input_count >= 2)
    return layer.remove("has_bias");
  const auto rows = layer.fields.integer(5);
  const auto columns = layer.fields.integer(6);
  // With the second matrix in the file and nothing transposed it is what MIL calls linear, whose
  // weight is [out, in].
  if (layer.flag("transpose_x")) {
    layer.set_constant("y", Pair{rows, columns}, layer.fields.weights(8));
    return;
  }
  layer.type = "linear";
  layer.remove("transpose_x");
  layer.remove("transpose_y");
  layer.set_constant("weight", Pair{columns, rows}, layer.fields.weights(8));
}

void batch_norm(LayerDraft& layer) {
  if (layer.fields.boolean(6))
    layer.type = "instance_norm";
}

void layer_norm(LayerDraft& layer) {
  const auto normalized = layer.fields.integers(1);
  std::vector<std::int64_t> axes;
  for (auto axis = -static_cast<std::int64_t>(normalized.size()); axis < 0; ++axis)
    axes.push_back(axis);
  layer.set_ints("axes", axes);
}

void scale(LayerDraft& layer) {
  // Scale without bias is a product with a constant. With one it is neither of MIL's two.
  if (layer.fields.boolean(3))
    return;
  layer.type = "mul";
  layer.set_constant("y", layer.fields.integers(1), layer.fields.weights(2));
}

void bias(LayerDraft& layer) {
  layer.set_constant("y", layer.fields.integers(1), layer.fields.weights(2));
}

void constant(LayerDraft& layer) {
  layer.kind = OperationKind::constant;
  layer.set_constant("val", layer.fields.integers(1), layer.fields.weights(2));
}

void recurrent(LayerDraft& layer) {
  set_direction(layer);
}

void lstm(LayerDraft& layer) {
  set_direction(layer);
  set_lstm_params(layer);
}

void bidirectional_lstm(LayerDraft& layer) {
  layer.set_text("direction", "bidirectional");
  set_lstm_params(layer);
}

}  // namespace anecompat::coreml::refine
