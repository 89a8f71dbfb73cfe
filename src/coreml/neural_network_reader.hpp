// Reader of NeuralNetwork.proto: neuralNetwork, neuralNetworkClassifier and -Regressor.
//
// Values are untyped (DataType::unknown), as the format has it. Shapes are inferred from the
// default shapes of the model's inputs. A network in the rank-5 mapping sees [sequence, batch,
// channel, height, width]; where the sequence is 1, the rest alone is stored, so that shapes and
// axes look like MIL's [N, C, H, W]. A network in which some layer moves or repeats the sequence,
// or changes the rank, is stored as it is: attributes always fit the shapes beside them.
#pragma once

#include "coreml/layer_fields.hpp"
#include "coreml/model_reader.hpp"

#include <span>

namespace anecompat::coreml {

struct NetworkParts {
  std::span<const Function> functions;  // one, "main"
  std::span<const WeightSummary> weights;
};

// Reads a network that the file holds in one or (merging) several pieces.
Result<NetworkParts> read_neural_network(std::span<const Extent> pieces, WireReader& parent,
                                         const Description& description, GraphBuilder& builder,
                                         const ReadContext& context);

// How many whole layers a network has before it breaks off: for messages about cut files.
std::size_t count_whole_layers(WireReader network);

}  // namespace anecompat::coreml
