// The JSON of compiled neural networks, read as a stream: nothing but the layer at hand is in
// memory.
#pragma once

#include "coreml/reader.hpp"
#include "support/result.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace anecompat::coreml {

// One layer object, flat: `"weights": {"W": 3}` is the field "weights.W", and
// `"axes": [1, 2]` the fields "axes_0" and "axes_1".
class EspressoLayer {
 public:
  using Scalar = std::variant<std::int64_t, double, std::string>;
  struct Field {
    std::string key;
    Scalar value;
  };

  std::size_t index = 0;  // position in "layers"

  void clear() { m_fields.clear(); }
  void add(std::string key, Scalar value) {
    m_fields.push_back({std::move(key), std::move(value)});
  }
  const std::vector<Field>& fields() const { return m_fields; }

  // The field as what it is asked for; absent or of another type: nullopt. Whole numbers that are
  // written as floating point count as integers, true and false as 1 and 0.
  std::optional<std::int64_t> integer(std::string_view key) const;
  std::optional<double> number(std::string_view key) const;
  std::optional<std::string_view> text(std::string_view key) const;
  bool flag(std::string_view key) const { return integer(key).value_or(0) != 0; }
  bool has(std::string_view key) const { return find(key) != nullptr; }

 private:
  const Scalar* find(std::string_view key) const;  // the last one of that name, or null

  std::vector<Field> m_fields;
};

// What a model.espresso.net says beside its layers.
struct EspressoNetInfo {
  std::optional<std::int64_t> format_version;
  std::string storage;                    // name of the weights file
  bool has_layers = false;                // there is a "layers" array
  std::vector<std::string> preprocessed;  // the inputs that "transform_params" names
  std::vector<std::string> other_keys;    // members that hold graph parts this reader passes over
};

// Reads a network, calling `take` for each layer in file order; an error from it ends the reading.
// Errors: unreadable with line and column.
Result<EspressoNetInfo> parse_espresso_net(
    std::string_view json, const ReadLimits& limits,
    const std::function<Result<void>(const EspressoLayer&)>& take);

// Reads a "layer_shapes" file, calling `take` with each blob's name and its numbers as fields.
Result<void> parse_espresso_shapes(
    std::string_view json, const ReadLimits& limits,
    const std::function<Result<void>(std::string_view, const EspressoLayer&)>& take);

}  // namespace anecompat::coreml
