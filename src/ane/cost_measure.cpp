#include "ane/cost_measure.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace anecompat::ane {

namespace {

using coreml::Graph;
using coreml::Literal;
using coreml::Operation;
using coreml::Shape;
using coreml::Value;
using coreml::ValueId;
using coreml::ValueType;

// neuralNetwork layers record no element types; their planner works in fp16.
constexpr double k_bytes_of_unknown = 2;

// An attribute of neuralNetwork layers that stands for a weight stored in the layer.
constexpr std::string_view k_weight_shape = "weight_shape";

double product(std::span<const std::int64_t> dims, bool& complete) {
  double count = 1;
  for (const std::int64_t dim : dims) {
    if (dim < 0)
      complete = false;
    else
      count *= static_cast<double>(dim);
  }
  return count;
}

double elements_in(const ValueType& type, bool& complete) {
  if (type.kind != ValueType::Kind::tensor && type.kind != ValueType::Kind::state)
    return 0;
  if (!type.shape.ranked) {
    complete = false;
    return 1;
  }
  return product(type.shape.dims, complete);
}

double bytes_per_element(coreml::DataType dtype) {
  if (dtype == coreml::DataType::unknown)
    return k_bytes_of_unknown;
  return static_cast<double>(coreml::bits_of(dtype)) / 8;
}

double bytes_in(const ValueType& type, bool& complete) {
  return elements_in(type, complete) * bytes_per_element(type.dtype);
}

bool selected(const OperandSelection& selection, std::string_view name) {
  const auto names = [name](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  return (selection.all || names(selection.names)) && !names(selection.except);
}

// A weight in the layer itself, as a type.
std::optional<ValueType> inline_weight(const coreml::Attribute& attribute) {
  if (attribute.name != k_weight_shape)
    return std::nullopt;
  const auto dims = attribute.value.ints();
  if (!dims)
    return std::nullopt;
  return ValueType{.kind = ValueType::Kind::tensor, .shape = {.ranked = true, .dims = *dims}};
}

enum class Several : std::uint8_t { first_counts, all_count };

template <typename CountType>
Measure count(const Graph& graph, const Operation& op, const OperandSelection& selection,
              Several several, CountType count_type) {
  Measure measure;
  for (const auto& argument : op.inputs) {
    if (!selected(selection, argument.name))
      continue;
    const std::size_t values = several == Several::first_counts
                                   ? std::min<std::size_t>(1, argument.values.size())
                                   : argument.values.size();
    for (std::size_t i = 0; i < values; ++i)
      measure.amount += count_type(graph.value(argument.values[i]).type, measure.complete);
  }
  const bool shaped = op.attribute(k_weight_shape) != nullptr;
  for (const auto& attribute : op.attributes) {
    // The weight itself and its shape are one operand; the shape is in the planner's own layout.
    if (shaped && attribute.name == "weight")
      continue;
    const auto weight = inline_weight(attribute);
    if (selected(selection, weight ? std::string_view("weight") : attribute.name))
      measure.amount += count_type(weight ? *weight : attribute.value.type, measure.complete);
  }
  if (selection.output && !op.outputs.empty())
    measure.amount += count_type(graph.value(op.outputs.front()).type, measure.complete);
  return measure;
}

const Value* first_output(const Graph& graph, const Operation& op) {
  return op.outputs.empty() ? nullptr : &graph.value(op.outputs.front());
}

double output_elements(const Graph& graph, const Operation& op, bool& complete) {
  const Value* output = first_output(graph, op);
  return output == nullptr ? 0 : elements_in(output->type, complete);
}

// The dimensions of the weight: an operand's, or those of a layer's own.
std::optional<std::span<const std::int64_t>> weight_dims(const Graph& graph, const Operation& op) {
  if (const Value* weight = graph.operand(op, "weight")) {
    if (weight->type.shape.ranked)
      return weight->type.shape.dims;
    return std::nullopt;
  }
  if (const auto* attribute = op.attribute(k_weight_shape))
    return attribute->value.ints();
  return std::nullopt;
}

double product_of_parameter(const Graph& graph, const Operation& op, std::string_view name) {
  const Literal* literal = graph.parameter(op, name);
  const auto values = literal != nullptr ? literal->ints() : std::nullopt;
  double result = 1;
  if (values)
    for (const std::int64_t value : *values)
      result *= static_cast<double>(std::max<std::int64_t>(value, 1));
  return result;
}

bool flag(const Graph& graph, const Operation& op, std::string_view name) {
  const Literal* literal = graph.parameter(op, name);
  return literal != nullptr && literal->as_bool().value_or(false);
}

// An operand `bias`, or a layer that says it has one.
bool has_bias(const Graph& graph, const Operation& op) {
  return graph.operand(op, "bias") != nullptr || flag(graph, op, "has_bias");
}

std::optional<double> convolution_flop(const Graph& graph, const Operation& op, bool& complete) {
  const auto weight = weight_dims(graph, op);
  if (!weight || weight->size() < 2)
    return std::nullopt;
  const double outputs = output_elements(graph, op, complete);
  double flop = 2 * outputs * product(weight->subspan(1), complete);
  flop /= product_of_parameter(graph, op, "dilations");
  if (has_bias(graph, op))
    flop += outputs;
  return flop;
}

std::optional<double> transposed_convolution_flop(const Graph& graph, const Operation& op,
                                                  bool& complete) {
  const auto weight = weight_dims(graph, op);
  if (!weight || weight->size() < 2)
    return std::nullopt;
  const double groups = product_of_parameter(graph, op, "groups");
  const double inputs = product(weight->first(1), complete) / groups;
  return 2 * output_elements(graph, op, complete) * inputs * product(weight->subspan(2), complete);
}

std::optional<double> linear_flop(const Graph& graph, const Operation& op, bool& complete) {
  const auto weight = weight_dims(graph, op);
  const Value* x = graph.operand(op, "x");
  if (!weight || weight->size() < 2 || x == nullptr)
    return std::nullopt;
  const double n = product(weight->first(1), complete);
  const double k = product(weight->subspan(1), complete);
  const double m = k > 0 ? elements_in(x->type, complete) / k : 0;
  return 2 * m * k * k + n;
}

std::optional<double> matrix_product_flop(const Graph& graph, const Operation& op,
                                          const FlopTerm& term, bool& complete) {
  const Value* x = graph.operand(op, "x");
  if (x == nullptr || x->type.shape.rank() == 0)
    return std::nullopt;
  const auto dims = x->type.shape.dims;
  const bool transposed = flag(graph, op, "transpose_x") && dims.size() > 1;
  const double k = product(dims.subspan(dims.size() - (transposed ? 2 : 1), 1), complete);
  const double outputs = output_elements(graph, op, complete);
  double flop = 2 * outputs * k;
  if (flag(graph, op, "transpose_y"))
    flop += term.transposed_y_per_output * outputs;
  return flop;
}

std::optional<double> attention_flop(const Graph& graph, const Operation& op, bool& complete) {
  const Value* query = graph.operand(op, "query");
  const Value* key = graph.operand(op, "key");
  if (query == nullptr || key == nullptr || key->type.shape.rank() < 2)
    return std::nullopt;
  const auto dims = key->type.shape.dims;
  const double length = product(dims.subspan(dims.size() - 2, 1), complete);
  return 2 * length * (elements_in(query->type, complete) + output_elements(graph, op, complete));
}

}  // namespace

Measure bytes_of(const Graph& graph, const Operation& op, const OperandSelection& selection) {
  return count(graph, op, selection, Several::first_counts, bytes_in);
}

Measure elements_of(const Graph& graph, const Operation& op, const OperandSelection& selection) {
  return count(graph, op, selection, Several::all_count, elements_in);
}

Measure window_of(const Graph& graph, const Operation& op) {
  return {.amount = product_of_parameter(graph, op, "kernel_sizes")};
}

std::optional<Measure> flop_of(const Graph& graph, const Operation& op, const FlopTerm& term) {
  Measure measure;
  std::optional<double> flop;
  switch (term.count) {
    case FlopCount::convolution:
      flop = convolution_flop(graph, op, measure.complete);
      break;
    case FlopCount::transposed_convolution:
      flop = transposed_convolution_flop(graph, op, measure.complete);
      break;
    case FlopCount::linear:
      flop = linear_flop(graph, op, measure.complete);
      break;
    case FlopCount::matrix_product:
      flop = matrix_product_flop(graph, op, term, measure.complete);
      break;
    case FlopCount::pooling:
      flop = output_elements(graph, op, measure.complete) * window_of(graph, op).amount;
      break;
    case FlopCount::attention:
      flop = attention_flop(graph, op, measure.complete);
      break;
    case FlopCount::per_output:
      flop = output_elements(graph, op, measure.complete) * term.per_output;
      break;
  }
  if (!flop)
    return std::nullopt;
  measure.amount = *flop;
  return measure;
}

double flop_feature_of(const Graph& graph, const Operation& op, const FlopTerm& term, double flop) {
  switch (term.feature) {
    case FlopFeature::none:
      break;
    case FlopFeature::flop:
      return flop;
    case FlopFeature::output_elements: {
      bool complete = true;
      return output_elements(graph, op, complete);
    }
    case FlopFeature::flop_per_byte: {
      const OperandSelection input{.all = false, .names = {"x"}};
      const OperandSelection rest{.all = false, .names = {"weight"}, .output = true};
      const double bytes = bytes_of(graph, op, input).amount / 2 + bytes_of(graph, op, rest).amount;
      return bytes > 0 ? flop / bytes : 0;
    }
  }
  return 0;
}

}  // namespace anecompat::ane
