#include "coreml/espresso_layers.hpp"

#include "coreml/espresso_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace anecompat::coreml {

namespace {

using namespace espresso;

// A layer type that a flag of the layer turns into another one.
struct Variant {
  std::string_view layer;
  std::string_view flag;
  std::string_view becomes;
};

constexpr std::array k_variants = {
    Variant{"pool", "is_global", "pool+global"},
    Variant{"inner_product", "is_lookup", "inner_product+lookup"},
    Variant{"batchnorm", "training_instancenorm", "batchnorm+instance"},
    Variant{"space_to_depth", "pixel_shuffle", "space_to_depth+shuffle"},
    Variant{"space_to_depth", "reverse", "space_to_depth+reverse"},
};

// One layer type, or one mode of it, in MIL's vocabulary. Types that MIL does not have keep a name
// of their own. Source: docs/formats.md, espresso.
struct Row {
  std::string_view layer;
  std::string_view mode_key;  // empty: the type alone decides
  std::int64_t mode;
  std::string_view type;
  std::string_view parameters;
  SetAttributes attributes = no_attributes;
};

constexpr Row plain(std::string_view layer, std::string_view type, std::string_view parameters,
                    SetAttributes attributes = no_attributes) {
  return {layer, {}, 0, type, parameters, attributes};
}
constexpr Row activation(std::int64_t mode, std::string_view type,
                         SetAttributes attributes = no_attributes) {
  return {"activation", "mode", mode, type, "x", attributes};
}
constexpr Row unary(std::int64_t mode, std::string_view type,
                    SetAttributes attributes = no_attributes) {
  return {"elementwise", "operation", mode, type, "x", attributes};
}
constexpr Row binary(std::int64_t mode, std::string_view type) {
  return {"elementwise", "operation", mode, type, "x,y", alpha_operand};
}
constexpr Row reduction(std::int64_t mode, std::string_view type,
                        SetAttributes attributes = reduce) {
  return {"reduce", "mode", mode, type, "x", attributes};
}

constexpr std::array k_rows = {
    plain("convolution", "conv", "x,weight,bias", convolution),
    plain("deconvolution", "conv_transpose", "x,weight,bias", transposed_convolution),
    plain("conv3d", "conv", "x,weight,bias", convolution_3d),
    plain("inner_product", "linear", "x,weight,bias", inner_product),
    plain("inner_product+lookup", "gather", "indices", embedding),
    plain("batch_matmul", "matmul", "x,y", matmul),

    Row{"pool", "avg_or_max", 0, "avg_pool", "x", pool},
    Row{"pool", "avg_or_max", 1, "max_pool", "x", pool},
    Row{"pool", "avg_or_max", 2, "l2_pool", "x", pool},
    Row{"pool+global", "avg_or_max", 0, "reduce_mean", "x", global_pool},
    Row{"pool+global", "avg_or_max", 1, "reduce_max", "x", global_pool},
    Row{"pool+global", "avg_or_max", 2, "reduce_l2_norm", "x", global_pool},

    activation(0, "relu"),
    activation(1, "tanh"),
    activation(2, "leaky_relu", alpha),
    activation(3, "sigmoid"),
    activation(5, "scaled_tanh", alpha_beta),
    activation(6, "linear_activation", alpha_beta),
    activation(7, "sigmoid_hard", alpha_beta),
    activation(8, "elu", alpha),
    activation(9, "thresholded_relu", alpha),
    activation(10, "softplus"),
    activation(12, "softsign"),
    activation(13, "threshold", alpha),
    Row{"activation", "mode", 14, "fill_like", "ref_tensor", fill_value},
    activation(16, "selu"),
    activation(19, "gelu", gelu_exact),
    activation(20, "erf"),
    activation(21, "gelu", gelu_tanh),
    activation(22, "gelu", gelu_sigmoid),
    activation(23, "step"),
    Row{"activation", "mode", 24, "minimum", "x,y", alpha_operand},
    activation(25, "silu"),
    activation(26, "hard_swish"),

    binary(0, "add"),
    binary(1, "mul"),
    binary(2, "add"),
    unary(3, "identity"),
    binary(4, "add"),
    binary(5, "mul"),
    binary(6, "mul"),
    unary(7, "identity"),
    unary(8, "square"),
    unary(9, "square"),
    unary(10, "inverse", epsilon),
    unary(11, "sqrt"),
    unary(12, "rsqrt", epsilon),
    binary(13, "pow"),
    binary(22, "minimum"),
    binary(23, "maximum"),
    unary(24, "abs"),
    unary(25, "threshold", alpha),
    unary(26, "log", epsilon),
    unary(27, "exp"),
    binary(29, "add"),
    binary(33, "sub"),
    binary(34, "mul"),
    unary(35, "exp2"),
    binary(36, "mod"),
    unary(37, "round"),
    unary(38, "sign"),
    binary(100, "equal"),
    Row{"elementwise", "operation", 101, "select", "cond,a,b"},
    binary(102, "real_div"),
    binary(103, "less"),
    binary(104, "less_equal"),
    binary(105, "greater"),
    binary(106, "greater_equal"),
    binary(107, "not_equal"),
    unary(114, "cos"),
    unary(115, "sin"),
    unary(117, "floor"),
    unary(118, "ceil"),
    unary(119, "clip", alpha_beta),
    unary(121, "tan"),
    unary(122, "cosh"),
    unary(123, "sinh"),
    unary(124, "tanh"),
    unary(125, "acos"),
    unary(126, "asin"),
    unary(127, "atan"),
    unary(128, "acosh"),
    unary(129, "asinh"),
    unary(130, "atanh"),
    // Comparisons with alpha; which code is which of the six is not published.
    binary(131, "compare"),
    binary(132, "compare"),
    binary(133, "compare"),
    binary(134, "compare"),
    binary(135, "compare"),
    binary(136, "compare"),
    binary(1021, "floor_div"),

    plain("softmax", "softmax", "x", softmax),
    plain("softmax_nd", "softmax", "x", softmax_nd),
    plain("batchnorm", "batch_norm", "x,mean,variance,gamma,beta", normalization),
    plain("batch_norm", "batch_norm", "x,mean,variance,gamma,beta", normalization),
    plain("batchnorm+instance", "instance_norm", "x,gamma,beta", normalization),
    plain("instancenorm_1d", "instance_norm", "x,gamma,beta", normalization),
    plain("l2_normalize", "l2_norm", "x", normalization),
    plain("lrn", "local_response_norm", "x", local_response_norm),

    reduction(0, "reduce_sum"),
    reduction(1, "reduce_mean"),
    reduction(2, "reduce_prod"),
    reduction(3, "reduce_log_sum"),
    reduction(4, "reduce_sum_square"),
    reduction(5, "reduce_l2_norm"),
    reduction(8, "reduce_l1_norm"),
    reduction(9, "reduce_max"),
    reduction(10, "reduce_min"),
    reduction(11, "reduce_argmax", reduce_arg),
    reduction(12, "reduce_argmin", reduce_arg),

    plain("reshape", "reshape", "x,shape", reshape),
    plain("flatten", "reshape", "x", reshape),
    plain("transpose", "transpose", "x", transpose),
    plain("expand_dims", "expand_dims", "x", axes),
    plain("squeeze", "squeeze", "x", axes),
    plain("concat", "concat", "values", concat),
    plain("general_concat", "concat", "values", concat),
    plain("split_nd", "split", "x", split),
    plain("stack_nd", "stack", "values", axis),
    plain("slice", "slice_by_index", "x,begin,end", slice),
    plain("general_slice", "slice_by_index", "x,begin,end", slice),
    plain("tile", "tile", "x,reps", tile),
    plain("sequence_repeat", "tile", "x,reps", tile),
    plain("general_padding", "pad", "x,pad", pad),
    plain("crop", "crop", "x", crop),

    Row{"upsample", "mode", 0, "upsample_nearest_neighbor", "x", upsample},
    Row{"upsample", "mode", 1, "upsample_bilinear", "x", upsample},
    plain("crop_and_resize", "crop_resize", "x,boxes", crop_resize),
    plain("space_to_depth", "space_to_depth", "x", block_size),
    plain("space_to_depth+reverse", "depth_to_space", "x", block_size),
    plain("space_to_depth+shuffle", "pixel_shuffle", "x", upscale_factor),

    Row{"gather_nd", "mode", 0, "gather", "x,indices", axis},
    Row{"gather_nd", "mode", 1, "gather_nd", "x,indices", axis},
    Row{"gather_nd", "mode", 2, "gather_along_axis", "x,indices", axis},
    Row{"scatter_nd", "mode", 0, "scatter", "data,indices,updates", axis},
    Row{"scatter_nd", "mode", 1, "scatter_nd", "data,indices,updates", axis},
    Row{"scatter_nd", "mode", 2, "scatter_along_axis", "data,indices,updates", axis},
    plain("topk", "topk", "x,k", topk),
    plain("argsort", "argsort", "x", argsort),
    plain("cumsum", "cumsum", "x", axis),

    plain("load_constant", "const", "", constant),
    plain("copy", "identity", "x"),
    plain("cast", "cast", "x"),
    plain("get_shape", "shape", "x"),
    plain("nonzero", "non_zero", "x"),
    plain("one_hot", "one_hot", "indices", axis),
    plain("range", "range_1d", "end,start,step"),
    plain("fill", "fill", "shape", fill_value),
    plain("dynamic_quantize", "dynamic_quantize", "x"),
    plain("dynamic_dequantize", "dynamic_dequantize", "x"),
    // Of any cell: the layer does not tell simple recurrent, GRU and LSTM apart in what is known.
    plain("rnn_arch", "rnn", "x,initial_h,initial_c"),
};

std::string_view variant_of(std::string_view type, const EspressoLayer& layer) {
  for (const auto& variant : k_variants) {
    if (variant.layer == type && layer.flag(variant.flag))
      return variant.becomes;
  }
  return type;
}

}  // namespace

