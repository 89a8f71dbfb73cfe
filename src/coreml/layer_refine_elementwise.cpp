// Element-wise layers, reductions and index makers.
#include "coreml/layer_refine.hpp"
#include "coreml/layer_table.hpp"

#include <algorithm>
#include <array>

namespace anecompat::coreml::refine {

namespace {

struct ActivationRow {
  std::uint32_t field;  // in ActivationParams
  std::string_view type;
  bool alpha;  // has float field 1
  bool beta;   // has float field 2
};

constexpr std::array k_activations = {
    ActivationRow{5, "linear_activation", true, true},
    ActivationRow{10, "relu", false, false},
    ActivationRow{15, "leaky_relu", true, false},
    ActivationRow{20, "thresholded_relu", true, false},
    ActivationRow{25, "prelu", false, false},
    ActivationRow{30, "tanh", false, false},
    ActivationRow{31, "scaled_tanh", true, true},
    ActivationRow{40, "sigmoid", false, false},
    ActivationRow{41, "sigmoid_hard", true, true},
    ActivationRow{50, "elu", true, false},
    ActivationRow{60, "softsign", false, false},
    ActivationRow{70, "softplus", false, false},
    ActivationRow{71, "softplus_parametric", false, false},
};

// The word of an enumeration's value; the last of `words` is for values nobody knows.
template <std::size_t Count>
std::string_view word_of(std::int64_t value, const std::array<std::string_view, Count>& words) {
  const auto known = value >= 0 && static_cast<std::size_t>(value) + 1 < Count;
  return known ? words[static_cast<std::size_t>(value)] : words.back();
}

}  // namespace

void activation(LayerDraft& layer) {
  const auto field = layer.fields.last_of({5, 10, 15, 20, 25, 30, 31, 40, 41, 50, 60, 70, 71});
  const auto row = std::ranges::find(k_activations, field, &ActivationRow::field);
  if (row == k_activations.end())
    return layer.note("is of an unknown kind");
  layer.type = row->type;
  double alpha = 0;
  double beta = 0;
  layer.fields.visit(field, [&](WireReader& params) {
    if (params.field() == 1)
      alpha = static_cast<double>(params.float32());
    if (params.field() == 2)
      beta = static_cast<double>(params.float32());
  });
  if (row->alpha)
    layer.set_real("alpha", alpha);
  if (row->beta)
    layer.set_real("beta", beta);
}

void unary(LayerDraft& layer) {
  constexpr std::array<std::string_view, 9> k_types = {"sqrt", "rsqrt", "inverse",   "pow",  "exp",
                                                       "log",  "abs",   "threshold", "unary"};
  const auto& fields = layer.fields;
  layer.type = word_of(fields.integer(1), k_types);
  if (layer.type == "pow")
    layer.set_real("y", fields.real(2));
  if (layer.type == "threshold")
    layer.set_real("alpha", fields.real(2));
  if (layer.type == "rsqrt" || layer.type == "inverse" || layer.type == "log")
    layer.set_real("epsilon", fields.real(3));
  // f(scale · x + shift): only where the file has it.
  if (fields.has(4) && fields.real(4) != 0)
    layer.set_real("shift", fields.real(4));
  if (fields.has(5) && fields.real(5) != 1)
    layer.set_real("scale", fields.real(5));
}

void fold(LayerDraft& layer) {
  if (layer.input_count > 2)
    layer.operands = "values*";
  const bool has_alpha = !layer.row.fields.empty();
  if (layer.input_count == 1 && has_alpha)
    layer.set_real("y", layer.fields.real(1));
}

void with_scalar(LayerDraft& layer) {
  if (layer.input_count == 1)
    layer.set_real("y", layer.fields.real(layer.row.fields.front().number));
}

void gelu(LayerDraft& layer) {
  constexpr std::array<std::string_view, 4> k_modes = {"EXACT", "TANH_APPROXIMATION",
                                                       "SIGMOID_APPROXIMATION", "unknown"};
  layer.set_text("mode", word_of(layer.fields.integer(1), k_modes));
}

void reduce(LayerDraft& layer) {
  constexpr std::array<std::string_view, 11> k_types = {
      "reduce_sum",        "reduce_mean",    "reduce_prod",    "reduce_log_sum",
      "reduce_sum_square", "reduce_l1_norm", "reduce_l2_norm", "reduce_max",
      "reduce_min",        "reduce_argmax",  "reduce"};
  layer.type = word_of(layer.fields.integer(1), k_types);
  constexpr std::array<std::int64_t, 3> k_last_three = {-3, -2, -1};
  std::span<const std::int64_t> axes = k_last_three;
  switch (layer.fields.integer(3)) {
    case 1:
      axes = axes.subspan(1);
      break;
    case 2:
    case 3:
    case 4:
      axes = axes.subspan(static_cast<std::size_t>(layer.fields.integer(3) - 2), 1);
      break;
    default:
      break;
  }
  if (layer.type == "reduce_argmax" && axes.size() == 1) {
    layer.set_int("axis", axes[0]);
  } else {
    layer.set_ints("axes", axes);
  }
  layer.set_bool("keep_dims", true);
}

void reduce_axes(LayerDraft& layer) {
  if (layer.fields.boolean(3))
    layer.remove("axes");  // all of them
}

void arg_reduce(LayerDraft& layer) {
  layer.set_bool("keep_dims", !layer.fields.boolean(2));
}

void top_k(LayerDraft& layer) {
  layer.set_bool("ascending", layer.fields.boolean(3));
}

void arg_sort(LayerDraft& layer) {
  layer.set_bool("ascending", !layer.fields.boolean(2));
}

void triangle(LayerDraft& layer) {
  const auto k = layer.fields.integer(1);
  const bool lower = layer.row.name == "lowerTriangular";
  // MIL keeps `lower` diagonals below the main one and `upper` above it; -1 keeps all.
  layer.set_int("lower", lower ? -1 : (k < 0 ? (k == INT64_MIN ? INT64_MAX : -k) : 0));
  layer.set_int("upper", lower ? (k > 0 ? k : 0) : -1);
}

}  // namespace anecompat::coreml::refine
