#include "coreml/classic_reader.hpp"

#include "coreml/description_reader.hpp"

#include <vector>

namespace anecompat::coreml {

std::span<const Function> single_node(std::string_view type_name, const Description& description,
                                      GraphBuilder& builder) {
  const auto define = [&](const Feature& feature) {
    return builder.add_value({.name = feature.name, .type = feature_type(feature, builder)});
  };
  std::vector<ValueId> inputs;
  std::vector<Argument> arguments;
  for (const auto& feature : description.inputs) {
    inputs.push_back(define(feature));
    arguments.push_back({.name = feature.name, .values = builder.store({inputs.back()})});
  }
  std::vector<ValueId> outputs;
  for (const auto& feature : description.outputs)
    outputs.push_back(define(feature));

  const auto stored_outputs = builder.store(outputs);
  std::vector<Operation> operations = {
      {.type = type_name,
       .source_type = type_name,
       .name = outputs.empty() ? type_name : builder.value(outputs[0]).name,
       .inputs = builder.store(arguments),
       .outputs = stored_outputs,
       .index = builder.next_operation_index()}};
  const Function function{.name = "main",
                          .inputs = builder.store(inputs),
                          .body = {.label = "main",
                                   .operations = builder.store_operations(operations),
                                   .outputs = stored_outputs}};
  return builder.store({function});
}

}  // namespace anecompat::coreml
