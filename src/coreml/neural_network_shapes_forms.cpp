// Shapes of layers that change the rank, fill, reduce or follow another shape.
#include "coreml/layer_table.hpp"
#include "coreml/neural_network_dims.hpp"
#include "coreml/neural_network_shapes.hpp"

#include <algorithm>
#include <cmath>

namespace anecompat::coreml::shapes {

namespace {

using Sizes = std::vector<std::int64_t>;

bool known_rank(const ShapeCall& call, std::size_t input = 0) {
  return call.in.size() > input && call.in[input].has_value();
}

std::vector<std::int64_t> checked(std::span<const std::int64_t> target) {
  std::vector<std::int64_t> dims;
  for (const auto dim : target)
    dims.push_back(dim_of(dim));
  return dims;
}

void set_target(ShapeCall& call, std::span<const std::int64_t> target) {
  if (!target.empty() && target.size() <= k_max_rank)
    call.out[0] = checked(target);
}

// Marks the axes that `list` names; false when one is outside the rank.
bool mark_axes(std::span<const std::int64_t> list, std::vector<bool>& marks) {
  for (const auto axis : list) {
    const auto place = axis_in(axis, marks.size());
    if (!place)
      return false;
    marks[*place] = true;
  }
  return true;
}

}  // namespace

void same(ShapeCall& call) {
  for (auto& out : call.out) {
    if (!call.in.empty())
      out = call.in[0];
  }
}

void broadcast(ShapeCall& call) {
  std::vector<std::int64_t> dims;
  for (const auto& in : call.in) {
    if (!in)
      return;
    if (in->size() > dims.size())
      dims.insert(dims.begin(), in->size() - dims.size(), 1);
    const auto first = dims.size() - in->size();
    for (std::size_t i = 0; i < in->size(); ++i) {
      auto& dim = dims[first + i];
      const auto other = (*in)[i];
      if (dim == 1)
        dim = other;
      else if (other != 1 && other != dim)
        dim = known(dim) && known(other) ? k_unknown_dim : std::max(dim, other);
    }
  }
  if (!call.in.empty())
    call.out[0] = std::move(dims);
}

void reduce(ShapeCall& call) {
  if (!known_rank(call))
    return;
  const auto& x = *call.in[0];
  const auto& layer = call.layer;
  std::vector<bool> reduced(x.size(), false);
  if (const auto axis = layer.integer("axis")) {
    if (!mark_axes(std::span(&*axis, 1), reduced))
      return;
  } else if (layer.find("axes") == nullptr) {
    reduced.assign(x.size(), true);
  } else if (!mark_axes(layer.ints("axes"), reduced)) {
    return;
  }
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!reduced[i])
      dims.push_back(x[i]);
    else if (layer.flag("keep_dims"))
      dims.push_back(1);
  }
  if (dims.empty())
    dims.push_back(1);
  call.out[0] = std::move(dims);
}

void top_k(ShapeCall& call) {
  if (!known_rank(call))
    return;
  const auto axis = axis_in(call.layer.integer("axis").value_or(0), call.in[0]->size());
  if (!axis)
    return;
  auto dims = *call.in[0];
  dims[*axis] =
      call.in.size() > 1 ? k_unknown_dim : dim_of(call.layer.integer("k").value_or(k_unknown_dim));
  for (auto& out : call.out)
    out = dims;
}

void constant(ShapeCall& call) {
  const auto* value = call.layer.find("val");
  if (value == nullptr || value->type.shape.dims.empty())
    return;
  auto dims = checked(value->type.shape.dims);
  // loadConstant has [C, H, W]; the network sees it with a sequence and a batch of 1.
  if (call.layer.row.name == "loadConstant" && call.layer.rank == 5 && dims.size() == 3)
    dims.insert(dims.begin(), 2, 1);
  call.out[0] = std::move(dims);
}

void reshape(ShapeCall& call) {
  if (!call.in.empty())
    call.out[0] = fill_target(call.in[0], call.layer.ints("shape"), false);
}

void rank_preserving_reshape(ShapeCall& call) {
  if (!call.in.empty())
    call.out[0] = fill_target(call.in[0], call.layer.ints("shape"), true);
}

void legacy_reshape(ShapeCall& call) {
  // The target is [channel, height, width], or [sequence, channel, height, width].
  const auto target = call.layer.ints("shape");
  if (!known_rank(call) || target.size() < 3 || target.size() > 4)
    return;
  auto dims = *call.in[0];
  const bool with_sequence = target.size() == 4;
  if (dims.size() < 4 || (with_sequence && dims.size() != 5))
    return;
  const auto last = target.last(3);
  std::copy(last.begin(), last.end(), dims.end() - 3);
  if (with_sequence)
    dims[0] = target[0];
  call.out[0] = fill_target(call.in[0], dims, false);
}

