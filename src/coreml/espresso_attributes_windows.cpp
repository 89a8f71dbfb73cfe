// Layers that look at the input through a window or change its spatial size, and those with
// weights.
#include "coreml/espresso_attributes.hpp"

#include <algorithm>
#include <array>

namespace anecompat::coreml::espresso {

namespace {

void set_stride(EspressoTranslation& to) {
  to.set_ints("strides", std::array{to.integer_or("stride_y", 1), to.integer_or("stride_x", 1)});
}

void set_padding(EspressoTranslation& to) {
  constexpr std::array<std::string_view, 3> k_modes = {"custom", "same", "valid"};
  const auto mode = to.integer_or("pad_mode", 0);
  if (mode >= 0 && mode < static_cast<std::int64_t>(k_modes.size()))
    to.set("pad_type", to.builder.text(k_modes[static_cast<std::size_t>(mode)]));
  to.set_ints("pad", std::array{to.integer_or("pad_t", 0), to.integer_or("pad_b", 0),
                                to.integer_or("pad_l", 0), to.integer_or("pad_r", 0)});
}

void set_weight(EspressoTranslation& to, std::span<const std::int64_t> shape) {
  if (to.bottoms.size() < 2 || has_weights(to.layer))
    to.set_ints("weight_shape", shape);
  to.set("has_bias", to.builder.boolean(to.layer.flag("has_biases")));
}

std::int64_t per_group(std::int64_t channels, std::int64_t groups) {
  return groups > 0 ? channels / groups : channels;
}

}  // namespace

bool has_weights(const EspressoLayer& layer) {
  return std::any_of(layer.fields().begin(), layer.fields().end(), [](const auto& field) {
    return field.key.starts_with("blob_weights") || field.key.starts_with("weights.") ||
           field.key == "quantization_lut_weights_blob";
  });
}

void convolution(EspressoTranslation& to) {
  const auto groups = to.integer_or("n_groups", 1);
  const auto height = to.integer_or("Ny", 1);
  const auto width = to.integer_or("Nx", 1);
  set_weight(to, std::array{to.integer_or("C", 0), per_group(to.integer_or("K", 0), groups), height,
                            width});
  to.set_ints("kernel_sizes", std::array{height, width});
  to.set_ints("dilations",
              std::array{to.integer_or("dilation_y", 1), to.integer_or("dilation_x", 1)});
  to.set_int("groups", groups);
  set_stride(to);
  set_padding(to);
}

void transposed_convolution(EspressoTranslation& to) {
  const auto groups = to.integer_or("n_groups", 1);
  const auto height = to.integer_or("Ny", 1);
  const auto width = to.integer_or("Nx", 1);
  set_weight(to, std::array{to.integer_or("K", 0), per_group(to.integer_or("C", 0), groups), height,
                            width});
  to.set_ints("kernel_sizes", std::array{height, width});
  to.set_ints("dilations",
              std::array{to.integer_or("dilation_y", 1), to.integer_or("dilation_x", 1)});
  to.set_int("groups", groups);
  set_stride(to);
  set_padding(to);
  if (to.integer_or("deconv_out_height", 0) > 0 && to.integer_or("deconv_out_width", 0) > 0 &&
      !to.tops.empty() && to.tops[0].ranked)
    to.set_ints("output_shape", to.tops[0].dims);
}

void convolution_3d(EspressoTranslation& to) {
  const auto groups = to.integer_or("n_groups", 1);
  const std::array kernel = {to.integer_or("Nz", 1), to.integer_or("Ny", 1),
                             to.integer_or("Nx", 1)};
  set_weight(to, std::array{to.integer_or("C", 0), per_group(to.integer_or("K", 0), groups),
                            kernel[0], kernel[1], kernel[2]});
  to.set_ints("kernel_sizes", kernel);
  to.set_ints("strides", std::array{to.integer_or("stride_z", 1), to.integer_or("stride_y", 1),
                                    to.integer_or("stride_x", 1)});
  to.set_ints("dilations",
              std::array{to.integer_or("dilation_z", 1), to.integer_or("dilation_y", 1),
                         to.integer_or("dilation_x", 1)});
  to.set_int("groups", groups);
}

void inner_product(EspressoTranslation& to) {
  set_weight(to, std::array{to.integer_or("nC", 0), to.integer_or("nB", 0)});
}

void embedding(EspressoTranslation& to) {
  set_weight(to, std::array{to.integer_or("nB", 0), to.integer_or("nC", 0)});
  to.set_int("axis", 0);
}

void matmul(EspressoTranslation& to) {
  to.set("transpose_x", to.builder.boolean(to.layer.flag("transpose_a")));
  to.set("transpose_y", to.builder.boolean(to.layer.flag("transpose_b")));
}

void pool(EspressoTranslation& to) {
  to.set_ints("kernel_sizes", std::array{to.integer_or("size_y", 1), to.integer_or("size_x", 1)});
  set_stride(to);
  set_padding(to);
  if (to.type == "avg_pool") {
    to.set("exclude_padding_from_average",
           to.builder.boolean(to.layer.flag("average_count_exclude_padding")));
  }
  to.copy_int("top_shape_style", "top_shape_style");
}

void global_pool(EspressoTranslation& to) {
  to.set_ints("axes", std::array<std::int64_t, 2>{-2, -1});
  to.set("keep_dims", to.builder.boolean(true));
}

void pad(EspressoTranslation& to) {
  constexpr std::array<std::string_view, 3> k_modes = {"constant", "reflect", "replicate"};
  const auto mode = to.integer_or("pad_pad_mode", 0);
  if (mode >= 0 && mode < static_cast<std::int64_t>(k_modes.size()))
    to.set("mode", to.builder.text(k_modes[static_cast<std::size_t>(mode)]));
  to.set_ints("pad", std::array{to.integer_or("pad_t", 0), to.integer_or("pad_b", 0),
                                to.integer_or("pad_l", 0), to.integer_or("pad_r", 0)});
  to.copy_real("constant_val", "pad_value");
}

void crop(EspressoTranslation& to) {
  to.set_ints("crop_height", std::array{to.integer_or("t", 0), to.integer_or("b", 0)});
  to.set_ints("crop_width", std::array{to.integer_or("l", 0), to.integer_or("r", 0)});
}

void upsample(EspressoTranslation& to) {
  const auto factor = [&to](std::string_view whole, std::string_view fractional) {
    const auto exact = to.layer.number(fractional);
    return exact && *exact > 0 ? *exact : to.layer.number(whole).value_or(1);
  };
  to.set("scale_factor_height",
         to.builder.real(factor("scaling_factor_y", "fractional_scaling_factor_y")));
  to.set("scale_factor_width",
         to.builder.real(factor("scaling_factor_x", "fractional_scaling_factor_x")));
  if (to.type == "upsample_bilinear")
    to.copy_flag("align_corners", "align_corners");
}

void crop_resize(EspressoTranslation& to) {
  to.copy_int("target_height", "target_size_h");
  to.copy_int("target_width", "target_size_w");
  to.copy_int("grid_sampling_mode", "grid_sampling_mode");
}

void block_size(EspressoTranslation& to) {
  to.copy_int("block_size", "block_size");
}

void upscale_factor(EspressoTranslation& to) {
  to.copy_int("upscale_factor", "block_size");
}

}  // namespace anecompat::coreml::espresso
