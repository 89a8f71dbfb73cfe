// Layers that look at the input through a window, or change its spatial size.
#include "coreml/layer_refine.hpp"
#include "coreml/layer_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace anecompat::coreml::refine {

namespace {

using Sizes = std::vector<std::int64_t>;

// More edges than any layer has dimensions for; what comes beyond is ignored.
constexpr std::size_t k_max_edges = 16;

// BorderAmounts, as [before, after] per dimension, in the order of the file.
Sizes read_edges(LayerDraft& layer, std::span<const Extent> border) {
  Sizes edges;
  layer.fields.visit(border, [&](WireReader& amounts) {
    if (amounts.field() != 10 || edges.size() >= k_max_edges)
      return;
    std::int64_t start = 0;
    std::int64_t end = 0;
    auto edge = amounts.message();
    while (edge.next()) {
      if (edge.field() == 1)
        start = edge.int64();
      if (edge.field() == 2)
        end = edge.int64();
    }
    edges.push_back(start);
    edges.push_back(end);
  });
  return edges;
}

// The BorderAmounts inside the message `field` (ValidPadding's only field).
Sizes read_nested_edges(LayerDraft& layer, std::uint32_t field) {
  std::vector<Extent> borders;
  layer.fields.visit(field, [&](WireReader& padding) {
    if (padding.field() == 1 && padding.type() == WireType::length)
      borders.push_back(padding.extent());
  });
  return read_edges(layer, borders);
}

Sizes sizes_or(const LayerDraft& layer, std::uint32_t field,
               std::initializer_list<std::int64_t> standard) {
  const auto given = layer.fields.integers(field);
  return given.empty() ? Sizes(standard) : Sizes(given.begin(), given.end());
}

void set_padding(LayerDraft& layer, Sizes edges, std::size_t dimensions) {
  edges.resize(2 * dimensions, 0);
  const bool none = std::ranges::all_of(edges, [](auto edge) { return edge == 0; });
  layer.set_text("pad_type", none ? "valid" : "custom");
  layer.set_ints("pad", edges);
}

void set_same_padding(LayerDraft& layer, std::uint32_t field, std::size_t dimensions) {
  std::int64_t mode = 0;
  layer.fields.visit(field, [&](WireReader& padding) {
    if (padding.field() == 1)
      mode = padding.int64();
  });
  layer.set_text("pad_type", mode == 1 ? "same_lower" : "same");
  layer.set_ints("pad", Sizes(2 * dimensions, 0));
}

// The oneof of a 2-D window layer: valid or same.
void set_window_padding(LayerDraft& layer, std::uint32_t valid, std::uint32_t same) {
  const auto chosen = layer.fields.last_of({valid, same});
  if (chosen == same)
    return set_same_padding(layer, same, 2);
  if (chosen == 0)
    layer.note("has no padding type; taken as valid");
  set_padding(layer, read_nested_edges(layer, valid), 2);
}

// The padding of a 3-D window layer: an enumeration and six amounts in consecutive fields.
void set_window_padding_3d(LayerDraft& layer, std::uint32_t type, std::uint32_t first_amount) {
  constexpr std::int64_t k_custom = 0;
  constexpr std::int64_t k_same = 2;
  Sizes edges(6, 0);
  const auto mode = layer.fields.integer(type);
  for (std::uint32_t i = 0; mode == k_custom && i < edges.size(); ++i)
    edges[i] = layer.fields.integer(first_amount + i);
  set_padding(layer, edges, 3);
  if (mode == k_same)
    layer.set_text("pad_type", "same");
}

// Three consecutive scalar fields; 0 and absent mean 1.
Sizes three(const LayerDraft& layer, std::uint32_t first) {
  Sizes sizes;
  for (std::uint32_t i = 0; i < 3; ++i)
    sizes.push_back(std::max<std::int64_t>(1, layer.fields.integer(first + i)));
  return sizes;
}

void set_convolution(LayerDraft& layer, const Sizes& kernel, std::int64_t out_channels,
                     std::int64_t kernel_channels, const WeightInfo& weights, bool transposed) {
  const auto groups = std::max<std::int64_t>(1, layer.fields.integer(10));
  layer.type = transposed ? "conv_transpose" : "conv";
  layer.set_int("groups", groups);
  layer.set_ints("kernel_sizes", kernel);
  layer.set_int("output_channels", out_channels);
  if (layer.input_count >= 2)
    return;  // the weight is computed by another layer
  Sizes shape = transposed ? Sizes{kernel_channels, out_channels / groups}
                           : Sizes{out_channels, kernel_channels};
  shape.insert(shape.end(), kernel.begin(), kernel.end());
  layer.set_constant("weight", shape, weights);
}

std::string_view sampling_mode(std::int64_t mode) {
  constexpr std::array<std::string_view, 4> k_modes = {"STRICT_ALIGN_CORNERS", "ALIGN_CORNERS",
                                                       "DEFAULT", "OFFSET_CORNERS"};
  return mode >= 0 && mode < 4 ? k_modes[static_cast<std::size_t>(mode)] : "unknown";
}

// SamplingMode is a message with one enumeration in it.
std::int64_t nested_mode(const LayerDraft& layer, std::uint32_t field) {
  std::int64_t mode = 0;
  layer.fields.visit(field, [&](WireReader& message) {
    if (message.field() == 1)
      mode = message.int64();
  });
  return mode;
}

}  // namespace

