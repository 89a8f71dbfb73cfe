// Data types, shapes and value types, as all Core ML formats share them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace anecompat::coreml {

// MIL's element types; the numbers are ours. `unknown` is a type this reader has no name for, or
// one that the format does not record (neuralNetwork layers).
enum class DataType : std::uint8_t {
  unknown,
  boolean,
  string,
  float16,
  float32,
  float64,
  bfloat16,
  int4,
  int8,
  int16,
  int32,
  int64,
  uint1,
  uint2,
  uint3,
  uint4,
  uint6,
  uint8,
  uint16,
  uint32,
  uint64,
  float8e4m3fn,
  float8e5m2,
};

// MIL's spelling: "fp16", "int32", "bool", …; "?" for unknown.
std::string_view to_string(DataType type);
std::optional<DataType> parse_data_type(std::string_view text);
// Bits per element; 0 for string and unknown.
unsigned bits_of(DataType type);
bool is_float(DataType type);
bool is_integer(DataType type);

// A dimension whose size is not known before run time.
constexpr std::int64_t k_unknown_dim = -1;

// A tensor shape. A view: the dimensions live in the Graph.
struct Shape {
  bool ranked = false;  // false: not even the rank is known
  std::span<const std::int64_t> dims = {};

  std::size_t rank() const { return dims.size(); }
  // Every dimension is known and not negative.
  bool is_static() const;
  // Number of elements; nullopt when unknown or beyond 2^62. A scalar has one.
  std::optional<std::uint64_t> element_count() const;
  // "[1, 64, ?, 32]", "[]" for a scalar, "[?...]" when the rank is unknown.
  std::string to_string() const;
  friend bool operator==(const Shape& a, const Shape& b);
};

// The type of a value. Lists, tuples and dictionaries never reach a neural kernel, so only their
// kind is kept.
struct ValueType {
  enum class Kind : std::uint8_t { tensor, list, tuple, dictionary, state, unknown };

  Kind kind = Kind::unknown;
  DataType dtype = DataType::unknown;  // of a tensor, or of the tensor that a state wraps
  Shape shape = {};                    // likewise

  bool is_tensor() const { return kind == Kind::tensor; }
  // "fp16[1, 64, 32, 32]", "state<fp16[1, 256]>", "list", …
  std::string to_string() const;
  friend bool operator==(const ValueType&, const ValueType&) = default;
};

}  // namespace anecompat::coreml