void EspressoTranslation::copy_int(std::string_view name, std::string_view key) {
  if (const auto value = layer.integer(key))
    set_int(name, *value);
}

void EspressoTranslation::copy_real(std::string_view name, std::string_view key) {
  if (const auto value = layer.number(key))
    set(name, builder.real(*value));
}

void EspressoTranslation::copy_flag(std::string_view name, std::string_view key) {
  if (const auto value = layer.integer(key))
    set(name, builder.boolean(*value != 0));
}

void translate_espresso_layer(std::string_view source_type, EspressoTranslation& translation) {
  const auto type = variant_of(source_type, translation.layer);
  std::optional<std::int64_t> unknown_mode;
  for (const auto& row : k_rows) {
    if (row.layer != type)
      continue;
    const auto mode =
        row.mode_key.empty() ? row.mode : translation.layer.integer(row.mode_key).value_or(0);
    if (mode != row.mode) {
      unknown_mode = mode;
      continue;
    }
    translation.known = true;
    translation.type = row.type;
    translation.parameters = row.parameters;
    row.attributes(translation);
    return;
  }
  const auto name = unknown_mode ? fmt::format("unknown_layer_{}_{}", source_type, *unknown_mode)
                                 : fmt::format("unknown_layer_{}", source_type);
  translation.type = translation.builder.intern(name);
  translation.parameters = "x";
}

}  // namespace anecompat::coreml
