// What the field lists of the layer table cannot say: modes that decide the type, paddings,
// weights.
#pragma once

#include "coreml/layer_draft.hpp"

namespace anecompat::coreml::refine {

// Convolution and pooling, 2-D and 3-D.
void convolution(LayerDraft& layer);
void convolution_3d(LayerDraft& layer);
void pooling(LayerDraft& layer);
void pooling_3d(LayerDraft& layer);
void global_pooling_3d(LayerDraft& layer);

// Layers with weights.
void inner_product(LayerDraft& layer);
void embedding(LayerDraft& layer);
void embedding_nd(LayerDraft& layer);
void batched_matmul(LayerDraft& layer);
void batch_norm(LayerDraft& layer);
void layer_norm(LayerDraft& layer);
void scale(LayerDraft& layer);
void bias(LayerDraft& layer);
void constant(LayerDraft& layer);

// Element-wise layers.
void activation(LayerDraft& layer);
void unary(LayerDraft& layer);
void fold(LayerDraft& layer);         // add, multiply, max, min of any number of inputs
void with_scalar(LayerDraft& layer);  // comparisons: one input and alpha, or two inputs
void gelu(LayerDraft& layer);

// Recurrent layers.
void recurrent(LayerDraft& layer);
void lstm(LayerDraft& layer);
void bidirectional_lstm(LayerDraft& layer);

// Layers that move data.
void crop(LayerDraft& layer);
void padding(LayerDraft& layer);
void constant_pad(LayerDraft& layer);
void upsample(LayerDraft& layer);
void resize_bilinear(LayerDraft& layer);
void crop_resize(LayerDraft& layer);
void permute(LayerDraft& layer);
void concat(LayerDraft& layer);
void split(LayerDraft& layer);
void sequence_repeat(LayerDraft& layer);
void reorganize(LayerDraft& layer);
void slice(LayerDraft& layer);
void reverse(LayerDraft& layer);
void reshape(LayerDraft& layer);
void scatter(LayerDraft& layer);
void channel_axis(LayerDraft& layer);

// Reductions and index makers.
void reduce(LayerDraft& layer);
void reduce_axes(LayerDraft& layer);
void arg_reduce(LayerDraft& layer);
void top_k(LayerDraft& layer);
void arg_sort(LayerDraft& layer);
void triangle(LayerDraft& layer);
void squeeze(LayerDraft& layer);

}  // namespace anecompat::coreml::refine
