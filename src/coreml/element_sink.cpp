#include "coreml/element_sink.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace anecompat::coreml {

namespace {

// A small floating point format with an implicit leading one and subnormals.
double decode_float(std::uint32_t bits, unsigned exponent_bits, unsigned fraction_bits,
                    bool has_infinity) {
  const std::uint32_t fraction = bits & ((1U << fraction_bits) - 1);
  const std::uint32_t exponent_mask = (1U << exponent_bits) - 1;
  const std::uint32_t exponent = (bits >> fraction_bits) & exponent_mask;
  const bool negative = ((bits >> (fraction_bits + exponent_bits)) & 1U) != 0;
  const int bias = static_cast<int>(exponent_mask >> 1U);
  const auto scaled = [&](std::uint32_t significand, int power) {
    return std::ldexp(static_cast<double>(significand), power - static_cast<int>(fraction_bits));
  };
  double magnitude = 0;
  if (exponent == exponent_mask && has_infinity) {
    magnitude = fraction == 0 ? std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::quiet_NaN();
  } else if (exponent == exponent_mask && fraction == (1U << fraction_bits) - 1) {
    magnitude = std::numeric_limits<double>::quiet_NaN();  // fp8e4m3fn's only NaN
  } else if (exponent == 0) {
    magnitude = scaled(fraction, 1 - bias);
  } else {
    magnitude = scaled(fraction | (1U << fraction_bits), static_cast<int>(exponent) - bias);
  }
  return negative ? -magnitude : magnitude;
}

double to_real(DataType dtype, std::uint64_t bits) {
  switch (dtype) {
    case DataType::float16:
      return decode_float(static_cast<std::uint32_t>(bits), 5, 10, true);
    case DataType::bfloat16:
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits << 16U));
    case DataType::float8e4m3fn:
      return decode_float(static_cast<std::uint32_t>(bits), 4, 3, false);
    case DataType::float8e5m2:
      return decode_float(static_cast<std::uint32_t>(bits), 5, 2, true);
    case DataType::float32:
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    default:
      return std::bit_cast<double>(bits);
  }
}

bool is_signed(DataType dtype) {
  return dtype == DataType::int4 || dtype == DataType::int8 || dtype == DataType::int16 ||
         dtype == DataType::int32 || dtype == DataType::int64;
}

std::int64_t sign_extended(std::uint64_t bits, unsigned width) {
  const unsigned shift = 64 - width;
  return static_cast<std::int64_t>(bits << shift) >> shift;
}

// `width` bits at bit position `at`, low bits first; the caller has checked that they are there.
std::uint64_t bits_at(std::span<const std::uint8_t> bytes, std::uint64_t at, unsigned width) {
  std::uint64_t value = 0;
  if (width % 8 == 0) {
    std::memcpy(&value, bytes.data() + at / 8, width / 8);
    return value;
  }
  for (unsigned i = 0; i < width; ++i) {
    const auto bit = (static_cast<unsigned>(bytes[(at + i) / 8]) >> ((at + i) % 8)) & 1U;
    value |= std::uint64_t{bit} << i;
  }
  return value;
}

}  // namespace

void ElementSink::clear() {
  rewind({});
}

void ElementSink::rewind(const Mark& mark) {
  if (m_count == mark.count)
    return;  // nothing was added since
  m_integers.resize(mark.integers);
  m_reals.resize(mark.reals);
  m_strings.resize(mark.strings);
  m_count = mark.count;
}

void ElementSink::add_raw(DataType dtype, std::span<const std::uint8_t> bytes,
                          std::uint64_t limit) {
  const auto width = bits_of(dtype);
  if (width == 0)
    return;
  const auto count = std::min<std::uint64_t>(limit, bytes.size() * 8 / width);
  if (count > Literal::k_max_elements) {
    add_unseen(count);
    return;
  }
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto bits = bits_at(bytes, i * width, width);
    if (is_float(dtype)) {
      add_real(to_real(dtype, bits));
    } else {
      add_integer(is_signed(dtype) ? sign_extended(bits, width) : static_cast<std::int64_t>(bits));
    }
  }
}

Literal ElementSink::finish(const ValueType& type, GraphBuilder& builder) const {
  const auto kept = m_integers.size() + m_reals.size() + m_strings.size();
  if (kept != m_count)
    return {.type = type, .elements = Opaque{stored_bytes(type)}};
  if (!m_reals.empty() && m_reals.size() == kept)
    return {.type = type, .elements = builder.store(m_reals)};
  if (!m_strings.empty() && m_strings.size() == kept)
    return {.type = type, .elements = builder.store(m_strings)};
  if (!m_integers.empty() && m_integers.size() == kept)
    return {.type = type, .elements = builder.store(m_integers)};
  if (kept != 0)
    return {.type = type, .elements = Opaque{}};
  if (type.dtype == DataType::string)
    return {.type = type, .elements = std::span<const std::string_view>()};
  if (is_float(type.dtype))
    return {.type = type, .elements = std::span<const double>()};
  return {.type = type, .elements = std::span<const std::int64_t>()};
}

std::uint64_t stored_bytes(const ValueType& type) {
  const auto count = type.shape.element_count();
  const std::uint64_t bits = bits_of(type.dtype);
  if (!type.is_tensor() || !count || bits == 0 || *count > UINT64_MAX / bits - 1)
    return 0;
  return (*count * bits + 7) / 8;
}

}  // namespace anecompat::coreml
