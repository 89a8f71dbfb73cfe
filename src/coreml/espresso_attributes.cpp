// Element-wise layers, normalisations, reductions, and layers that move data.
#include "coreml/espresso_attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace anecompat::coreml::espresso {

namespace {

// espresso's axis numbers count from the innermost dimension: width 0, height 1, channel 2.
std::int64_t axis_from_inside(std::int64_t number) {
  return -1 - number;
}

// The integers key_0, key_1, … as far as they go without a gap.
std::vector<std::int64_t> numbered(const EspressoLayer& layer, std::string_view key) {
  constexpr std::size_t k_max_rank = 16;
  std::vector<std::int64_t> values;
  while (values.size() < k_max_rank) {
    const auto value = layer.integer(fmt::format("{}_{}", key, values.size()));
    if (!value)
      break;
    values.push_back(*value);
  }
  return values;
}

void set_numbered(EspressoTranslation& to, std::string_view name, std::string_view key) {
  if (const auto values = numbered(to.layer, key); !values.empty())
    to.set_ints(name, values);
}

// The dimension in which `whole` is the sum of `parts` and in all others equal to each of them.
std::optional<std::int64_t> joined_axis(std::span<const Shape> parts, const Shape& whole) {
  if (parts.size() < 2 || !whole.is_static())
    return std::nullopt;
  std::optional<std::int64_t> axis;
  for (std::size_t i = 0; i < whole.rank(); ++i) {
    std::uint64_t sum = 0;
    bool equal = true;
    for (const auto& part : parts) {
      if (!part.is_static() || part.rank() != whole.rank())
        return std::nullopt;
      sum += static_cast<std::uint64_t>(part.dims[i]);
      equal = equal && part.dims[i] == whole.dims[i];
    }
    if (equal)
      continue;
    if (axis || sum != static_cast<std::uint64_t>(whole.dims[i]))
      return std::nullopt;
    axis = static_cast<std::int64_t>(i);
  }
  return axis;
}

// The dimensions that are longer than one before and one after.
std::vector<std::int64_t> reduced_axes(const EspressoTranslation& to) {
  std::vector<std::int64_t> found;
  if (to.bottoms.empty() || to.tops.empty() || to.bottoms[0].rank() != to.tops[0].rank())
    return found;
  for (std::size_t i = 0; i < to.tops[0].rank(); ++i) {
    if (to.bottoms[0].dims[i] > 1 && to.tops[0].dims[i] == 1)
      found.push_back(static_cast<std::int64_t>(i));
  }
  return found;
}

}  // namespace

void no_attributes(EspressoTranslation&) {}

void alpha(EspressoTranslation& to) {
  if (to.type == "leaky_relu" && has_weights(to.layer))
    to.type = "prelu";  // one slope per channel
  else
    to.copy_real("alpha", "alpha");
}

void alpha_beta(EspressoTranslation& to) {
  to.copy_real("alpha", "alpha");
  to.copy_real("beta", "beta");
}

void gelu_exact(EspressoTranslation& to) {
  to.set("mode", to.builder.text("EXACT"));
}

void gelu_tanh(EspressoTranslation& to) {
  to.set("mode", to.builder.text("TANH_APPROXIMATION"));
}

void gelu_sigmoid(EspressoTranslation& to) {
  to.set("mode", to.builder.text("SIGMOID_APPROXIMATION"));
}

void fill_value(EspressoTranslation& to) {
  to.copy_real("value", to.layer.has("value") ? "value" : "alpha");
}

void alpha_operand(EspressoTranslation& to) {
  if (to.bottoms.size() < 2)
    to.copy_real("y", "alpha");
}

void epsilon(EspressoTranslation& to) {
  to.copy_real("epsilon", "eps");
}

void normalization(EspressoTranslation& to) {
  to.copy_real("epsilon", to.layer.has("training_eps") ? "training_eps" : "eps");
  if (const auto channels = to.layer.integer("C"); channels && to.type != "l2_norm")
    to.set_ints("weight_shape", std::array{*channels});
  to.copy_int("normalization_mode", "normalization_mode");
  to.copy_flag("training", "training");
}

void local_response_norm(EspressoTranslation& to) {
  to.copy_int("size", "local_size");
  to.copy_real("alpha", "alpha");
  to.copy_real("beta", "beta");
  to.copy_real("k", "k");
}

void softmax(EspressoTranslation& to) {
  // The field "C" is the axis, 2 for channels, whatever the number of channels is; a number that
  // is no axis leaves it at the channels.
  constexpr std::int64_t k_channels = 2;
  constexpr std::int64_t k_sequence = 4;
  const auto axis = to.integer_or("C", k_channels);
  to.set_int("axis", axis_from_inside(axis >= 0 && axis <= k_sequence ? axis : k_channels));
}

void softmax_nd(EspressoTranslation& to) {
  axis(to);
}

