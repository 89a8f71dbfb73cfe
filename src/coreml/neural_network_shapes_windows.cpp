// Shapes of layers that look through windows, and of linear algebra.
#include "coreml/neural_network_dims.hpp"
#include "coreml/neural_network_shapes.hpp"

#include <algorithm>
#include <cmath>

namespace anecompat::coreml::shapes {

namespace {

struct Window {
  std::int64_t kernel;
  std::int64_t stride;
  std::int64_t dilation;
  std::int64_t before;
  std::int64_t after;
  bool same;
  bool ceil;

  // Everything is in a range where the arithmetic below cannot overflow.
  bool sane() const {
    const auto in_range = [](auto value) { return value >= 0 && value <= k_max_dim; };
    return kernel >= 1 && in_range(kernel) && stride >= 1 && in_range(stride) && dilation >= 1 &&
           in_range(dilation) && in_range(before) && in_range(after);
  }

  std::int64_t output(std::int64_t in) const {
    if (same)
      return (in + stride - 1) / stride;
    const auto reach = (kernel - 1) * dilation + 1;
    const auto room = in + before + after - reach;
    if (room < 0)
      return k_unknown_dim;
    if (!ceil)
      return room / stride + 1;
    // The last window may hang over the end, but must begin inside the input or its front padding.
    auto count = (room + stride - 1) / stride + 1;
    if ((before > 0 || after > 0) && (count - 1) * stride >= in + before)
      --count;
    return count;
  }

