#include "support/model_writer_mil.hpp"

#include <stdexcept>

namespace anecompat::test {

namespace {

constexpr std::string_view k_weight_file = "@model_path/weights/weight.bin";

Message value_type(const Tensor& tensor) {
  Message type;
  type.varint(1, static_cast<std::uint64_t>(tensor.type));
  if (!tensor.dims.empty())
    type.integer(2, static_cast<std::int64_t>(tensor.dims.size()));
  for (const auto dim : tensor.dims)
    type.message(3, Message().message(1, Message().integer(1, dim)));
  return Message().message(1, type);
}

Message named_type(std::string_view name, const Tensor& tensor) {
  return Message().bytes(1, name).message(2, value_type(tensor));
}

// `tensor_value` is a TensorValue message.
Message immediate(const Tensor& type, const Message& tensor_value) {
  return Message().message(2, value_type(type)).message(3, Message().message(1, tensor_value));
}

Message blob(const Tensor& type, std::uint64_t offset) {
  return Message()
      .message(2, value_type(type))
      .message(5, Message().bytes(1, k_weight_file).varint(2, offset));
}

Message text_value(std::string_view text) {
  return immediate({MilType::string, {}}, Message().message(4, Message().bytes(1, text)));
}

Message integers_value(const Tensor& type, const Dims& values) {
  return immediate(type, Message().message(2, Message().integers(1, values)));
}

std::size_t element_count(const Dims& dims) {
  std::size_t count = 1;
  for (const auto dim : dims)
    count *= static_cast<std::size_t>(dim);
  return count;
}

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

// The type and value of a setting.
std::pair<Tensor, Message> setting(const MilArgument& argument) {
  return std::visit(
      Overloaded{[](const MilArgument::Names&) -> std::pair<Tensor, Message> {
                   throw std::logic_error("names are not a setting");
                 },
                 [](bool value) -> std::pair<Tensor, Message> {
                   const Tensor type{MilType::boolean, {}};
                   const Dims one = {value ? 1 : 0};
                   return {type, immediate(type, Message().message(3, Message().integers(1, one)))};
                 },
                 [](std::int64_t value) -> std::pair<Tensor, Message> {
                   const Tensor type{MilType::int32, {}};
                   return {type, integers_value(type, {value})};
                 },
                 [](const Dims& values) -> std::pair<Tensor, Message> {
                   const Tensor type{MilType::int32, {static_cast<std::int64_t>(values.size())}};
                   return {type, integers_value(type, values)};
                 },
                 [](const MilArgument::Real& real) -> std::pair<Tensor, Message> {
                   const Tensor type{real.type, {}};
                   if (real.type == MilType::float16) {
                     const auto data = float16_bytes(real.value);
                     return {type, immediate(type, Message().message(7, Message().bytes(1, data)))};
                   }
                   const float values[] = {real.value};
                   return {type, immediate(type, Message().message(1, Message().reals(1, values)))};
                 },
                 [](std::string_view text) -> std::pair<Tensor, Message> {
                   return {Tensor{MilType::string, {}}, text_value(text)};
                 }},
      argument.value);
}

}  // namespace

void Program::input(std::string_view name, const Tensor& type) {
  m_inputs.push_back(named_type(name, type));
}

void Program::constant(std::string_view name, const Tensor& type, const Message& value) {
  m_operations.push_back(Message()
                             .bytes(1, "const")
                             .message(3, named_type(name, type))
                             .entry(5, "name", text_value(name))
                             .entry(5, "val", value));
}

std::string Program::weight(std::string_view name, const Tensor& type, std::uint32_t seed) {
  const auto count = element_count(type.dims);
  const auto offset = type.type == MilType::float32
                          ? m_weights.add(WeightFile::Type::float32, float32_weights(count, seed))
                          : m_weights.add(WeightFile::Type::float16, float16_weights(count, seed));
  constant(name, type, blob(type, offset));
  return std::string(name);
}

std::string Program::palettized_weight(std::string_view name, const Dims& dims,
                                       std::uint32_t seed) {
  const auto packed = element_count(dims) / 2;
  const Tensor indices{MilType::uint8, {static_cast<std::int64_t>(packed)}};
  const Tensor lut{MilType::float16, {16}};
  const Tensor shape{MilType::uint32, {static_cast<std::int64_t>(dims.size())}};
  const Tensor output{MilType::float16, dims};
  const auto indices_at = m_weights.add(WeightFile::Type::uint8, byte_weights(packed, seed));
  const auto lut_at = m_weights.add(WeightFile::Type::float16, float16_weights(16, seed));
  m_operations.push_back(Message()
                             .bytes(1, "constexpr_lut_to_dense")
                             .message(3, named_type(name, output))
                             .entry(5, "indices", blob(indices, indices_at))
                             .entry(5, "lut", blob(lut, lut_at))
                             .entry(5, "name", text_value(name))
                             .entry(5, "shape", integers_value(shape, dims)));
  return std::string(name);
}

Message Program::bind(std::string_view op_name, const MilArgument& argument) {
  Message bindings;
  if (const auto* names = std::get_if<MilArgument::Names>(&argument.value)) {
    for (const auto& name : *names)
      bindings.message(1, Message().bytes(1, name));
    return bindings;
  }
  const auto name = std::string(op_name) + "_" + argument.name + "_0";
  const auto [type, value] = setting(argument);
  constant(name, type, value);
  return bindings.message(1, Message().bytes(1, name));
}

void Program::op_with_outputs(std::string_view type, const std::vector<MilArgument>& arguments,
                              const std::vector<std::pair<std::string, Tensor>>& outputs) {
  const auto& name = outputs.at(0).first;
  auto operation = Message().bytes(1, type);
  for (const auto& argument : arguments)
    operation.entry(2, argument.name, bind(name, argument));
  for (const auto& [output, tensor] : outputs)
    operation.message(3, named_type(output, tensor));
  operation.entry(5, "name", text_value(name));
  m_operations.push_back(operation);
}

std::string Program::op(std::string_view type, std::string_view name,
                        const std::vector<MilArgument>& arguments, const Tensor& output) {
  op_with_outputs(type, arguments, {{std::string(name), output}});
  return std::string(name);
}

std::string Program::conv(std::string_view name, std::string_view x, std::string_view weight,
                          std::int64_t stride, const Tensor& output) {
  using Names = MilArgument::Names;
  return op("conv", name,
            {{"x", Names{std::string(x)}},
             {"weight", Names{std::string(weight)}},
             {"strides", Dims{stride, stride}},
             {"pad_type", std::string_view("same")},
             {"pad", Dims{0, 0, 0, 0}},
             {"dilations", Dims{1, 1}},
             {"groups", std::int64_t{1}}},
            output);
}

Message Program::message() const {
  Message block;
  for (const auto& output : m_outputs)
    block.bytes(2, output);
  for (const auto& operation : m_operations)
    block.message(3, operation);
  Message function;
  for (const auto& input : m_inputs)
    function.message(1, input);
  function.bytes(2, m_opset).entry(3, m_opset, block);
  return Message().varint(1, 1).entry(2, "main", function);
}

}  // namespace anecompat::test