void convolution(LayerDraft& layer) {
  const auto& fields = layer.fields;
  const bool transposed = fields.boolean(60);
  set_convolution(layer, sizes_or(layer, 20, {3, 3}), fields.integer(1), fields.integer(2),
                  fields.weights(90), transposed);
  layer.set_ints("strides", sizes_or(layer, 30, {1, 1}));
  // Core ML ignores the dilation of a deconvolution.
  layer.set_ints("dilations", transposed ? Sizes{1, 1} : sizes_or(layer, 40, {1, 1}));
  set_window_padding(layer, 50, 51);
  if (transposed && !fields.integers(100).empty())
    layer.set_ints("output_shape", fields.integers(100));
}

void convolution_3d(LayerDraft& layer) {
  const auto& fields = layer.fields;
  const bool transposed = fields.boolean(86);
  const auto groups = std::max<std::int64_t>(1, fields.integer(10));
  const auto in_channels = fields.integer(2);
  set_convolution(layer, three(layer, 20), fields.integer(1),
                  transposed ? in_channels : in_channels / groups, fields.weights(60), transposed);
  layer.set_ints("strides", three(layer, 31));
  layer.set_ints("dilations", transposed ? Sizes{1, 1, 1} : three(layer, 40));
  set_window_padding_3d(layer, 70, 80);
  if (transposed && !fields.integers(87).empty())
    layer.set_ints("output_shape", fields.integers(87));
}

void pooling(LayerDraft& layer) {
  const auto& fields = layer.fields;
  constexpr std::array<std::string_view, 3> k_local = {"max_pool", "avg_pool", "l2_pool"};
  constexpr std::array<std::string_view, 3> k_global = {"reduce_max", "reduce_mean",
                                                        "reduce_l2_norm"};
  const auto type = fields.integer(1);
  const auto mode = static_cast<std::size_t>(type >= 0 && type < 3 ? type : 0);
  if (type < 0 || type > 2)
    layer.note("has an unknown pooling type; taken as max");
  if (fields.boolean(60)) {
    layer.type = k_global.at(mode);
    layer.set_bool("global", true);
    layer.set_ints("axes", std::array<std::int64_t, 2>{-2, -1});
    layer.set_bool("keep_dims", true);
    return;
  }
  layer.type = k_local.at(mode);
  layer.set_ints("kernel_sizes", sizes_or(layer, 10, {3, 3}));
  layer.set_ints("strides", sizes_or(layer, 20, {1, 1}));
  bool ceil_mode = false;
  if (fields.last_of({30, 31, 32}) == 32) {
    ceil_mode = true;
    Sizes edges;
    fields.visit(32, [&](WireReader& padding) {
      if (padding.field() == 10 && padding.extent().size() <= k_max_edges) {
        padding.each_varint([&](std::uint64_t amount) {
          if (edges.size() < k_max_edges)
            edges.insert(edges.end(), 2, static_cast<std::int64_t>(amount));
        });
      }
    });
    set_padding(layer, edges, 2);
  } else {
    set_window_padding(layer, 30, 31);
  }
  layer.set_bool("ceil_mode", ceil_mode);
  if (mode == 1)
    layer.set_bool("exclude_padding_from_average", fields.boolean(50));
}