  std::int64_t transposed_output(std::int64_t in) const {
    if (same)
      return multiply(in, stride);
    return dim_of((in - 1) * stride + (kernel - 1) * dilation + 1 - before - after);
  }
};

// The window of spatial dimension `i`, from the layer's attributes; nullopt when they do not fit.
std::optional<Window> window_of(const LayerDraft& layer, std::size_t i, std::size_t dimensions) {
  const auto kernel = layer.ints("kernel_sizes");
  const auto strides = layer.ints("strides");
  const auto dilations = layer.ints("dilations");
  const auto pad = layer.ints("pad");
  if (kernel.size() != dimensions || strides.size() != dimensions || pad.size() != 2 * dimensions ||
      (!dilations.empty() && dilations.size() != dimensions))
    return std::nullopt;
  const Window window{.kernel = kernel[i],
                      .stride = strides[i],
                      .dilation = dilations.empty() ? 1 : dilations[i],
                      .before = pad[2 * i],
                      .after = pad[2 * i + 1],
                      .same = layer.text("pad_type").starts_with("same"),
                      .ceil = layer.flag("ceil_mode")};
  if (!window.sane())
    return std::nullopt;
  return window;
}

void windows(ShapeCall& call, bool transposed) {
  const auto& layer = call.layer;
  const auto dimensions = layer.ints("kernel_sizes").size();
  if (call.in.empty() || !call.in[0] || dimensions == 0 || call.in[0]->size() < dimensions + 1)
    return;
  auto dims = *call.in[0];
  const auto first = dims.size() - dimensions;
  const auto forced = layer.ints("output_shape");
  for (std::size_t i = 0; i < dimensions; ++i) {
    auto& dim = dims[first + i];
    const auto window = window_of(layer, i, dimensions);
    if (transposed && forced.size() == dimensions) {
      dim = dim_of(forced[i]);
    } else if (!window || !known(dim_of(dim))) {
      dim = k_unknown_dim;
    } else {
      dim = transposed ? window->transposed_output(dim) : window->output(dim);
    }
  }
  if (const auto channels = layer.integer("output_channels"))
    dims[first - 1] = dim_of(*channels);
  call.out[0] = std::move(dims);
}

// The last three dimensions of the first input are there.
bool has_image(const ShapeCall& call) {
  return !call.in.empty() && call.in[0] && call.in[0]->size() >= 3;
}

// The first input with another height and width.
void set_spatial(ShapeCall& call, std::int64_t height, std::int64_t width) {
  auto dims = *call.in[0];
  dims[dims.size() - 2] = dim_of(height);
  dims[dims.size() - 1] = dim_of(width);
  call.out[0] = std::move(dims);
}

std::int64_t scaled(std::int64_t dim, std::optional<double> factor) {
  if (!known(dim) || !factor || !(*factor > 0) || *factor > 65536.0)
    return k_unknown_dim;
  return dim_of(static_cast<std::int64_t>(std::floor(static_cast<double>(dim) * *factor)));
}

}  // namespace

void convolution(ShapeCall& call) {
  windows(call, call.layer.type == "conv_transpose");
}

void pooling(ShapeCall& call) {
  if (!call.layer.flag("global"))
    return windows(call, false);
  reduce(call);
}

void crop(ShapeCall& call) {
  if (!has_image(call))
    return;
  if (call.in.size() >= 2) {
    if (call.in[1] && call.in[1]->size() >= 2)
      set_spatial(call, (*call.in[1])[call.in[1]->size() - 2], call.in[1]->back());
    return;
  }
  const auto cropped = [&](std::int64_t dim, std::span<const std::int64_t> edges) {
    const bool sane = edges.size() == 2 && known(dim_of(edges[0])) && known(dim_of(edges[1]));
    return sane && known(dim) ? dim_of(dim - edges[0] - edges[1]) : k_unknown_dim;
  };
  const auto& dims = *call.in[0];
  set_spatial(call, cropped(dims[dims.size() - 2], call.layer.ints("crop_height")),
              cropped(dims.back(), call.layer.ints("crop_width")));
}

void padding(ShapeCall& call) {
  if (call.in.empty() || !call.in[0])
    return;
  auto dims = *call.in[0];
  const auto pad = call.layer.ints("pad");
  const auto padded = pad.size() / 2;
  const bool usable =
      call.in.size() == 1 && !pad.empty() && pad.size() % 2 == 0 && padded <= dims.size();
  if (!usable) {
    std::ranges::fill(dims, k_unknown_dim);
  } else {
    const auto first = dims.size() - padded;
    for (std::size_t i = 0; i < padded; ++i)
      dims[first + i] = add(dims[first + i], add(pad[2 * i], pad[2 * i + 1]));
  }
  call.out[0] = std::move(dims);
}

void upsample(ShapeCall& call) {
  if (!has_image(call))
    return;
  const auto& dims = *call.in[0];
  set_spatial(call, scaled(dims[dims.size() - 2], call.layer.real("scale_factor_height")),
              scaled(dims.back(), call.layer.real("scale_factor_width")));
}

void resize(ShapeCall& call) {
  if (!has_image(call))
    return;
  set_spatial(call, call.layer.integer("target_size_height").value_or(k_unknown_dim),
              call.layer.integer("target_size_width").value_or(k_unknown_dim));
}

void crop_resize(ShapeCall& call) {
  // [1, batch, C, H, W] and N boxes [N, 1, 4 or 5, 1, 1] give [N, batch, C, h, w].
  if (!has_image(call) || call.in[0]->size() != 5)
    return;
  set_spatial(call, call.layer.integer("target_height").value_or(k_unknown_dim),
              call.layer.integer("target_width").value_or(k_unknown_dim));
  const bool boxes_known = call.in.size() >= 2 && call.in[1] && call.in[1]->size() == 5;
  call.out[0]->front() = boxes_known ? call.in[1]->front() : k_unknown_dim;
}

void sliding_windows(ShapeCall& call) {
  if (call.in.empty() || !call.in[0])
    return;
  auto dims = *call.in[0];
  const auto axis = axis_in(call.layer.integer("axis").value_or(0), dims.size());
  const auto size = dim_of(call.layer.integer("size").value_or(0));
  const auto stride = dim_of(call.layer.integer("stride").value_or(0));
  if (!axis || size < 1 || stride < 1 || dims.size() >= k_max_rank)
    return;
  const auto dim = dims[*axis];
  dims[*axis] = known(dim) && dim >= size ? (dim - size) / stride + 1 : k_unknown_dim;
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis) + 1, size);
  call.out[0] = std::move(dims);
}

