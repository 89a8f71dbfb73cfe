// The parameter fields of neural network layers: number, kind, and the attribute each becomes.
#pragma once

#include "coreml/layer_fields.hpp"

namespace anecompat::coreml::layer_rows_detail {

using enum FieldKind;

inline constexpr FieldRow k_convolution[] = {
    {1, integer},   {2, integer},  {10, integer},  {20, integers}, {30, integers},
    {40, integers}, {50, message}, {51, message},  {60, boolean},  {70, boolean, "has_bias"},
    {90, weights},  {91, weights}, {100, integers}};
inline constexpr FieldRow k_pooling[] = {{1, integer},  {10, integers}, {20, integers},
                                         {30, message}, {31, message},  {32, message},
                                         {50, boolean}, {60, boolean}};
inline constexpr FieldRow k_activation[] = {
    {5, message},  {10, message}, {15, message}, {20, message}, {25, message},
    {30, message}, {31, message}, {40, message}, {41, message}, {50, message},
    {60, message}, {70, message}, {71, message}};
inline constexpr FieldRow k_inner_product[] = {{1, integer, "input_channels"},
                                               {2, integer, "output_channels"},
                                               {10, boolean, "has_bias"},
                                               {20, weights},
                                               {21, weights},
                                               {22, boolean, "int8_dynamic_quantize"}};
inline constexpr FieldRow k_embedding[] = {
    {1, integer}, {2, integer}, {10, boolean, "has_bias"}, {20, weights}, {21, weights}};
inline constexpr FieldRow k_batch_norm[] = {{1, integer, "channels"},
                                            {5, boolean, "compute_mean_variance"},
                                            {6, boolean},
                                            {10, real, "epsilon"},
                                            {15, weights},
                                            {16, weights},
                                            {17, weights},
                                            {18, weights}};
inline constexpr FieldRow k_mvn[] = {
    {1, boolean, "across_channels"}, {2, boolean, "normalize_variance"}, {3, real, "epsilon"}};
inline constexpr FieldRow k_l2_norm[] = {{1, real, "epsilon"}};
inline constexpr FieldRow k_lrn[] = {
    {1, real, "alpha"}, {2, real, "beta"}, {3, integer, "size"}, {4, real, "k"}};
inline constexpr FieldRow k_crop[] = {{1, message}, {5, integers, "offset"}};
inline constexpr FieldRow k_padding[] = {{1, message}, {2, message}, {3, message}, {10, message}};
inline constexpr FieldRow k_upsample[] = {{1, integers}, {5, integer}, {6, integer}, {7, reals}};
inline constexpr FieldRow k_resize_bilinear[] = {{1, integers}, {2, message}};
inline constexpr FieldRow k_crop_resize[] = {{1, integers},
                                             {2, boolean, "normalized_coordinates"},
                                             {3, message},
                                             {4, message},
                                             {5, real, "spatial_scale"}};
inline constexpr FieldRow k_unary[] = {{1, integer}, {2, real}, {3, real}, {4, real}, {5, real}};
inline constexpr FieldRow k_alpha[] = {{1, real}};
inline constexpr FieldRow k_alpha_2[] = {{2, real}};
inline constexpr FieldRow k_scale[] = {
    {1, integers}, {2, weights}, {3, boolean}, {4, integers}, {5, weights}};
inline constexpr FieldRow k_bias[] = {{1, integers}, {2, weights}};
inline constexpr FieldRow k_dot[] = {{1, boolean, "cosine_similarity"}};
inline constexpr FieldRow k_reduce[] = {{1, integer}, {2, real, "epsilon"}, {3, integer}};
inline constexpr FieldRow k_constant[] = {{1, integers}, {2, weights}};
inline constexpr FieldRow k_legacy_reshape[] = {{1, integers, "shape"}, {2, integer}};
inline constexpr FieldRow k_flatten[] = {{1, integer}};
inline constexpr FieldRow k_permute[] = {{1, integers}};
inline constexpr FieldRow k_concat[] = {{100, boolean}};
inline constexpr FieldRow k_split[] = {{1, integer, "num_splits"}};
inline constexpr FieldRow k_sequence_repeat[] = {{1, integer}};
inline constexpr FieldRow k_reorganize[] = {{1, integer}, {2, integer}};
inline constexpr FieldRow k_legacy_slice[] = {
    {1, integer}, {2, integer}, {3, integer}, {4, integer}};
inline constexpr FieldRow k_simple_recurrent[] = {{1, integer, "input_size"},
                                                  {2, integer, "hidden_size"},
                                                  {10, message},
                                                  {15, boolean, "output_sequence"},
                                                  {20, boolean, "has_bias"},
                                                  {30, weights},
                                                  {31, weights},
                                                  {32, weights},
                                                  {100, boolean}};
inline constexpr FieldRow k_gru[] = {{1, integer, "input_size"},
                                     {2, integer, "hidden_size"},
                                     {10, message},
                                     {15, boolean, "output_sequence"},
                                     {20, boolean, "has_bias"},
                                     {30, weights},
                                     {31, weights},
                                     {32, weights},
                                     {50, weights},
                                     {51, weights},
                                     {52, weights},
                                     {70, weights},
                                     {71, weights},
                                     {72, weights},
                                     {100, boolean}};
inline constexpr FieldRow k_lstm[] = {{1, integer, "input_size"},
                                      {2, integer, "hidden_size"},
                                      {10, message},
                                      {15, message},
                                      {20, weight_group},
                                      {100, boolean}};
inline constexpr FieldRow k_bidirectional_lstm[] = {{1, integer, "input_size"},
                                                    {2, integer, "hidden_size"},
                                                    {10, message},
                                                    {11, message},
                                                    {15, message},
                                                    {20, weight_group}};
inline constexpr FieldRow k_custom[] = {
    {10, text, "class_name"}, {20, weights}, {40, text, "description"}};
inline constexpr FieldRow k_branch[] = {{1, message}, {2, message}};
inline constexpr FieldRow k_loop[] = {
    {1, integer, "max_iterations"}, {2, text, "condition_var"}, {3, message}, {4, message}};
inline constexpr FieldRow k_range_static[] = {
    {1, real, "end"}, {2, real, "start"}, {3, real, "step"}};
inline constexpr FieldRow k_range_dynamic[] = {{2, real, "start"}, {3, real, "step"}};
inline constexpr FieldRow k_clip[] = {{1, real, "alpha"}, {2, real, "beta"}};
inline constexpr FieldRow k_mode[] = {{1, integer}};
inline constexpr FieldRow k_tile[] = {{1, integers, "reps"}};
inline constexpr FieldRow k_axis[] = {{1, integer, "axis"}};
inline constexpr FieldRow k_axis_mode[] = {{1, integer, "axis"}, {2, integer}};
inline constexpr FieldRow k_reverse[] = {{1, booleans}};
inline constexpr FieldRow k_reverse_sequence[] = {{1, integer, "batch_axis"},
                                                  {2, integer, "seq_axis"}};
inline constexpr FieldRow k_split_nd[] = {
    {1, integer, "axis"}, {2, integer, "num_splits"}, {3, integers, "split_sizes"}};
inline constexpr FieldRow k_concat_nd[] = {{1, integer, "axis"}, {2, boolean, "interleave"}};
inline constexpr FieldRow k_transpose[] = {{1, integers, "perm"}};
inline constexpr FieldRow k_slice_static[] = {
    {1, integers, "begin"},    {2, booleans, "begin_mask"}, {3, integers, "end"},
    {4, booleans, "end_mask"}, {5, integers, "stride"},     {6, booleans, "squeeze_mask"}};
inline constexpr FieldRow k_slice_dynamic[] = {{2, booleans, "begin_mask"},
                                               {3, integers, "end"},
                                               {4, booleans, "end_mask"},
                                               {5, integers, "stride"},
                                               {6, booleans, "squeeze_mask"}};
inline constexpr FieldRow k_sliding_windows[] = {
    {1, integer, "axis"}, {2, integer, "size"}, {3, integer, "stride"}};
inline constexpr FieldRow k_top_k[] = {{1, integer, "axis"}, {2, integer, "k"}, {3, boolean}};
inline constexpr FieldRow k_arg_reduce[] = {{1, integer, "axis"}, {2, boolean}};
inline constexpr FieldRow k_embedding_nd[] = {
    {1, integer}, {2, integer}, {3, boolean, "has_bias"}, {20, weights}, {21, weights}};
inline constexpr FieldRow k_batched_matmul[] = {{1, boolean, "transpose_x"},
                                                {2, boolean, "transpose_y"},
                                                {5, integer},
                                                {6, integer},
                                                {7, boolean, "has_bias"},
                                                {8, weights},
                                                {9, weights},
                                                {10, boolean, "int8_dynamic_quantize"}};
inline constexpr FieldRow k_fill[] = {{1, real, "value"}};
inline constexpr FieldRow k_fill_static[] = {{1, real, "value"}, {2, integers, "shape"}};
inline constexpr FieldRow k_shape[] = {{1, integers, "shape"}};
inline constexpr FieldRow k_squeeze[] = {{1, integers, "axes"}, {2, boolean}};
inline constexpr FieldRow k_axes[] = {{1, integers, "axes"}};
inline constexpr FieldRow k_constant_pad[] = {
    {1, real, "constant_val"}, {2, integers, "pad"}, {3, boolean}};
inline constexpr FieldRow k_normal[] = {
    {1, integer, "seed"}, {2, real, "mean"}, {3, real, "stddev"}};
inline constexpr FieldRow k_normal_static[] = {
    {1, integer, "seed"}, {2, real, "mean"}, {3, real, "stddev"}, {4, integers, "shape"}};
inline constexpr FieldRow k_uniform[] = {{1, integer, "seed"}, {2, real, "low"}, {3, real, "high"}};
inline constexpr FieldRow k_uniform_static[] = {
    {1, integer, "seed"}, {2, real, "low"}, {3, real, "high"}, {4, integers, "shape"}};
inline constexpr FieldRow k_bernoulli[] = {{1, integer, "seed"}, {2, real, "prob"}};
inline constexpr FieldRow k_bernoulli_static[] = {
    {1, integer, "seed"}, {2, real, "prob"}, {3, integers, "shape"}};
inline constexpr FieldRow k_categorical[] = {{1, integer, "seed"},
                                             {2, integer, "size"},
                                             {3, boolean, "is_logits"},
                                             {4, real, "epsilon"},
                                             {5, real, "temperature"}};
inline constexpr FieldRow k_reduce_axes[] = {
    {1, integers, "axes"}, {2, boolean, "keep_dims"}, {3, boolean}};
inline constexpr FieldRow k_band_part[] = {{1, integer, "lower"}, {2, integer, "upper"}};
inline constexpr FieldRow k_triangle[] = {{1, integer}};
inline constexpr FieldRow k_layer_norm[] = {
    {1, integers}, {2, real, "epsilon"}, {3, weights}, {4, weights}};
inline constexpr FieldRow k_nms[] = {{1, real, "iou_threshold"},
                                     {2, real, "score_threshold"},
                                     {3, integer, "max_boxes"},
                                     {4, boolean, "per_class_suppression"}};
inline constexpr FieldRow k_one_hot[] = {{1, integer, "one_hot_vector_size"},
                                         {2, integer, "axis"},
                                         {3, real, "on_value"},
                                         {4, real, "off_value"}};
inline constexpr FieldRow k_cumsum[] = {
    {1, integer, "axis"}, {2, boolean, "exclusive"}, {3, boolean, "reverse"}};
inline constexpr FieldRow k_clamped_relu[] = {{1, real, "alpha"}, {2, real, "beta"}};
inline constexpr FieldRow k_arg_sort[] = {{1, integer, "axis"}, {2, boolean}};
inline constexpr FieldRow k_pooling_3d[] = {
    {1, integer},  {2, integer},  {3, integer},  {4, integer},  {5, integer},
    {6, integer},  {7, integer},  {8, integer},  {9, integer},  {10, integer},
    {11, integer}, {12, integer}, {13, integer}, {14, boolean}, {15, integer}};
inline constexpr FieldRow k_global_pooling_3d[] = {{1, integer}};
inline constexpr FieldRow k_slice_by_size[] = {{2, integer, "size"}, {3, integer, "axis"}};
inline constexpr FieldRow k_convolution_3d[] = {{1, integer},
                                                {2, integer},
                                                {10, integer},
                                                {20, integer},
                                                {21, integer},
                                                {22, integer},
                                                {31, integer},
                                                {32, integer},
                                                {33, integer},
                                                {40, integer},
                                                {41, integer},
                                                {42, integer},
                                                {50, boolean, "has_bias"},
                                                {60, weights},
                                                {61, weights},
                                                {70, integer},
                                                {80, integer},
                                                {81, integer},
                                                {82, integer},
                                                {83, integer},
                                                {84, integer},
                                                {85, integer},
                                                {86, boolean},
                                                {87, integers}};

}  // namespace anecompat::coreml::layer_rows_detail
