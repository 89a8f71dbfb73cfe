// Values that a model file spells out: const operands, layer fields, attributes.
#pragma once

#include "coreml/types.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace anecompat::coreml {

// Weights, by reference: where a value lives in a weight file. Never followed to read weights.
struct BlobRef {
  std::string_view file;  // as written, "@model_path/weights/weight.bin"
  std::uint64_t offset = 0;
};

// A value that is there but was not decoded: too large to matter to a decision, or of a kind no
// decision needs. What it weighs is `bytes`, 0 when unknown.
struct Opaque {
  std::uint64_t bytes = 0;
};

// A literal. A view: the elements live in the Graph. Up to k_max_elements elements are decoded,
// integers and booleans as int64, floating point as double; longer ones are Opaque.
struct Literal {
  static constexpr std::size_t k_max_elements = 256;

  using Elements = std::variant<Opaque, BlobRef, std::span<const std::int64_t>,
                                std::span<const double>, std::span<const std::string_view>>;

  ValueType type = {};
  Elements elements = Opaque{};

  bool is_blob() const { return std::holds_alternative<BlobRef>(elements); }
  bool is_opaque() const { return std::holds_alternative<Opaque>(elements); }

  // The elements where they are known and of that kind, else nullopt. ints() also takes booleans,
  // floats() also takes integers.
  std::optional<std::span<const std::int64_t>> ints() const;
  std::optional<std::vector<double>> floats() const;
  std::optional<std::span<const std::string_view>> strings() const;
  // The same for exactly one element.
  std::optional<std::int64_t> as_int() const;
  std::optional<double> as_float() const;
  std::optional<bool> as_bool() const;
  std::optional<std::string_view> as_string() const;
};

}  // namespace anecompat::coreml