void legacy_flatten(ShapeCall& call) {
  if (!known_rank(call) || call.in[0]->size() < 3)
    return;
  auto dims = *call.in[0];
  const auto tail = std::span(dims).last(3);
  tail[0] = product(tail);
  tail[1] = 1;
  tail[2] = 1;
  call.out[0] = std::move(dims);
}

void flatten_2d(ShapeCall& call) {
  if (!known_rank(call))
    return;
  const std::span<const std::int64_t> x = *call.in[0];
  const auto axis = call.layer.integer("axis").value_or(0);
  const auto split = axis < 0 ? axis + static_cast<std::int64_t>(x.size()) : axis;
  if (split < 0 || static_cast<std::size_t>(split) > x.size())
    return;
  const auto at = static_cast<std::size_t>(split);
  call.out[0] = Sizes{product(x.first(at)), product(x.subspan(at))};
}

void like_second(ShapeCall& call) {
  if (known_rank(call, 1))
    call.out[0] = call.in[1];
}

void squeeze(ShapeCall& call) {
  if (!known_rank(call))
    return;
  const auto& x = *call.in[0];
  std::vector<bool> dropped(x.size(), false);
  if (call.layer.find("axes") != nullptr) {
    if (!mark_axes(call.layer.ints("axes"), dropped))
      return;
  } else {
    if (!std::ranges::all_of(x, known))
      return;
    for (std::size_t i = 0; i < x.size(); ++i)
      dropped[i] = x[i] == 1;
  }
  std::vector<std::int64_t> dims;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!dropped[i])
      dims.push_back(x[i]);
  }
  if (dims.empty())
    dims.push_back(1);
  call.out[0] = std::move(dims);
}

void expand_dims(ShapeCall& call) {
  const auto axes = call.layer.ints("axes");
  if (!known_rank(call) || axes.empty() || call.in[0]->size() + axes.size() > k_max_rank)
    return;
  std::vector<bool> inserted(call.in[0]->size() + axes.size(), false);
  if (!mark_axes(axes, inserted) ||
      static_cast<std::size_t>(std::ranges::count(inserted, true)) != axes.size())
    return;
  std::vector<std::int64_t> dims;
  auto next = call.in[0]->begin();
  for (const bool is_new : inserted)
    dims.push_back(is_new ? 1 : *next++);
  call.out[0] = std::move(dims);
}

void one_hot(ShapeCall& call) {
  if (!known_rank(call) || call.in[0]->size() >= k_max_rank)
    return;
  auto dims = *call.in[0];
  const auto axis = axis_in(call.layer.integer("axis").value_or(0), dims.size() + 1);
  if (!axis)
    return;
  const auto size =
      call.in.size() > 1 ? k_unknown_dim : call.layer.integer("one_hot_vector_size").value_or(-1);
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis), dim_of(size));
  call.out[0] = std::move(dims);
}

void range(ShapeCall& call) {
  const auto start = call.layer.real("start");
  const auto end = call.layer.real("end");
  const auto step = call.layer.real("step");
  std::int64_t count = k_unknown_dim;
  if (call.in.empty() && start && end && step && *step != 0) {
    const auto exact = std::ceil((*end - *start) / *step);
    if (exact >= 0 && exact <= static_cast<double>(k_max_dim))
      count = static_cast<std::int64_t>(exact);
  }
  call.out[0] = Sizes{count};
}

void shape_of(ShapeCall& call) {
  if (known_rank(call))
    call.out[0] = Sizes{static_cast<std::int64_t>(call.in[0]->size())};
}

void target_shape(ShapeCall& call) {
  set_target(call, call.layer.ints("shape"));
}

void categorical(ShapeCall& call) {
  if (!known_rank(call) || call.in[0]->empty())
    return;
  auto dims = *call.in[0];
  dims.back() = dim_of(call.layer.integer("size").value_or(k_unknown_dim));
  call.out[0] = std::move(dims);
}

void non_maximum_suppression(ShapeCall& call) {
  // boxes [B, N, 4] and scores [B, N, C] give boxes, scores, indices and counts.
  if (!known_rank(call) || !known_rank(call, 1) || call.in[0]->size() != 3 ||
      call.in[1]->size() != 3 || call.out.size() != 4)
    return;
  const auto batch = (*call.in[0])[0];
  const auto kept =
      call.in.size() >= 5 ? k_unknown_dim : dim_of(call.layer.integer("max_boxes").value_or(-1));
  call.out[0] = Sizes{batch, kept, 4};
  call.out[1] = Sizes{batch, kept, (*call.in[1])[2]};
  call.out[2] = Sizes{batch, kept};
  call.out[3] = Sizes{batch};
}

void non_zero(ShapeCall& call) {
  if (known_rank(call))
    call.out[0] = Sizes{k_unknown_dim, static_cast<std::int64_t>(call.in[0]->size())};
}

}  // namespace anecompat::coreml::shapes
