// Output shapes of neural network layers, from their attributes and input shapes.
//
// Shapes here are as the network sees them: in the rank-5 mapping [sequence, batch, channel,
// height, width]. Old layers work on the last three dimensions whatever the rank.
#pragma once

#include "coreml/layer_draft.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace anecompat::coreml {

// One layer whose output shapes are wanted.
struct ShapeCall {
  const LayerDraft& layer;
  std::span<const Dims> in;
  std::vector<Dims>& out;  // one per output, unknown until set
};

namespace shapes {

// Element-wise.
void same(ShapeCall& call);       // every output has the first input's shape
void broadcast(ShapeCall& call);  // all inputs broadcast together
// Windows.
void convolution(ShapeCall& call);
void pooling(ShapeCall& call);
void crop(ShapeCall& call);
void padding(ShapeCall& call);
void upsample(ShapeCall& call);
void resize(ShapeCall& call);
void crop_resize(ShapeCall& call);
void sliding_windows(ShapeCall& call);
// Linear algebra.
void linear(ShapeCall& call);
void inner_product(ShapeCall& call);
void matmul(ShapeCall& call);
void embedding(ShapeCall& call);
void embedding_nd(ShapeCall& call);
void dot(ShapeCall& call);
void recurrent(ShapeCall& call);
// Reductions.
void reduce(ShapeCall& call);
void top_k(ShapeCall& call);
// Moving data.
void constant(ShapeCall& call);
void reshape(ShapeCall& call);
void legacy_reshape(ShapeCall& call);
void legacy_flatten(ShapeCall& call);
void rank_preserving_reshape(ShapeCall& call);
void flatten_2d(ShapeCall& call);
void like_second(ShapeCall& call);
void permute(ShapeCall& call);
void concat(ShapeCall& call);
void stack(ShapeCall& call);
void split(ShapeCall& call);
void tile(ShapeCall& call);
void reorganize(ShapeCall& call);
void slice(ShapeCall& call);
void legacy_slice(ShapeCall& call);
void slice_by_size(ShapeCall& call);
void squeeze(ShapeCall& call);
void expand_dims(ShapeCall& call);
void gather(ShapeCall& call);
void gather_nd(ShapeCall& call);
void gather_along_axis(ShapeCall& call);
void one_hot(ShapeCall& call);
void range(ShapeCall& call);
void shape_of(ShapeCall& call);
void target_shape(ShapeCall& call);
void categorical(ShapeCall& call);
void non_maximum_suppression(ShapeCall& call);
void non_zero(ShapeCall& call);

}  // namespace shapes

}  // namespace anecompat::coreml
