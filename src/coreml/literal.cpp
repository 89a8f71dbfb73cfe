#include "coreml/literal.hpp"

namespace anecompat::coreml {

namespace {

template <typename Elements>
auto only_element(const std::optional<Elements>& elements)
    -> std::optional<typename Elements::value_type> {
  if (!elements || elements->size() != 1)
    return std::nullopt;
  return (*elements)[0];
}

}  // namespace

std::optional<std::span<const std::int64_t>> Literal::ints() const {
  if (const auto* values = std::get_if<std::span<const std::int64_t>>(&elements))
    return *values;
  return std::nullopt;
}

std::optional<std::vector<double>> Literal::floats() const {
  if (const auto* values = std::get_if<std::span<const double>>(&elements))
    return std::vector<double>(values->begin(), values->end());
  if (const auto integers = ints())
    return std::vector<double>(integers->begin(), integers->end());
  return std::nullopt;
}

std::optional<std::span<const std::string_view>> Literal::strings() const {
  if (const auto* values = std::get_if<std::span<const std::string_view>>(&elements))
    return *values;
  return std::nullopt;
}

std::optional<std::int64_t> Literal::as_int() const {
  return only_element(ints());
}

std::optional<double> Literal::as_float() const {
  return only_element(floats());
}

std::optional<bool> Literal::as_bool() const {
  const auto value = as_int();
  if (!value)
    return std::nullopt;
  return *value != 0;
}

std::optional<std::string_view> Literal::as_string() const {
  return only_element(strings());
}

}  // namespace anecompat::coreml
