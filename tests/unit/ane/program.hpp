// A few lines to write a program in: what the tests of this folder build graphs with.
#pragma once

#include "coreml/graph_builder.hpp"

#include <map>
#include <string>
#include <vector>

namespace anecompat::test {

using coreml::DataType;
using coreml::GraphBuilder;
using coreml::Literal;
using coreml::ValueId;

using Dims = std::vector<std::int64_t>;

// Builds one function "main" of an ML Program, operation by operation.
class Program {
 public:
  GraphBuilder& builder() { return m_builder; }

  // A model input.
  ValueId input(const Dims& dims, DataType dtype = DataType::float16) {
    const auto id = value(dims, dtype);
    m_inputs.push_back(id);
    return id;
  }
  ValueId state(const Dims& dims) {
    const auto id = value(dims, DataType::float16);
    m_builder.value(id).type.kind = coreml::ValueType::Kind::state;
    m_inputs.push_back(id);
    m_states.push_back({.name = m_builder.value(id).name,
                        .kind = coreml::Feature::Kind::state,
                        .dtype = DataType::float16,
                        .shape = m_builder.value(id).type.shape});
    return id;
  }
  // A constant that is too large to be spelled out.
  ValueId weight(const Dims& dims, DataType dtype = DataType::float16) {
    const auto id = value(dims, dtype);
    m_builder.value(id).is_constant = true;
    return id;
  }
  ValueId constant(const Literal& literal) {
    return m_builder.add_value(
        {.type = literal.type, .literal = m_builder.store_one(literal), .is_constant = true});
  }
  Literal ints(const Dims& values) { return m_builder.ints(values); }
  Literal integer(std::int64_t value) { return m_builder.integer(value); }
  Literal text(std::string_view value) { return m_builder.text(value); }

  using Operands = std::map<std::string, std::vector<ValueId>>;
  using Parameters = std::map<std::string, Literal>;

  // An operation with one result.
  ValueId op(std::string_view type, const Operands& operands, const Dims& dims,
             const Parameters& parameters = {}, DataType dtype = DataType::float16) {
    return op_many(type, operands, {{dims, dtype}}, parameters)[0];
  }
  std::vector<ValueId> op_many(std::string_view type, const Operands& operands,
                               const std::vector<std::pair<Dims, DataType>>& results,
                               const Parameters& parameters = {},
                               std::span<const coreml::Block> blocks = {},
                               coreml::OperationKind op_kind = coreml::OperationKind::compute) {
    std::vector<coreml::Argument> arguments;
    for (const auto& [name, values] : operands)
      arguments.push_back({.name = m_builder.intern(name), .values = m_builder.store(values)});
    for (const auto& [name, literal] : parameters) {
      arguments.push_back(
          {.name = m_builder.intern(name), .values = m_builder.store({constant(literal)})});
    }
    std::vector<ValueId> outputs;
    for (const auto& [dims, dtype] : results) {
      outputs.push_back(value(dims, dtype));
      m_builder.value(outputs.back()).is_constant = op_kind != coreml::OperationKind::compute;
    }
    m_operations.push_back(
        {.type = m_builder.intern(type),
         .source_type = m_builder.intern(type),
         .name = outputs.empty() ? m_builder.intern("no_result") : m_builder.value(outputs[0]).name,
         .kind = op_kind,
         .inputs = m_builder.store(arguments),
         .outputs = m_builder.store(outputs),
         .blocks = blocks,
         .index = m_builder.next_operation_index()});
    return outputs;
  }
  // Ends a nested block of what was written since `mark()`.
  std::size_t mark() const { return m_operations.size(); }
  coreml::Block take_block(std::size_t mark, std::string_view label) {
    std::vector<coreml::Operation> inner(m_operations.begin() + static_cast<std::ptrdiff_t>(mark),
                                         m_operations.end());
    m_operations.resize(mark);
    return {.label = m_builder.intern(label), .operations = m_builder.store_operations(inner)};
  }

  coreml::Flexibility::Kind flexibility = coreml::Flexibility::Kind::fixed;
  coreml::ModelKind kind = coreml::ModelKind::ml_program;
  std::string type_name = "mlProgram";
  std::int64_t spec_version = 9;
  std::string_view opset = "ios18";  // a literal
  std::vector<coreml::WeightSummary> weights;

  coreml::Graph finish(const std::vector<ValueId>& outputs) {
    std::vector<coreml::Feature> inputs;
    for (const auto id : m_inputs) {
      inputs.push_back({.name = m_builder.value(id).name,
                        .kind = coreml::Feature::Kind::multi_array,
                        .dtype = m_builder.value(id).type.dtype,
                        .shape = m_builder.value(id).type.shape,
                        .flexibility = {.kind = flexibility}});
    }
    const coreml::Function function{.name = "main",
                                    .opset = opset,
                                    .inputs = m_builder.store(m_inputs),
                                    .body = {.label = "main",
                                             .inputs = m_builder.store(m_inputs),
                                             .operations = m_builder.store_operations(m_operations),
                                             .outputs = m_builder.store(outputs)}};
    const coreml::Model model{.kind = kind,
                              .type_name = m_builder.intern(type_name),
                              .spec_version = spec_version,
                              .inputs = m_builder.store(inputs),
                              .states = m_builder.store(m_states),
                              .functions = m_builder.store({function}),
                              .default_function = "main",
                              .weights = m_builder.store(weights)};
    return std::move(m_builder).finish(model);
  }

 private:
  ValueId value(const Dims& dims, DataType dtype) {
    const auto name = "v" + std::to_string(m_builder.value_count());
    return m_builder.add_value(
        {.name = m_builder.intern(name), .type = m_builder.tensor(dtype, dims)});
  }

  GraphBuilder m_builder{"mlpackage"};
  std::vector<ValueId> m_inputs;
  std::vector<coreml::Feature> m_states;
  std::vector<coreml::Operation> m_operations;
};

}  // namespace anecompat::test
