// What every neural network layer has, whatever its kind: names, wiring, and where its parameters
// are.
#pragma once

#include "coreml/layer_draft.hpp"
#include "coreml/wire.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// A NeuralNetworkLayer with its parameters still undecoded.
struct LayerHeader {
  std::string_view name;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<Dims> hints;  // outputTensor: optional, what the converter knew
  std::uint32_t field = 0;  // of its parameters; 0: none
  std::vector<Extent> parameters;
};

// Reads a NeuralNetworkLayer message to its end.
LayerHeader read_layer_header(WireReader& message);

}  // namespace anecompat::coreml