void reduce(EspressoTranslation& to) {
  if (const auto found = reduced_axes(to); !found.empty())
    to.set_ints("axes", found);
  if (!to.bottoms.empty() && !to.tops.empty() && to.bottoms[0].ranked && to.tops[0].ranked)
    to.set("keep_dims", to.builder.boolean(to.bottoms[0].rank() == to.tops[0].rank()));
  to.copy_int("axis_mode", "axis_mode");
}

void reduce_arg(EspressoTranslation& to) {
  const auto found = reduced_axes(to);
  if (found.size() == 1)
    to.set_int("axis", found[0]);
  to.copy_int("axis_mode", "axis_mode");
}

void reshape(EspressoTranslation& to) {
  if (!to.tops.empty() && to.tops[0].ranked) {
    to.set_ints("shape", to.tops[0].dims);
    return;
  }
  if (to.layer.has("dst_k")) {
    to.set_ints("shape", std::array{to.integer_or("dst_n", 0), to.integer_or("dst_k", 0),
                                    to.integer_or("dst_h", 0), to.integer_or("dst_w", 0)});
  }
}

void transpose(EspressoTranslation& to) {
  if (to.bottoms.size() != 1 || to.tops.size() != 1)
    return;
  // Each output dimension names the input dimension it comes from, both counted from the inside.
  constexpr std::array<std::string_view, 5> k_inside_out = {"axis_w", "axis_h", "axis_k", "axis_n",
                                                            "axis_seq"};
  const auto& from = to.bottoms[0];
  const auto& into = to.tops[0];
  const auto rank = into.rank();
  if (rank == 0 || rank > k_inside_out.size() || from.rank() != rank)
    return;
  std::vector<std::int64_t> perm(rank);
  std::array<bool, 5> used = {};
  for (std::size_t i = 0; i < rank; ++i) {
    const auto source = to.layer.integer(k_inside_out[i]).value_or(-1);
    if (source < 0 || source >= static_cast<std::int64_t>(rank))
      return;
    const auto inside = static_cast<std::size_t>(source);
    if (used[inside] || into.dims[rank - 1 - i] != from.dims[rank - 1 - inside])
      return;
    used[inside] = true;
    perm[rank - 1 - i] = static_cast<std::int64_t>(rank - 1 - inside);
  }
  to.set_ints("perm", perm);
}

void axes(EspressoTranslation& to) {
  if (const auto values = numbered(to.layer, "axes"); !values.empty())
    to.set_ints("axes", values);
  else if (const auto one = to.layer.integer("nd_axis"))
    to.set_ints("axes", std::array{*one});
}

void axis(EspressoTranslation& to) {
  to.copy_int("axis", to.layer.has("axis") ? "axis" : "nd_axis");
  to.copy_int("batch_dims", "batch_dims");
}

void concat(EspressoTranslation& to) {
  if (const auto found = to.tops.size() == 1 ? joined_axis(to.bottoms, to.tops[0]) : std::nullopt)
    to.set_int("axis", *found);
  else if (to.layer.has("axis") || to.layer.has("nd_axis"))
    axis(to);
  else
    to.set_int("axis", -3);  // channels
}

void split(EspressoTranslation& to) {
  to.set_int("num_splits", static_cast<std::int64_t>(to.tops.size()));
  const auto found = to.bottoms.size() == 1 ? joined_axis(to.tops, to.bottoms[0]) : std::nullopt;
  if (!found)
    return axis(to);
  to.set_int("axis", *found);
  std::vector<std::int64_t> sizes;
  for (const auto& top : to.tops)
    sizes.push_back(top.dims[static_cast<std::size_t>(*found)]);
  to.set_ints("split_sizes", sizes);
}

void slice(EspressoTranslation& to) {
  set_numbered(to, "begin", "begin");
  set_numbered(to, "end", "end");
  set_numbered(to, "stride", "stride");
  // The older form cuts along one axis.
  to.copy_int("start", "start");
  to.copy_int("stop", "end");
  to.copy_int("axis", "axis");
}

void tile(EspressoTranslation& to) {
  if (to.bottoms.size() != 1 || to.tops.size() != 1 || to.bottoms[0].rank() == 0 ||
      to.bottoms[0].rank() != to.tops[0].rank())
    return;
  std::vector<std::int64_t> reps;
  for (std::size_t i = 0; i < to.tops[0].rank(); ++i) {
    const auto before = to.bottoms[0].dims[i];
    const auto after = to.tops[0].dims[i];
    if (before <= 0 || after <= 0 || after % before != 0)
      return;
    reps.push_back(after / before);
  }
  to.set_ints("reps", reps);
}

void topk(EspressoTranslation& to) {
  to.copy_int("k", "num_k");
  to.copy_int("axis", to.layer.has("axis") ? "axis" : "single_axis_topk");
  to.copy_flag("ascending", "do_bottomk");
}

void argsort(EspressoTranslation& to) {
  axis(to);
  to.copy_flag("ascending", "ascending");
}

void constant(EspressoTranslation& to) {
  to.kind = OperationKind::constant;
}

}  // namespace anecompat::coreml::espresso
