// The settings of espresso layers in MIL's names and meaning, one function per family of layers.
//
// Pairs are [height, width]; paddings [top, bottom, left, right]. Where espresso numbers axes in a
// way that is not published, the axis follows from the blobs' shapes, and is left out when they do
// not tell.
#pragma once

#include "coreml/espresso_layers.hpp"

namespace anecompat::coreml::espresso {

// Whether the layer brings its own weights rather than taking them from a second bottom.
bool has_weights(const EspressoLayer& layer);

using SetAttributes = void (*)(EspressoTranslation&);

void no_attributes(EspressoTranslation& to);

void convolution(EspressoTranslation& to);
void transposed_convolution(EspressoTranslation& to);
void convolution_3d(EspressoTranslation& to);
void inner_product(EspressoTranslation& to);
void embedding(EspressoTranslation& to);
void matmul(EspressoTranslation& to);
void pool(EspressoTranslation& to);
void global_pool(EspressoTranslation& to);

void alpha(EspressoTranslation& to);
void alpha_beta(EspressoTranslation& to);
void gelu_exact(EspressoTranslation& to);
void gelu_tanh(EspressoTranslation& to);
void gelu_sigmoid(EspressoTranslation& to);
void fill_value(EspressoTranslation& to);
// The second operand of a binary operation is `alpha` where there is no second bottom.
void alpha_operand(EspressoTranslation& to);
void epsilon(EspressoTranslation& to);

void normalization(EspressoTranslation& to);
void local_response_norm(EspressoTranslation& to);
void softmax(EspressoTranslation& to);
void softmax_nd(EspressoTranslation& to);
void reduce(EspressoTranslation& to);
void reduce_arg(EspressoTranslation& to);

void reshape(EspressoTranslation& to);
void transpose(EspressoTranslation& to);
void axes(EspressoTranslation& to);
void axis(EspressoTranslation& to);
void concat(EspressoTranslation& to);
void split(EspressoTranslation& to);
void slice(EspressoTranslation& to);
void tile(EspressoTranslation& to);
void pad(EspressoTranslation& to);
void crop(EspressoTranslation& to);
void upsample(EspressoTranslation& to);
void crop_resize(EspressoTranslation& to);
void block_size(EspressoTranslation& to);
void upscale_factor(EspressoTranslation& to);
void topk(EspressoTranslation& to);
void argsort(EspressoTranslation& to);
void constant(EspressoTranslation& to);

}  // namespace anecompat::coreml::espresso
