#include "coreml/weight_tally.hpp"

#include "coreml/element_sink.hpp"

#include <fmt/format.h>

#include <bit>
#include <vector>

namespace anecompat::coreml {

namespace {

// What converters write out of line; smaller constants are settings rather than weights.
constexpr std::uint64_t k_smallest_weight = 10;

bool is_weight(const Literal& literal) {
  const auto& type = literal.type;
  if (!type.is_tensor() || type.dtype == DataType::string || type.dtype == DataType::boolean)
    return false;
  return literal.is_blob() || type.shape.element_count().value_or(0) >= k_smallest_weight;
}

// Until iOS 17 indices are bytes packed with as many bits as the table needs; from iOS 18 on their
// type says it.
unsigned palette_bits(const ValueType* indices, const ValueType* table) {
  if (indices != nullptr && bits_of(indices->dtype) < 8)
    return bits_of(indices->dtype);
  if (table == nullptr)
    return 0;
  if (table->shape.rank() > 1)
    return indices == nullptr ? 0 : bits_of(indices->dtype);
  const auto entries = table->shape.element_count().value_or(0);
  return entries == 0 ? 0 : static_cast<unsigned>(std::bit_width(entries - 1));
}

std::string palettized(unsigned bits) {
  return bits == 0 ? "palettized" : fmt::format("palettized {} bits", bits);
}

std::string of_type(std::string_view word, const ValueType* type) {
  return type == nullptr ? std::string(word) : fmt::format("{} {}", word, to_string(type->dtype));
}

}  // namespace

void WeightTally::add(const Operation& op) {
  if (op.kind == OperationKind::constexpr_) {
    add_constexpr(op);
  } else if (op.kind == OperationKind::constant && op.outputs.size() == 1) {
    const auto& value = m_builder->graph().value(op.outputs[0]);
    if (value.literal != nullptr)
      add_constant(*value.literal);
  }
}

void WeightTally::add_constant(const Literal& literal) {
  if (!is_weight(literal))
    return;
  const auto encoding = to_string(literal.type.dtype);
  auto found = m_sums.find(encoding);
  if (found == m_sums.end())
    found = m_sums.emplace(encoding, Sum{}).first;
  ++found->second.tensors;
  found->second.bytes += stored_bytes(literal.type);
}

void WeightTally::take_back(ValueId id) {
  const auto& value = m_builder->graph().value(id);
  const auto* literal = value.literal;
  // An inline constant has no name, and was never counted by itself.
  if (value.name.empty() || !is_weight(*literal) || !m_taken_back.insert(id).second)
    return;
  const auto found = m_sums.find(to_string(literal->type.dtype));
  if (found == m_sums.end())
    return;
  --found->second.tensors;
  found->second.bytes -= stored_bytes(literal->type);
}

const ValueType* WeightTally::parameter_type(const Operation& op, std::string_view name) const {
  if (const auto* attribute = op.attribute(name))
    return &attribute->value.type;
  const auto* argument = op.argument(name);
  if (argument == nullptr || argument->values.size() != 1)
    return nullptr;
  return &m_builder->graph().value(argument->values[0]).type;
}

void WeightTally::add_constexpr(const Operation& op) {
  const auto parameter = [&](std::string_view name) { return parameter_type(op, name); };
  std::string encoding;
  if (op.type == "constexpr_lut_to_dense") {
    encoding = palettized(palette_bits(parameter("indices"), parameter("lut")));
  } else if (op.type == "constexpr_lut_to_sparse") {
    encoding =
        "sparse " + palettized(palette_bits(parameter("indices_nonzero_data"), parameter("lut")));
  } else if (op.type == "constexpr_affine_dequantize") {
    encoding = of_type("affine", parameter("quantized_data"));
  } else if (op.type == "constexpr_blockwise_shift_scale") {
    encoding = of_type("blockwise", parameter("data"));
  } else if (op.type == "constexpr_sparse_blockwise_shift_scale") {
    encoding = of_type("sparse blockwise", parameter("nonzero_data"));
  } else if (op.type == "constexpr_sparse_to_dense") {
    encoding = "sparse";
  } else if (op.type == "constexpr_cast") {
    const auto* source = parameter("source_val");
    encoding = source == nullptr ? "cast" : std::string(to_string(source->dtype));
  } else {
    encoding = std::string(op.type);
  }

  auto& sum = m_sums[encoding];
  ++sum.tensors;
  for (const auto& attribute : op.attributes)
    sum.bytes += stored_bytes(attribute.value.type);
  for (const auto& argument : op.inputs) {
    for (const auto id : argument.values) {
      // What another constexpr_* makes is counted there, as it is stored.
      if (const auto& value = m_builder->graph().value(id); value.literal != nullptr) {
        sum.bytes += stored_bytes(value.type);
        take_back(id);
      }
    }
  }
}

std::span<const WeightSummary> WeightTally::store(GraphBuilder& builder) const {
  std::vector<WeightSummary> summaries;
  for (const auto& [encoding, sum] : m_sums) {
    if (sum.tensors != 0) {
      summaries.push_back(
          {.encoding = builder.intern(encoding), .tensors = sum.tensors, .bytes = sum.bytes});
    }
  }
  return builder.store(summaries);
}

}  // namespace anecompat::coreml
