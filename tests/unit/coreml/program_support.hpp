// What tests of ML Program readers share: a writer of MIL.proto messages, written from the field
// numbers of the published format, and ways to get at a corpus model's program.
#pragma once

#include "coreml/graph_builder.hpp"
#include "coreml/ml_program_reader.hpp"
#include "support/byte_source.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anecompat::coreml::test {

// Protobuf bytes, field by field.
class Message {
 public:
  Message& number(std::uint32_t field, std::uint64_t value) {
    varint(std::uint64_t{field} << 3U);
    varint(value);
    return *this;
  }
  Message& text(std::uint32_t field, std::string_view value) {
    varint((std::uint64_t{field} << 3U) | 2U);
    varint(value.size());
    m_bytes += value;
    return *this;
  }
  Message& message(std::uint32_t field, const Message& value) { return text(field, value.m_bytes); }
  // A map entry.
  Message& entry(std::uint32_t field, std::string_view key, const Message& value) {
    return message(field, Message().text(1, key).message(2, value));
  }
  const std::string& bytes() const { return m_bytes; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U)
      m_bytes += static_cast<char>(value | 0x80U);
    m_bytes += static_cast<char>(value);
  }
  std::string m_bytes;
};

inline Message tensor_type(std::uint64_t dtype, const std::vector<std::int64_t>& dims) {
  Message tensor;
  tensor.number(1, dtype).number(2, dims.size());
  for (const auto dim : dims) {
    Message dimension;
    if (dim < 0) {
      dimension.message(2, Message());
    } else {
      dimension.message(1, Message().number(1, static_cast<std::uint64_t>(dim)));
    }
    tensor.message(3, dimension);
  }
  return Message().message(1, tensor);
}

constexpr std::uint64_t k_bool = 1;
constexpr std::uint64_t k_string = 2;
constexpr std::uint64_t k_fp16 = 10;
constexpr std::uint64_t k_fp32 = 11;
constexpr std::uint64_t k_int32 = 23;
constexpr std::uint64_t k_uint8 = 31;
constexpr std::uint64_t k_uint4 = 35;

inline Message value_of(const Message& type, std::uint32_t tensor_case, const Message& elements) {
  return Message().message(2, type).message(
      3, Message().message(1, Message().message(tensor_case, elements)));
}
inline Message string_value(std::string_view text) {
  return value_of(tensor_type(k_string, {}), 4, Message().text(1, text));
}
inline Message int_values(const std::vector<std::int64_t>& values) {
  Message elements;
  for (const auto value : values)
    elements.number(1, static_cast<std::uint64_t>(value));
  return value_of(tensor_type(k_int32, {static_cast<std::int64_t>(values.size())}), 2, elements);
}
inline Message bytes_value(const Message& type, std::string_view bytes) {
  return value_of(type, 7, Message().text(1, bytes));
}
inline Message blob_value(const Message& type, std::string_view file, std::uint64_t offset) {
  return Message().message(2, type).message(5, Message().text(1, file).number(2, offset));
}

inline Message named(std::string_view name, const Message& type) {
  return Message().text(1, name).message(2, type);
}
inline Message by_name(std::string_view name) {
  return Message().message(1, Message().text(1, name));
}
inline Message by_value(const Message& value) {
  return Message().message(1, Message().message(2, value));
}

struct OpText {
  std::string type;
  std::vector<std::pair<std::string, Message>> inputs = {};
  std::vector<std::pair<std::string, Message>> outputs = {};  // name and ValueType
  std::vector<std::pair<std::string, Message>> attributes = {};
  std::vector<Message> blocks = {};
};

inline Message operation(const OpText& op) {
  Message message;
  message.text(1, op.type);
  for (const auto& [name, argument] : op.inputs)
    message.entry(2, name, argument);
  for (const auto& [name, type] : op.outputs)
    message.message(3, named(name, type));
  for (const auto& block : op.blocks)
    message.message(4, block);
  for (const auto& [name, value] : op.attributes)
    message.entry(5, name, value);
  return message;
}

