// Shapes of layers that rearrange, cut or join tensors.
#include "coreml/neural_network_dims.hpp"
#include "coreml/neural_network_shapes.hpp"

#include <algorithm>

namespace anecompat::coreml::shapes {

namespace {

bool known_rank(const ShapeCall& call, std::size_t input = 0) {
  return call.in.size() > input && call.in[input].has_value();
}

std::ptrdiff_t offset(std::size_t index) {
  return static_cast<std::ptrdiff_t>(index);
}

// The axis the attribute `axis` means in the first input.
std::optional<std::size_t> axis_of(const ShapeCall& call) {
  return axis_in(call.layer.integer("axis").value_or(0), call.in[0]->size());
}

// How many elements begin:end:stride takes of a dimension.
std::int64_t slice_size(std::int64_t dim, std::optional<std::int64_t> begin,
                        std::optional<std::int64_t> end, std::int64_t stride) {
  if (!known(dim) || stride == 0 || stride < -k_max_dim || stride > k_max_dim)
    return k_unknown_dim;
  const auto place = [&](std::optional<std::int64_t> at, std::int64_t otherwise) {
    if (!at)
      return otherwise;
    const auto absolute = *at < 0 ? (*at < -dim ? -1 : *at + dim) : std::min(*at, dim);
    return stride > 0 ? std::max<std::int64_t>(absolute, 0) : std::min(absolute, dim - 1);
  };
  if (stride > 0) {
    const auto span = place(end, dim) - place(begin, 0);
    return span <= 0 ? 0 : (span + stride - 1) / stride;
  }
  const auto span = place(begin, dim - 1) - place(end, -1);
  return span <= 0 ? 0 : (span - stride - 1) / -stride;
}

}  // namespace

void permute(ShapeCall& call) {
  const auto perm = call.layer.ints("perm");
  if (!known_rank(call) || perm.size() != call.in[0]->size())
    return;
  std::vector<std::int64_t> dims;
  for (const auto axis : perm) {
    const auto from = axis_in(axis, perm.size());
    if (!from)
      return;
    dims.push_back((*call.in[0])[*from]);
  }
  call.out[0] = std::move(dims);
}

void concat(ShapeCall& call) {
  if (!known_rank(call))
    return;
  auto dims = *call.in[0];
  const auto axis = axis_of(call);
  if (!axis)
    return;
  for (const auto& other : call.in.subspan(1)) {
    if (!other) {
      dims[*axis] = k_unknown_dim;
    } else if (other->size() != dims.size()) {
      return;
    } else {
      dims[*axis] = add(dims[*axis], (*other)[*axis]);
    }
  }
  call.out[0] = std::move(dims);
}

void stack(ShapeCall& call) {
  if (!known_rank(call) || call.in[0]->size() >= k_max_rank)
    return;
  auto dims = *call.in[0];
  const auto axis = axis_in(call.layer.integer("axis").value_or(0), dims.size() + 1);
  if (!axis)
    return;
  dims.insert(dims.begin() + offset(*axis), static_cast<std::int64_t>(call.in.size()));
  call.out[0] = std::move(dims);
}

void split(ShapeCall& call) {
  if (!known_rank(call))
    return;
  const auto axis = axis_of(call);
  if (!axis)
    return;
  const auto sizes = call.layer.ints("split_sizes");
  const auto parts = static_cast<std::int64_t>(call.out.size());
  const auto whole = (*call.in[0])[*axis];
  for (std::size_t i = 0; i < call.out.size(); ++i) {
    auto dims = *call.in[0];
    if (sizes.size() == call.out.size()) {
      dims[*axis] = dim_of(sizes[i]);
    } else {
      const bool even = sizes.empty() && known(whole) && whole % parts == 0;
      dims[*axis] = even ? whole / parts : k_unknown_dim;
    }
    call.out[i] = std::move(dims);
  }
}

void tile(ShapeCall& call) {
  const auto reps = call.layer.ints("reps");
  if (!known_rank(call))
    return;
  auto dims = *call.in[0];
  for (std::size_t i = 0; i < dims.size(); ++i)
    dims[i] = reps.size() == dims.size() ? multiply(dims[i], reps[i]) : k_unknown_dim;
  call.out[0] = std::move(dims);
}

void reorganize(ShapeCall& call) {
  const bool to_depth = call.layer.type == "space_to_depth";
  const auto block = dim_of(
      call.layer.integer("block_size").value_or(call.layer.integer("upscale_factor").value_or(0)));
  if (!known_rank(call) || call.in[0]->size() < 3 || block < 1)
    return;
  auto dims = *call.in[0];
  const auto area = multiply(block, block);
  const auto divided = [](std::int64_t dim, std::int64_t by) {
    return known(dim) && known(by) && dim % by == 0 ? dim / by : k_unknown_dim;
  };
  const auto rank = dims.size();
  dims[rank - 3] = to_depth ? multiply(dims[rank - 3], area) : divided(dims[rank - 3], area);
  for (auto i = rank - 2; i < rank; ++i)
    dims[i] = to_depth ? divided(dims[i], block) : multiply(dims[i], block);
  call.out[0] = std::move(dims);
}

void slice(ShapeCall& call) {
  if (!known_rank(call))
    return;
  const auto& x = *call.in[0];
  const auto& layer = call.layer;
  const auto entry = [&](std::string_view name, std::size_t i) -> std::optional<std::int64_t> {
    const auto values = layer.ints(name);
    return values.size() == x.size() ? std::optional(values[i]) : std::nullopt;
  };
  // Operands computed at run time come second (begin), third (end) and so on.
  const bool dynamic = call.in.size() > 1;
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (entry("squeeze_mask", i).value_or(0) != 0)
      continue;
    const bool from_start = entry("begin_mask", i).value_or(0) != 0;
    const bool to_end = entry("end_mask", i).value_or(0) != 0;
    const auto begin = entry("begin", i);
    const auto end = entry("end", i);
    const auto stride = entry("stride", i).value_or(1);
    const bool followable = (from_start || (begin && !dynamic)) && (to_end || (end && !dynamic));
    dims.push_back(followable ? slice_size(x[i], from_start ? std::nullopt : begin,
                                           to_end ? std::nullopt : end, stride)
                              : k_unknown_dim);
  }
  if (dims.empty())
    dims.push_back(1);  // Core ML's networks have no rank 0
  call.out[0] = std::move(dims);
}