void linear(ShapeCall& call) {
  const auto weight = call.layer.ints("weight_shape");
  if (call.in.empty() || !call.in[0] || call.in[0]->empty() || weight.size() != 2)
    return;
  auto dims = *call.in[0];
  dims.back() = dim_of(weight[0]);
  call.out[0] = std::move(dims);
}

void inner_product(ShapeCall& call) {
  // Up to rank 3 the channel is last; above, it is followed by a height and width of 1.
  if (!has_image(call) || call.in[0]->size() < 4)
    return linear(call);
  const auto weight = call.layer.ints("weight_shape");
  set_spatial(call, 1, 1);
  auto& dims = *call.out[0];
  dims[dims.size() - 3] = weight.size() == 2 ? dim_of(weight[0]) : k_unknown_dim;
}

void matmul(ShapeCall& call) {
  if (call.layer.type == "linear")
    return linear(call);
  if (call.in.empty() || !call.in[0])
    return;
  const auto& x = *call.in[0];
  std::vector<std::int64_t> y;
  if (call.in.size() >= 2) {
    if (!call.in[1])
      return;
    y = *call.in[1];
  } else if (const auto* constant = call.layer.find("y")) {
    y.assign(constant->type.shape.dims.begin(), constant->type.shape.dims.end());
  }
  if (x.size() < 2 || y.size() < 2)
    return;
  const auto rank = std::max(x.size(), y.size());
  std::vector<std::int64_t> dims(rank, k_unknown_dim);
  for (std::size_t i = 0; i + 2 < rank; ++i) {
    const auto a = i + x.size() >= rank ? x[i + x.size() - rank] : 1;
    const auto b = i + y.size() >= rank ? y[i + y.size() - rank] : 1;
    dims[i] = a == 1 ? b : a;
  }
  dims[rank - 2] = x[x.size() - (call.layer.flag("transpose_x") ? 1 : 2)];
  dims[rank - 1] = dim_of(y[y.size() - (call.layer.flag("transpose_y") ? 2 : 1)]);
  call.out[0] = std::move(dims);
}

void embedding(ShapeCall& call) {
  const auto weight = call.layer.ints("weight_shape");
  if (!has_image(call) || weight.size() != 2)
    return;
  auto dims = *call.in[0];
  dims[dims.size() - 3] = dim_of(weight[1]);
  call.out[0] = std::move(dims);
}

void embedding_nd(ShapeCall& call) {
  const auto weight = call.layer.ints("weight_shape");
  if (call.in.empty() || !call.in[0] || call.in[0]->empty() || weight.size() != 2)
    return;
  auto dims = *call.in[0];
  dims.back() = dim_of(weight[1]);
  call.out[0] = std::move(dims);
}

void dot(ShapeCall& call) {
  if (!has_image(call))
    return;
  auto dims = *call.in[0];
  dims[dims.size() - 3] = 1;
  call.out[0] = std::move(dims);
}

void recurrent(ShapeCall& call) {
  // [sequence, batch, channel, 1, 1]; states have a sequence of 1.
  const auto hidden = dim_of(call.layer.integer("hidden_size").value_or(-1));
  if (call.in.empty() || !call.in[0] || call.in[0]->size() != 5)
    return;
  const auto& x = *call.in[0];
  const std::vector<std::int64_t> state = {1, x[1], hidden, 1, 1};
  const bool both_ways = call.layer.text("direction") == "bidirectional";
  auto y = state;
  y[0] = call.layer.flag("output_sequence") ? x[0] : 1;
  y[2] = both_ways ? multiply(hidden, 2) : hidden;
  for (std::size_t i = 0; i < call.out.size(); ++i)
    call.out[i] = i == 0 ? y : state;
}

}  // namespace anecompat::coreml::shapes
