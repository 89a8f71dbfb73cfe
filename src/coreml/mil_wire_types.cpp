#include "coreml/mil_wire_types.hpp"

#include <fmt/format.h>

#include <array>

namespace anecompat::coreml {

namespace {

// MIL.proto's DataType.
DataType data_type(std::uint64_t number) {
  switch (number) {
    case 1:
      return DataType::boolean;
    case 2:
      return DataType::string;
    case 10:
      return DataType::float16;
    case 11:
      return DataType::float32;
    case 12:
      return DataType::float64;
    case 13:
      return DataType::bfloat16;
    case 21:
      return DataType::int8;
    case 22:
      return DataType::int16;
    case 23:
      return DataType::int32;
    case 24:
      return DataType::int64;
    case 25:
      return DataType::int4;
    case 31:
      return DataType::uint8;
    case 32:
      return DataType::uint16;
    case 33:
      return DataType::uint32;
    case 34:
      return DataType::uint64;
    case 35:
      return DataType::uint4;
    case 36:
      return DataType::uint2;
    case 37:
      return DataType::uint1;
    case 38:
      return DataType::uint6;
    case 39:
      return DataType::uint3;
    case 40:
      return DataType::float8e4m3fn;
    case 41:
      return DataType::float8e5m2;
    default:
      return DataType::unknown;
  }
}

constexpr std::size_t k_longest_varint = 10;

bool is_message(const WireReader& reader) {
  return reader.type() == WireType::length;
}

}  // namespace

void MilWireTypes::read_type(WireReader reader, ValueType& type) {
  constexpr std::array k_kinds = {ValueType::Kind::tensor, ValueType::Kind::list,
                                  ValueType::Kind::tuple, ValueType::Kind::dictionary,
                                  ValueType::Kind::state};
  while (reader.next()) {
    const auto field = reader.field();
    if (field == 0 || field > k_kinds.size() || !is_message(reader))
      continue;
    const auto kind = k_kinds.at(field - 1);
    if (type.kind != kind)
      type = {.kind = kind};
    if (kind == ValueType::Kind::tensor) {
      read_tensor_type(reader.message(), type);
    } else if (kind == ValueType::Kind::state) {
      auto state = reader.message();
      while (state.next()) {
        if (state.field() != 1 || !is_message(state))
          continue;
        ValueType wrapped{
            .kind = ValueType::Kind::tensor, .dtype = type.dtype, .shape = type.shape};
        read_type(state.message(), wrapped);
        type.dtype = wrapped.dtype;
        type.shape = wrapped.shape;
      }
    }
  }
}

void MilWireTypes::read_tensor_type(WireReader reader, ValueType& type) {
  std::int64_t rank = 0;
  bool variadic = false;
  m_dims.assign(type.shape.dims.begin(), type.shape.dims.end());
  while (reader.next()) {
    switch (reader.field()) {
      case 1:
        type.dtype = data_type(reader.varint());
        if (type.dtype == DataType::unknown && reader.varint() != 0)
          note_unknown(reader.varint());
        break;
      case 2:
        rank = reader.int64();
        break;
      case 3:
        if (is_message(reader))
          read_dimension(reader.message(), variadic);
        break;
      default:
        break;
    }
  }
  // A rank without dimensions says no more than that it is not a scalar.
  const bool unranked = rank < 0 || variadic || (rank > 0 && m_dims.empty());
  type.shape = unranked ? Shape{} : m_builder->shape(m_dims);
}

void MilWireTypes::note_unknown(std::uint64_t data_type) {
  constexpr std::size_t k_most_notes = 10;
  if (m_unknown.size() < k_most_notes && m_unknown.insert(data_type).second) {
    m_builder->note(fmt::format("element type number {} is not one this version knows", data_type));
  }
}

void MilWireTypes::read_dimension(WireReader reader, bool& variadic) {
  std::int64_t size = k_unknown_dim;
  bool any_number = false;
  while (reader.next()) {
    if (!is_message(reader))
      continue;
    if (reader.field() == 1) {
      auto constant = reader.message();
      size = size == k_unknown_dim ? 0 : size;
      any_number = false;
      while (constant.next()) {
        if (constant.field() != 1)
          continue;
        if (constant.varint() > static_cast<std::uint64_t>(INT64_MAX))
          return constant.set_error("dimension larger than 2^63 - 1");
        size = constant.int64();
      }
    } else if (reader.field() == 2) {
      auto unknown = reader.message();
      size = k_unknown_dim;
      while (unknown.next()) {
        if (unknown.field() == 1)
          any_number = unknown.boolean();
      }
    }
  }
  variadic = variadic || any_number;
  m_dims.push_back(size);
}

MilWireTypes::Named MilWireTypes::read_named(WireReader reader) {
  Named named;
  while (reader.next()) {
    if (reader.field() == 1) {
      named.name = reader.string();
    } else if (reader.field() == 2 && is_message(reader)) {
      read_type(reader.message(), named.type);
    }
  }
  return named;
}

Literal MilWireTypes::read_value(WireReader reader) {
  m_sink->clear();
  PendingValue value;
  read_pending(reader, value);
  if (value.which == PendingValue::Case::blob)
    return {.type = value.type, .elements = value.blob};
  if (value.which == PendingValue::Case::none)
    return {.type = value.type, .elements = Opaque{}};
  add_raw(value);
  return m_sink->finish(value.type, *m_builder);
}

void MilWireTypes::read_pending(WireReader reader, PendingValue& value) {
  value.begin = m_sink->mark();
  while (reader.next()) {
    if (!is_message(reader))
      continue;
    switch (reader.field()) {
      case 2:
        read_type(reader.message(), value.type);
        break;
      case 3:
        read_immediate(reader.message(), value);
        break;
      case 5:
        read_blob(reader.message(), value);
        break;
      default:
        break;
    }
  }
}

void MilWireTypes::select(PendingValue& value, PendingValue::Case which) {
  if (value.which == which)
    return;
  value.which = which;
  value.tensor_case = 0;
  value.raw = {};
  value.blob = {};
  m_sink->rewind(value.begin);
}

void MilWireTypes::read_immediate(WireReader reader, PendingValue& value) {
  if (value.which == PendingValue::Case::blob)
    select(value, PendingValue::Case::none);
  while (reader.next()) {
    if (!is_message(reader))
      continue;
    switch (reader.field()) {
      case 1:
        select(value, PendingValue::Case::tensor);
        read_tensor(reader.message(), value);
        break;
      case 2:
      case 3: {
        select(value, reader.field() == 2 ? PendingValue::Case::tuple : PendingValue::Case::list);
        auto values = reader.message();
        while (values.next()) {
          if (values.field() == 1 && is_message(values))
            read_nested(values.message());
        }
        break;
      }
      case 4: {
        select(value, PendingValue::Case::dictionary);
        auto pairs = reader.message();
        while (pairs.next()) {
          if (pairs.field() != 1 || !is_message(pairs))
            continue;
          auto pair = pairs.message();
          while (pair.next()) {
            if ((pair.field() == 1 || pair.field() == 2) && is_message(pair))
              read_nested(pair.message());
          }
        }
        break;
      }
      default:
        break;
    }
  }
}

void MilWireTypes::read_nested(WireReader reader) {
  PendingValue value;
  read_pending(reader, value);
  add_raw(value);
  // What lives in a file counts as an element that is not known.
  if (value.which == PendingValue::Case::blob)
    m_sink->add_unseen(1);
}

void MilWireTypes::read_tensor(WireReader reader, PendingValue& value) {
  while (reader.next()) {
    const auto field = reader.field();
    if (field == 0 || field > 7 || !is_message(reader))
      continue;
    if (value.tensor_case != field) {
      value.tensor_case = field;
      value.raw = {};
      m_sink->rewind(value.begin);
    }
    auto elements = reader.message();
    while (elements.next()) {
      if (elements.field() != 1)
        continue;
      switch (field) {
        case 1:
          if (elements.extent().size() > Literal::k_max_elements * sizeof(float)) {
            m_sink->add_unseen(elements.extent().size() / sizeof(float));
          } else {
            elements.each_float32([this](float x) { m_sink->add_real(x); });
          }
          break;
        case 2:
        case 3:
        case 5:
          if (elements.extent().size() > Literal::k_max_elements * k_longest_varint) {
            m_sink->add_unseen(elements.extent().size() / k_longest_varint);
          } else {
            elements.each_varint(
                [this](std::uint64_t x) { m_sink->add_integer(static_cast<std::int64_t>(x)); });
          }
          break;
        case 4:
          m_sink->add_string(elements.string());
          break;
        case 6:
          if (elements.extent().size() > Literal::k_max_elements * sizeof(double)) {
            m_sink->add_unseen(elements.extent().size() / sizeof(double));
          } else {
            elements.each_float64([this](double x) { m_sink->add_real(x); });
          }
          break;
        default:
          value.raw = elements.extent().size() <= Literal::k_max_elements * sizeof(double)
                          ? elements.bytes()
                          : elements.extent();
          break;
      }
    }
  }
}

void MilWireTypes::add_raw(const PendingValue& value) {
  if (value.which != PendingValue::Case::tensor || value.raw.empty())
    return;
  const auto width = bits_of(value.type.dtype);
  const auto count = value.type.shape.element_count();
  if (width == 0) {
    m_sink->add_unseen(value.raw.size() + Literal::k_max_elements);
    return;
  }
  // Bytes that were not loaded are too many to be decoded, whatever their type.
  if (value.raw.size() > Literal::k_max_elements * sizeof(double)) {
    m_sink->add_unseen(value.raw.size() * 8 / width);
    return;
  }
  m_sink->add_raw(value.type.dtype, value.raw, count.value_or(UINT64_MAX));
}

void MilWireTypes::read_blob(WireReader reader, PendingValue& value) {
  select(value, PendingValue::Case::blob);
  while (reader.next()) {
    if (reader.field() == 1) {
      value.blob.file = reader.string();
    } else if (reader.field() == 2) {
      value.blob.offset = reader.varint();
    }
  }
}

}  // namespace anecompat::coreml
