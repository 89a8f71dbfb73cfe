// Writes neural networks of the older, layer based kind.
#pragma once

#include "support/model_writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace anecompat::test {

// A NeuralNetwork message, layer by layer. Each function returns the name of the layer's output,
// which is the layer's own.
class NeuralNetwork {
 public:
  using Names = std::vector<std::string>;

  // Any layer: `field` is its number in NeuralNetworkLayer, `parameters` its message.
  std::string layer(std::string_view name, const Names& inputs, std::uint32_t field,
                    const Message& parameters);

  // fp16 weights, "same" padding.
  std::string convolution(std::string_view name, std::string_view input, std::int64_t in_channels,
                          std::int64_t out_channels, std::int64_t kernel, std::int64_t stride,
                          std::uint32_t seed);
  std::string relu(std::string_view name, std::string_view input);
  std::string global_average(std::string_view name, std::string_view input);
  std::string inner_product(std::string_view name, std::string_view input, std::int64_t in_channels,
                            std::int64_t out_channels, std::uint32_t seed);
  std::string softmax(std::string_view name, std::string_view input);

  // For type_field 500.
  Message message() const { return m_network; }
  // For type_field 403.
  Message classifier_message(const std::vector<std::string>& labels) const;

 private:
  Message m_network;
};

}  // namespace anecompat::test
