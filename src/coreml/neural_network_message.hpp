// The NeuralNetwork message around the layers.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/layer_draft.hpp"
#include "coreml/layer_fields.hpp"
#include "coreml/read_context.hpp"
#include "coreml/wire.hpp"
#include "support/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// A hostile file must not fill the memory with remarks.
constexpr std::size_t k_max_network_notes = 50;

struct Network {
  std::vector<Extent> layers;
  bool exact_arrays = false;
  bool rank4_images = false;
  std::string_view probability_layer;
  std::vector<std::string_view> preprocessed;  // the inputs that are, at most k_max_network_notes
};

// Gathers the pieces of a network; its layers are not decoded. Errors: unreadable.
Result<Network> collect_network(std::span<const Extent> pieces, WireReader& parent,
                                const GraphBuilder& builder, const ReadContext& context);

// What the network sees of a model input, by its array and image mappings.
Dims network_input_dims(const Feature& feature, const Network& network);

// The refusal of a model with more of something than is read.
Error too_many(const char* what, std::uint64_t limit);

}  // namespace anecompat::coreml