inline Message constant(std::string_view name, const Message& type, const Message& value) {
  return operation({.type = "const",
                    .outputs = {{std::string(name), type}},
                    .attributes = {{"name", string_value(name)}, {"val", value}}});
}

inline Message block(const std::vector<Message>& operations,
                     const std::vector<std::string>& outputs,
                     const std::vector<std::pair<std::string, Message>>& inputs = {}) {
  Message message;
  for (const auto& [name, type] : inputs)
    message.message(1, named(name, type));
  for (const auto& output : outputs)
    message.text(2, output);
  for (const auto& op : operations)
    message.message(3, op);
  return message;
}

inline Message function(const std::vector<std::pair<std::string, Message>>& inputs,
                        const Message& body, std::string_view opset = "CoreML8") {
  Message message;
  for (const auto& [name, type] : inputs)
    message.message(1, named(name, type));
  message.text(2, opset).entry(3, opset, body);
  return message;
}

inline Message program(const std::vector<std::pair<std::string, Message>>& functions) {
  Message message;
  message.number(1, 1);
  for (const auto& [name, body] : functions)
    message.entry(2, name, body);
  return message;
}

inline std::vector<std::uint8_t> to_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

// A Graph of a program alone.
inline Result<Graph> read_program_message(std::shared_ptr<ByteSource> source,
                                          const ReadContext& context = {}) {
  GraphBuilder builder("mlpackage");
  WireStatus status;
  auto parts = read_ml_program(WireReader(*source, status), builder, context);
  builder.keep(source);
  if (!parts)
    return fail(std::move(parts.error()));
  return std::move(builder).finish(
      {.kind = ModelKind::ml_program, .functions = parts->functions, .weights = parts->weights});
}
inline Result<Graph> read_program_message(const Message& message, const ReadContext& context = {}) {
  return read_program_message(ByteSource::from_memory(to_bytes(message.bytes()), "test"), context);
}

// The program of a corpus package, found by walking the Model message to its field 502.
inline Result<Graph> read_package_program(const std::string& package) {
  namespace fs = std::filesystem;
  for (const auto& file : fs::recursive_directory_iterator(package)) {
    if (file.path().extension() != ".mlmodel")
      continue;
    auto source = ByteSource::open(file.path().string());
    if (!source)
      return fail(std::move(source.error()));
    GraphBuilder builder("mlpackage");
    builder.keep(*source);
    WireStatus status;
    WireReader model(**source, status);
    const ReadContext context{.limits = {}, .model_directory = file.path().parent_path().string()};
    while (model.next()) {
      if (model.field() != 502)
        continue;
      auto parts = read_ml_program(model.message(), builder, context);
      if (!parts)
        return fail(std::move(parts.error()));
      return std::move(builder).finish({.kind = ModelKind::ml_program,
                                        .functions = parts->functions,
                                        .weights = parts->weights});
    }
  }
  return fail({.message = "no program in " + package});
}

namespace detail {
inline void count_types(const Block& block, bool with_constexpr,
                        std::map<std::string, std::size_t>& counts) {
  for (const auto& op : block.operations) {
    if (op.kind == OperationKind::compute ||
        (with_constexpr && op.kind == OperationKind::constexpr_))
      ++counts[std::string(op.type)];
    for (const auto& nested : op.blocks)
      count_types(nested, with_constexpr, counts);
  }
}
}  // namespace detail

inline std::map<std::string, std::size_t> count_types(const Graph& graph, bool with_constexpr) {
  std::map<std::string, std::size_t> counts;
  for (const auto& function : graph.model().functions)
    detail::count_types(function.body, with_constexpr, counts);
  return counts;
}

inline std::size_t count_compute(const Graph& graph) {
  std::size_t count = 0;
  for (const auto& [type, times] : count_types(graph, false))
    count += times;
  return count;
}

// The operation of that name in the first function's own block; fails the test when there is none.
inline const Operation& op_named(const Graph& graph, std::string_view name) {
  static const Operation none;
  for (const auto& op : graph.model().functions[0].body.operations) {
    if (op.name == name)
      return op;
  }
  ADD_FAILURE() << "no operation " << name;
  return none;
}

}  // namespace anecompat::coreml::test
