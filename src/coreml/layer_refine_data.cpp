// Layers that move data about.
#include "coreml/layer_refine.hpp"
#include "coreml/layer_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace anecompat::coreml::refine {

namespace {

constexpr std::int64_t k_channel_axis = -3;
constexpr std::int64_t k_sequence_axis = -5;

// Rank of what old layers work on where it is not known: [batch, channel, height, width].
constexpr std::size_t k_usual_rank = 4;

}  // namespace

void channel_axis(LayerDraft& layer) {
  layer.set_int("axis", k_channel_axis);
}

void constant_pad(LayerDraft& layer) {
  layer.set_text("mode", "constant");
  if (!layer.fields.boolean(3))
    return;
  layer.remove("pad");  // the amounts are sizes to pad to, and follow from the input only
  layer.set_ints("pad_to_size", layer.fields.integers(2));
}

void permute(LayerDraft& layer) {
  // The axes are those of [sequence, channel, height, width]: the batch is left out.
  const auto axes = layer.fields.integers(1);
  const bool valid = axes.size() == 4 &&
                     std::ranges::all_of(axes, [](auto axis) { return axis >= 0 && axis < 4; });
  if (!valid)
    return layer.note("does not permute four axes");
  if (layer.rank != 5 && axes[0] == 0)
    return layer.set_ints("perm", axes);
  constexpr std::array<std::int64_t, 4> k_with_batch = {0, 2, 3, 4};
  std::vector<std::int64_t> perm;
  for (const auto axis : axes)
    perm.push_back(k_with_batch[static_cast<std::size_t>(axis)]);
  perm.insert(perm.begin() + 1, 1);
  layer.set_ints("perm", perm);
}

void concat(LayerDraft& layer) {
  layer.set_int("axis", layer.fields.boolean(100) ? k_sequence_axis : k_channel_axis);
  layer.set_bool("interleave", false);
}

void split(LayerDraft& layer) {
  layer.set_int("axis", k_channel_axis);
}

void sequence_repeat(LayerDraft& layer) {
  std::vector<std::int64_t> reps(5, 1);
  reps[0] = layer.fields.integer(1);
  layer.set_ints("reps", reps);
}

void reorganize(LayerDraft& layer) {
  switch (layer.fields.integer(1)) {
    case 0:
      layer.type = "space_to_depth";
      break;
    case 1:
      layer.type = "depth_to_space";
      break;
    case 2:
      layer.type = "pixel_shuffle";
      break;
    default:
      layer.type = "reorganizeData";
      layer.note("is of an unknown kind");
  }
  layer.set_int(layer.type == "pixel_shuffle" ? "upscale_factor" : "block_size",
                layer.fields.integer(2));
}

void slice(LayerDraft& layer) {
  const auto rank = layer.rank >= 3 ? layer.rank : k_usual_rank;
  const auto& fields = layer.fields;
  const auto which = fields.integer(4);
  if (which < 0 || which > 2)
    return layer.note("slices an unknown axis");
  const auto axis = rank - 3 + static_cast<std::size_t>(which);
  std::vector<std::int64_t> begin(rank, 0);
  std::vector<std::int64_t> end(rank, 0);
  std::vector<std::int64_t> stride(rank, 1);
  std::vector<std::int64_t> mask(rank, 1);
  begin[axis] = fields.integer(1);
  end[axis] = fields.integer(2);
  stride[axis] = std::max<std::int64_t>(1, fields.integer(3));
  mask[axis] = 0;
  auto end_mask = mask;
  // An end of -1 means "through the last one", where MIL would stop before it.
  if (end[axis] == -1)
    end_mask[axis] = 1;
  layer.set_ints("begin", begin);
  layer.set_ints("end", end);
  layer.set_ints("stride", stride);
  layer.set_ints("begin_mask", mask);
  layer.set_ints("end_mask", end_mask);
}

void reverse(LayerDraft& layer) {
  const auto flags = layer.fields.integers(1);
  std::vector<std::int64_t> axes;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] != 0)
      axes.push_back(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(flags.size()));
  }
  layer.set_ints("axes", axes);
}

void reshape(LayerDraft& layer) {
  const auto mode_field = layer.row.fields.back().number;
  layer.set_text("mode", layer.fields.integer(mode_field) == 1 ? "channel_last" : "channel_first");
}

void scatter(LayerDraft& layer) {
  constexpr std::array<std::string_view, 7> k_modes = {"update", "add", "sub", "mul",
                                                       "div",    "max", "min"};
  const auto mode = layer.fields.integer(layer.row.fields.back().number);
  layer.set_text("mode",
                 mode >= 0 && mode < 7 ? k_modes[static_cast<std::size_t>(mode)] : "unknown");
}

void squeeze(LayerDraft& layer) {
  if (layer.fields.boolean(2))
    layer.remove("axes");  // all of size 1
}

}  // namespace anecompat::coreml::refine