void legacy_slice(ShapeCall& call) {
  slice(call);
  // Only -1 is known to mean "through the last one"; other negative ends are not documented.
  const auto end = call.layer.ints("end");
  if (!call.out[0] || end.size() != call.out[0]->size())
    return;
  for (std::size_t i = 0; i < end.size(); ++i) {
    if (end[i] < -1)
      (*call.out[0])[i] = k_unknown_dim;
  }
}

void slice_by_size(ShapeCall& call) {
  if (!known_rank(call))
    return;
  const auto axis = axis_of(call);
  if (!axis)
    return;
  auto dims = *call.in[0];
  dims[*axis] = dim_of(call.layer.integer("size").value_or(k_unknown_dim));
  call.out[0] = std::move(dims);
}

void gather(ShapeCall& call) {
  if (!known_rank(call) || !known_rank(call, 1))
    return;
  const auto axis = axis_of(call);
  const auto& indices = *call.in[1];
  if (!axis || call.in[0]->size() + indices.size() > k_max_rank)
    return;
  auto dims = *call.in[0];
  dims.erase(dims.begin() + offset(*axis));
  dims.insert(dims.begin() + offset(*axis), indices.begin(), indices.end());
  call.out[0] = std::move(dims);
}

void gather_nd(ShapeCall& call) {
  if (!known_rank(call) || !known_rank(call, 1) || call.in[1]->empty())
    return;
  const auto& x = *call.in[0];
  auto dims = *call.in[1];
  const auto depth = dims.back();
  if (!known(depth) || static_cast<std::size_t>(depth) > x.size() ||
      x.size() + dims.size() > k_max_rank)
    return;
  dims.pop_back();
  dims.insert(dims.end(), x.begin() + depth, x.end());
  if (dims.empty())
    dims.push_back(1);
  call.out[0] = std::move(dims);
}

void gather_along_axis(ShapeCall& call) {
  if (known_rank(call, 1))
    call.out[0] = call.in[1];
}

}  // namespace anecompat::coreml::shapes
