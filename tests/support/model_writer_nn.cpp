#include "support/model_writer_nn.hpp"

namespace anecompat::test {

namespace {

// A WeightParams message.
Message weights(std::int64_t count, std::uint32_t seed) {
  return Message().bytes(2, float16_weights(static_cast<std::size_t>(count), seed));
}

}  // namespace

std::string NeuralNetwork::layer(std::string_view name, const Names& inputs, std::uint32_t field,
                                 const Message& parameters) {
  Message layer;
  layer.bytes(1, name);
  for (const auto& input : inputs)
    layer.bytes(2, input);
  layer.bytes(3, name).message(field, parameters);
  m_network.message(1, layer);
  return std::string(name);
}

std::string NeuralNetwork::convolution(std::string_view name, std::string_view input,
                                       std::int64_t in_channels, std::int64_t out_channels,
                                       std::int64_t kernel, std::int64_t stride,
                                       std::uint32_t seed) {
  const Dims kernel_size = {kernel, kernel};
  const Dims strides = {stride, stride};
  const auto count = out_channels * in_channels * kernel * kernel;
  return layer(name, {std::string(input)}, 100,
               Message()
                   .integer(1, out_channels)
                   .integer(2, in_channels)
                   .varint(10, 1)
                   .integers(20, kernel_size)
                   .integers(30, strides)
                   .message(51, Message())
                   .varint(70, 1)
                   .message(90, weights(count, seed))
                   .message(91, weights(out_channels, seed + 1)));
}

std::string NeuralNetwork::relu(std::string_view name, std::string_view input) {
  return layer(name, {std::string(input)}, 130, Message().message(10, Message()));
}

std::string NeuralNetwork::global_average(std::string_view name, std::string_view input) {
  constexpr std::uint64_t k_average = 1;
  return layer(
      name, {std::string(input)}, 120,
      Message().varint(1, k_average).message(30, Message().message(1, Message())).varint(60, 1));
}

std::string NeuralNetwork::inner_product(std::string_view name, std::string_view input,
                                         std::int64_t in_channels, std::int64_t out_channels,
                                         std::uint32_t seed) {
  return layer(name, {std::string(input)}, 140,
               Message()
                   .integer(1, in_channels)
                   .integer(2, out_channels)
                   .varint(10, 1)
                   .message(20, weights(in_channels * out_channels, seed))
                   .message(21, weights(out_channels, seed + 1)));
}

std::string NeuralNetwork::softmax(std::string_view name, std::string_view input) {
  return layer(name, {std::string(input)}, 175, Message());
}

Message NeuralNetwork::classifier_message(const std::vector<std::string>& labels) const {
  Message names;
  for (const auto& label : labels)
    names.bytes(1, label);
  auto classifier = m_network;
  return classifier.message(100, names);
}

}  // namespace anecompat::test
