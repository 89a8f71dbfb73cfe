// Every operation type that a reader can make has a row in ops.yml: a type without one would be
// taken for CPU only, without a reason that means anything.
#include "ane/rules.hpp"
#include "coreml/espresso_layers.hpp"
#include "coreml/graph_builder.hpp"
#include "coreml/layer_table.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>

namespace anecompat::ane {
namespace {

const RuleSet& rules() {
  static const auto built_in = RuleSet::built_in().value();
  return *built_in;
}

bool has_row(std::string_view type) {
  return rules().op(type) != nullptr;
}

// coreml-formats, appendix A: all operations of MIL, opsets ios15 to ios18, but for const and
// constexpr_*, which no device is reported for; then the two that are only in files.
constexpr std::array k_mil = {"clamped_relu",
                              "linear_activation",
                              "scaled_tanh",
                              "sigmoid_hard",
                              "softplus_parametric",
                              "elu",
                              "leaky_relu",
                              "prelu",
                              "thresholded_relu",
                              "gelu",
                              "relu",
                              "relu6",
                              "sigmoid",
                              "silu",
                              "softplus",
                              "softsign",
                              "softmax",
                              "classify",
                              "cond",
                              "select",
                              "while_loop",
                              "make_list",
                              "list_length",
                              "list_write",
                              "list_read",
                              "list_gather",
                              "list_scatter",
                              "conv",
                              "conv_quantized",
                              "conv_transpose",
                              "add",
                              "equal",
                              "floor_div",
                              "greater",
                              "greater_equal",
                              "less",
                              "less_equal",
                              "logical_and",
                              "logical_or",
                              "logical_xor",
                              "maximum",
                              "minimum",
                              "mod",
                              "mul",
                              "not_equal",
                              "real_div",
                              "pow",
                              "sub",
                              "abs",
                              "acos",
                              "asin",
                              "atan",
                              "atanh",
                              "ceil",
                              "cos",
                              "cosh",
                              "erf",
                              "exp",
                              "exp2",
                              "floor",
                              "logical_not",
                              "round",
                              "sign",
                              "sin",
                              "sinh",
                              "sqrt",
                              "square",
                              "tan",
                              "tanh",
                              "clip",
                              "inverse",
                              "log",
                              "rsqrt",
                              "threshold",
                              "cast",
                              "upsample_nearest_neighbor",
                              "resize_nearest_neighbor",
                              "upsample_bilinear",
                              "resize_bilinear",
                              "crop_resize",
                              "crop",
                              "affine",
                              "resample",
                              "resize",
                              "linear",
                              "matmul",
                              "einsum",
                              "batch_norm",
                              "instance_norm",
                              "l2_norm",
                              "layer_norm",
                              "local_response_norm",
                              "avg_pool",
                              "l2_pool",
                              "max_pool",
                              "random_bernoulli",
                              "random_categorical",
                              "random_normal",
                              "random_uniform",
                              "gru",
                              "lstm",
                              "rnn",
                              "reduce_argmax",
                              "reduce_argmin",
                              "reduce_l1_norm",
                              "reduce_l2_norm",
                              "reduce_log_sum",
                              "reduce_log_sum_exp",
                              "reduce_max",
                              "reduce_mean",
                              "reduce_min",
                              "reduce_prod",
                              "reduce_sum",
                              "reduce_sum_square",
                              "gather",
                              "scatter",
                              "scatter_along_axis",
                              "gather_along_axis",
                              "gather_nd",
                              "scatter_nd",
                              "band_part",
                              "cumsum",
                              "fill",
                              "non_maximum_suppression",
                              "non_zero",
                              "shape",
                              "identity",
                              "one_hot",
                              "pad",
                              "range_1d",
                              "tile",
                              "argsort",
                              "topk",
                              "flatten2d",
                              "concat",
                              "split",
                              "stack",
                              "fill_like",
                              "depth_to_space",
                              "space_to_depth",
                              "expand_dims",
                              "reshape",
                              "reverse",
                              "squeeze",
                              "reverse_sequence",
                              "slice_by_index",
                              "slice_by_size",
                              "space_to_batch",
                              "batch_to_space",
                              "transpose",
                              "pixel_shuffle",
                              "sliding_windows",
                              "reshape_like",
                              "pixel_unshuffle",
                              "slice_update",
                              "quantize",
                              "dequantize",
                              "read_state",
                              "scaled_dot_product_attention",
                              "write_state",
                              "custom_layer"};

TEST(OpTypes, every_mil_operation_has_a_row) {
  for (const auto* type : k_mil)
    EXPECT_TRUE(has_row(type)) << type;
}

// Rows whose type the layer's mode decides, and what the modes are (coreml-formats 2.3).
constexpr std::array k_by_mode = {"activation", "unary", "const"};
constexpr std::array k_modes = {"linear_activation",
                                "relu",
                                "leaky_relu",
                                "thresholded_relu",
                                "prelu",
                                "tanh",
                                "scaled_tanh",
                                "sigmoid",
                                "sigmoid_hard",
                                "elu",
                                "softsign",
                                "softplus",
                                "softplus_parametric",  // activation
                                "sqrt",
                                "rsqrt",
                                "inverse",
                                "pow",
                                "exp",
                                "log",
                                "abs",
                                "threshold",  // unary
                                "avg_pool",
                                "max_pool",
                                "l2_pool",
                                "reduce_mean",
                                "reduce_max",
                                "reduce_l2_norm",  // pooling
                                "conv",
                                "conv_transpose",
                                "instance_norm",
                                "linear",
                                "mul",
                                "upsample_bilinear",
                                "depth_to_space",
                                "space_to_depth",
                                "pixel_shuffle"};

TEST(OpTypes, every_network_layer_has_a_row) {
  EXPECT_EQ(coreml::layer_rows().size(), 158U);
  for (const auto& row : coreml::layer_rows()) {
    const bool by_mode = std::ranges::find(k_by_mode, row.type) != k_by_mode.end();
    EXPECT_TRUE(by_mode || has_row(row.type)) << row.name << " is read as " << row.type;
  }
  for (const auto* type : k_modes)
    EXPECT_TRUE(has_row(type)) << type;
}

struct Compiled {
  const char* layer;
  const char* mode_key;
  std::int64_t modes;  // 0 up to this
};

// coreml-formats 5.6: the layer types of compiled networks.
constexpr std::array k_compiled = {Compiled{"convolution", "", 0},
                                   Compiled{"deconvolution", "", 0},
                                   Compiled{"conv3d", "", 0},
                                   Compiled{"inner_product", "is_lookup", 1},
                                   Compiled{"batch_matmul", "", 0},
                                   Compiled{"pool", "avg_or_max", 2},
                                   Compiled{"activation", "mode", 30},
                                   Compiled{"elementwise", "operation", 1100},
                                   Compiled{"softmax", "", 0},
                                   Compiled{"softmax_nd", "", 0},
                                   Compiled{"batchnorm", "training_instancenorm", 1},
                                   Compiled{"batch_norm", "", 0},
                                   Compiled{"l2_normalize", "", 0},
                                   Compiled{"instancenorm_1d", "", 0},
                                   Compiled{"lrn", "", 0},
                                   Compiled{"reduce", "mode", 20},
                                   Compiled{"reshape", "", 0},
                                   Compiled{"transpose", "", 0},
                                   Compiled{"expand_dims", "", 0},
                                   Compiled{"squeeze", "", 0},
                                   Compiled{"flatten", "", 0},
                                   Compiled{"concat", "", 0},
                                   Compiled{"general_concat", "", 0},
                                   Compiled{"split_nd", "", 0},
                                   Compiled{"stack_nd", "", 0},
                                   Compiled{"slice", "", 0},
                                   Compiled{"general_slice", "", 0},
                                   Compiled{"tile", "", 0},
                                   Compiled{"general_padding", "", 0},
                                   Compiled{"crop", "", 0},
                                   Compiled{"upsample", "mode", 1},
                                   Compiled{"crop_and_resize", "", 0},
                                   Compiled{"space_to_depth", "reverse", 1},
                                   Compiled{"space_to_depth", "pixel_shuffle", 1},
                                   Compiled{"gather_nd", "mode", 2},
                                   Compiled{"scatter_nd", "mode", 2},
                                   Compiled{"topk", "", 0},
                                   Compiled{"argsort", "", 0},
                                   Compiled{"cumsum", "", 0},
                                   Compiled{"copy", "", 0},
                                   Compiled{"cast", "", 0},
                                   Compiled{"sequence_repeat", "", 0},
                                   Compiled{"get_shape", "", 0},
                                   Compiled{"nonzero", "", 0},
                                   Compiled{"one_hot", "", 0},
                                   Compiled{"range", "", 0},
                                   Compiled{"fill", "", 0},
                                   Compiled{"dynamic_quantize", "", 0},
                                   Compiled{"dynamic_dequantize", "", 0},
                                   Compiled{"rnn_arch", "", 0}};

TEST(OpTypes, every_compiled_layer_has_a_row) {
  for (const auto& row : k_compiled) {
    bool any = false;
    for (std::int64_t mode = 0; mode <= row.modes; ++mode) {
      coreml::GraphBuilder builder("mlmodelc");
      coreml::EspressoLayer layer;
      if (*row.mode_key != '\0')
        layer.add(row.mode_key, mode);
      coreml::EspressoTranslation translation{
          .builder = builder, .layer = layer, .bottoms = {}, .tops = {}};
      coreml::translate_espresso_layer(row.layer, translation);
      if (!translation.known)
        continue;
      any = true;
      EXPECT_TRUE(has_row(translation.type))
          << row.layer << " " << mode << " is " << translation.type;
    }
    EXPECT_TRUE(any) << row.layer;
  }
}

// What a future file holds is named, not guessed: such types must not get a row by accident.
TEST(OpTypes, what_nobody_knows_has_none) {
  for (const auto* type :
       {"unknown_layer_77", "unknown_layer_activation_99", "activation", "unary", "reduce"})
    EXPECT_FALSE(has_row(type)) << type;
}

}  // namespace
}  // namespace anecompat::ane
