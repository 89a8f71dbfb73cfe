// Small neural networks, written and read again.
#pragma once

#include "coreml/reader.hpp"
#include "support/protobuf_writer.hpp"
#include "support/temp_dir.hpp"

#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

using test::ProtobufWriter;
using test::TempDir;
using Names = std::initializer_list<std::string_view>;

inline ProtobufWriter layer(std::string_view name, Names inputs, Names outputs, std::uint32_t field,
                            const ProtobufWriter& parameters = {}) {
  ProtobufWriter writer;
  writer.bytes(1, name);
  for (const auto input : inputs)
    writer.bytes(2, input);
  for (const auto output : outputs)
    writer.bytes(3, output);
  return writer.message(field, parameters);
}

inline ProtobufWriter array_feature(std::string_view name,
                                    std::initializer_list<std::int64_t> shape) {
  return ProtobufWriter().bytes(1, name).message(
      3, ProtobufWriter().message(5, ProtobufWriter().packed(1, shape).varint(2, 65568)));
}

enum class Mapping : std::uint8_t { rank5, exact };

// A whole model around the layers of `network`, with one input "x" and one output "y".
inline std::string model(ProtobufWriter network, std::initializer_list<std::int64_t> input,
                         Mapping mapping = Mapping::rank5) {
  if (mapping == Mapping::exact)
    network.varint(5, 1);
  const auto description =
      ProtobufWriter().message(1, array_feature("x", input)).message(10, array_feature("y", {}));
  return ProtobufWriter().varint(1, 4).message(2, description).message(500, network).str();
}

inline Graph read(const std::string& bytes) {
  const TempDir dir;
  auto graph = read_model(dir.write("m.mlmodel", bytes));
  if (!graph)
    throw std::runtime_error(graph.error().to_string());
  return std::move(*graph);
}

inline const Operation& operation(const Graph& graph, std::size_t index = 0) {
  return graph.model().functions[0].body.operations[index];
}

inline std::string shape_of(const Graph& graph, std::size_t index = 0, std::size_t output = 0) {
  return graph.value(operation(graph, index).outputs[output]).type.shape.to_string();
}

inline std::vector<std::int64_t> ints(const Operation& op, std::string_view name) {
  const auto* attribute = op.attribute(name);
  if (attribute == nullptr)
    return {};
  const auto values = attribute->value.ints().value_or(std::span<const std::int64_t>());
  return {values.begin(), values.end()};
}

inline std::string text(const Operation& op, std::string_view name) {
  const auto* attribute = op.attribute(name);
  return attribute == nullptr ? "" : std::string(attribute->value.as_string().value_or(""));
}

// One layer from "x" to "y".
inline Graph one(std::uint32_t field, const ProtobufWriter& parameters,
                 std::initializer_list<std::int64_t> input, Mapping mapping = Mapping::rank5) {
  return read(model(ProtobufWriter().message(1, layer("l", {"x"}, {"y"}, field, parameters)), input,
                    mapping));
}

}  // namespace anecompat::coreml
