// Writes ML Programs: operations by name, with their settings as constants, as converters do it.
#pragma once

#include "support/model_writer.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace anecompat::test {

// Numbers of MIL's DataType.
enum class MilType : std::uint32_t {
  boolean = 1,
  string = 2,
  float16 = 10,
  float32 = 11,
  int32 = 23,
  uint8 = 31,
  uint32 = 33
};

struct Tensor {
  MilType type = MilType::float16;
  Dims dims;
};

// An input of an operation: values by name, or a setting that becomes a constant of its own.
struct MilArgument {
  using Names = std::vector<std::string>;
  struct Real {
    float value = 0;
    MilType type = MilType::float16;
  };

  std::string name;
  std::variant<Names, bool, std::int64_t, Dims, Real, std::string_view> value;
};

// A program with the one function "main".
class Program {
 public:
  // The opset names the operations' version: "CoreML5" (iOS 15) … "CoreML9".
  explicit Program(std::string opset) : m_opset(std::move(opset)) {}

  WeightFile& weights() { return m_weights; }

  void input(std::string_view name, const Tensor& type);
  void output(std::string_view name) { m_outputs.emplace_back(name); }

  // A constant in the weight file.
  std::string weight(std::string_view name, const Tensor& type, std::uint32_t seed);
  // An fp16 weight of 16 values, four bits for each element.
  std::string palettized_weight(std::string_view name, const Dims& dims, std::uint32_t seed);

  // Each returns the name of its (first) output, which is the operation's own.
  std::string op(std::string_view type, std::string_view name,
                 const std::vector<MilArgument>& arguments, const Tensor& output);
  // Outputs are given names of their own, in order.
  void op_with_outputs(std::string_view type, const std::vector<MilArgument>& arguments,
                       const std::vector<std::pair<std::string, Tensor>>& outputs);
  // "same" padding; the result has ceil(size / stride) rows and columns.
  std::string conv(std::string_view name, std::string_view x, std::string_view weight,
                   std::int64_t stride, const Tensor& output);

  // The Program message, for type_field 502.
  Message message() const;

 private:
  void constant(std::string_view name, const Tensor& type, const Message& value);
  Message bind(std::string_view op_name, const MilArgument& argument);

  std::string m_opset;
  std::vector<Message> m_inputs;
  std::vector<std::string> m_outputs;
  std::vector<Message> m_operations;
  WeightFile m_weights;
};

}  // namespace anecompat::test