void pooling_3d(LayerDraft& layer) {
  const bool average = layer.fields.integer(1) == 1;
  layer.type = average ? "avg_pool" : "max_pool";
  layer.set_ints("kernel_sizes", three(layer, 2));
  layer.set_ints("strides", three(layer, 5));
  set_window_padding_3d(layer, 15, 8);
  if (average)
    layer.set_bool("exclude_padding_from_average", layer.fields.boolean(14));
}

void global_pooling_3d(LayerDraft& layer) {
  layer.type = layer.fields.integer(1) == 1 ? "reduce_mean" : "reduce_max";
  layer.set_bool("global", true);
  layer.set_ints("axes", std::array<std::int64_t, 3>{-3, -2, -1});
  layer.set_bool("keep_dims", true);
}

void crop(LayerDraft& layer) {
  auto edges = read_edges(layer, layer.fields.messages(1));
  edges.resize(4, 0);
  if (layer.input_count >= 2)
    return;  // cropped to the size of the second input
  layer.set_ints("crop_height", std::span(edges).first(2));
  layer.set_ints("crop_width", std::span(edges).subspan(2, 2));
}

void padding(LayerDraft& layer) {
  const auto& fields = layer.fields;
  auto edges = read_edges(layer, fields.messages(10));
  edges.resize(4, 0);
  layer.set_ints("pad", edges);
  switch (fields.last_of({1, 2, 3})) {
    case 2:
      layer.set_text("mode", "reflect");
      break;
    case 3:
      layer.set_text("mode", "replicate");
      break;
    default: {
      double value = 0;
      fields.visit(1, [&](WireReader& constant) {
        if (constant.field() == 1)
          value = static_cast<double>(constant.float32());
      });
      layer.set_text("mode", "constant");
      layer.set_real("constant_val", value);
    }
  }
}

void upsample(LayerDraft& layer) {
  const auto& fields = layer.fields;
  constexpr std::int64_t k_bilinear = 1;
  if (const auto fractions = fields.reals(7); fractions.size() == 2) {
    layer.set_real("scale_factor_height", fractions[0]);
    layer.set_real("scale_factor_width", fractions[1]);
  } else {
    const auto factors = sizes_or(layer, 1, {1, 1});
    layer.set_int("scale_factor_height", factors[0]);
    layer.set_int("scale_factor_width", factors.back());
  }
  if (fields.integer(5) == k_bilinear) {
    layer.type = "upsample_bilinear";
    layer.set_bool("align_corners", fields.integer(6) == 1);
  }
}

void resize_bilinear(LayerDraft& layer) {
  const auto size = sizes_or(layer, 1, {1, 1});
  layer.set_int("target_size_height", size[0]);
  layer.set_int("target_size_width", size.back());
  layer.set_text("sampling_mode", sampling_mode(nested_mode(layer, 2)));
}

void crop_resize(LayerDraft& layer) {
  constexpr std::array<std::string_view, 4> k_boxes = {
      "CORNERS_HEIGHT_FIRST", "CORNERS_WIDTH_FIRST", "CENTER_SIZE_HEIGHT_FIRST",
      "CENTER_SIZE_WIDTH_FIRST"};
  const auto size = sizes_or(layer, 1, {1, 1});
  const auto box = nested_mode(layer, 4);
  layer.set_int("target_height", size[0]);
  layer.set_int("target_width", size.back());
  layer.set_text("sampling_mode", sampling_mode(nested_mode(layer, 3)));
  layer.set_text("box_coordinate_mode",
                 box >= 0 && box < 4 ? k_boxes[static_cast<std::size_t>(box)] : "unknown");
}

}  // namespace anecompat::coreml::refine
