#include "coreml/types.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace anecompat::coreml {

namespace {

struct TypeRow {
  DataType type;
  std::string_view text;
  unsigned bits;
};

constexpr std::array k_types = {
    TypeRow{DataType::unknown, "?", 0},          TypeRow{DataType::boolean, "bool", 8},
    TypeRow{DataType::string, "string", 0},      TypeRow{DataType::float16, "fp16", 16},
    TypeRow{DataType::float32, "fp32", 32},      TypeRow{DataType::float64, "fp64", 64},
    TypeRow{DataType::bfloat16, "bf16", 16},     TypeRow{DataType::int4, "int4", 4},
    TypeRow{DataType::int8, "int8", 8},          TypeRow{DataType::int16, "int16", 16},
    TypeRow{DataType::int32, "int32", 32},       TypeRow{DataType::int64, "int64", 64},
    TypeRow{DataType::uint1, "uint1", 1},        TypeRow{DataType::uint2, "uint2", 2},
    TypeRow{DataType::uint3, "uint3", 3},        TypeRow{DataType::uint4, "uint4", 4},
    TypeRow{DataType::uint6, "uint6", 6},        TypeRow{DataType::uint8, "uint8", 8},
    TypeRow{DataType::uint16, "uint16", 16},     TypeRow{DataType::uint32, "uint32", 32},
    TypeRow{DataType::uint64, "uint64", 64},     TypeRow{DataType::float8e4m3fn, "fp8e4m3fn", 8},
    TypeRow{DataType::float8e5m2, "fp8e5m2", 8},
};

constexpr const TypeRow& row_of(DataType type) {
  return k_types.at(static_cast<std::size_t>(type));
}

}  // namespace

std::string_view to_string(DataType type) {
  return row_of(type).text;
}

std::optional<DataType> parse_data_type(std::string_view text) {
  const auto* row = std::ranges::find(k_types, text, &TypeRow::text);
  if (row == k_types.end() || row->type == DataType::unknown)
    return std::nullopt;
  return row->type;
}

unsigned bits_of(DataType type) {
  return row_of(type).bits;
}

bool is_float(DataType type) {
  switch (type) {
    case DataType::float16:
    case DataType::float32:
    case DataType::float64:
    case DataType::bfloat16:
    case DataType::float8e4m3fn:
    case DataType::float8e5m2:
      return true;
    default:
      return false;
  }
}

bool is_integer(DataType type) {
  return !is_float(type) && type != DataType::unknown && type != DataType::boolean &&
         type != DataType::string;
}

bool Shape::is_static() const {
  return ranked && std::ranges::all_of(dims, [](auto dim) { return dim >= 0; });
}

std::optional<std::uint64_t> Shape::element_count() const {
  constexpr std::uint64_t k_limit = std::uint64_t{1} << 62U;
  if (!is_static())
    return std::nullopt;
  std::uint64_t count = 1;
  for (const auto dim : dims) {
    const auto size = static_cast<std::uint64_t>(dim);
    if (size != 0 && count > k_limit / size)
      return std::nullopt;
    count *= size;
  }
  return count;
}

std::string Shape::to_string() const {
  if (!ranked)
    return "[?...]";
  std::string text = "[";
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (i != 0)
      text += ", ";
    text += dims[i] < 0 ? "?" : fmt::format("{}", dims[i]);
  }
  return text + "]";
}

bool operator==(const Shape& a, const Shape& b) {
  return a.ranked == b.ranked && std::ranges::equal(a.dims, b.dims);
}

std::string ValueType::to_string() const {
  const auto tensor = [this] {
    return fmt::format("{}{}", coreml::to_string(dtype), shape.to_string());
  };
  switch (kind) {
    case Kind::tensor:
      return tensor();
    case Kind::state:
      return fmt::format("state<{}>", tensor());
    case Kind::list:
      return "list";
    case Kind::tuple:
      return "tuple";
    case Kind::dictionary:
      return "dictionary";
    case Kind::unknown:
      break;
  }
  return "?";
}

}  // namespace anecompat::coreml
