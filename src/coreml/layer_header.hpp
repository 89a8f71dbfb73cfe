// What every neural network layer has, whatever its kind: names, wiring, and where its parameters
// are.
#pragma once

#include "coreml/layer_draft.hpp"
#include "coreml/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// More names than any layer has. A layer with more is kept short of them, and refused later.
constexpr std::size_t k_max_layer_names = 65536;

// A NeuralNetworkLayer with its parameters still undecoded.
struct LayerHeader {
  std::string_view name;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<Dims> hints;  // outputTensor: optional, what the converter knew
  bool too_many_names = false;
  std::uint32_t field = 0;  // of its parameters; 0: none
  std::vector<Extent> parameters;
};

// Reads a NeuralNetworkLayer message to its end. What `layer` was before is forgotten, its memory
// kept.
void read_layer_header(WireReader& message, LayerHeader& layer);

}  // namespace anecompat::coreml
