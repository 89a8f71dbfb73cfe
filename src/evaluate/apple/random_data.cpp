#include "evaluate/apple/random_data.hpp"

#include <bit>
#include <cstring>

namespace anecompat::evaluate::apple {

namespace {

template <typename T, typename Draw>
void fill_elements(std::span<std::byte> memory, Draw draw) {
  const auto count = memory.size() / sizeof(T);
  for (std::size_t i = 0; i < count; ++i) {
    const T value = draw();
    std::memcpy(memory.data() + i * sizeof(T), &value, sizeof(T));
  }
  const auto filled = count * sizeof(T);
  if (filled < memory.size())
    std::memset(memory.data() + filled, 0, memory.size() - filled);
}

}  // namespace

std::size_t bytes_of(ElementType type) {
  switch (type) {
    case ElementType::float64:
      return 8;
    case ElementType::float32:
    case ElementType::int32:
      return 4;
    case ElementType::float16:
      return 2;
    case ElementType::int8:
    case ElementType::byte:
      break;
  }
  return 1;
}

std::uint16_t half_of_1024ths(std::uint16_t k) {
  if (k == 0)
    return 0;
  // k = 2^e · 1.m, so k / 1024 has the exponent e - 10, biased by 15, and ten bits of m.
  const auto e = static_cast<unsigned>(std::bit_width(k)) - 1;
  const auto mantissa = (static_cast<unsigned>(k) << (10 - e)) & 0x3FFU;
  return static_cast<std::uint16_t>((e + 5U) << 10U | mantissa);
}

std::uint64_t RandomData::next() {
  // SplitMix64 (Steele, Lea, Flood 2014).
  m_state += 0x9E3779B97F4A7C15U;
  auto z = m_state;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

double RandomData::real() {
  return static_cast<double>(next() >> 11U) * 0x1p-53;
}

void RandomData::fill(std::span<std::byte> memory, ElementType type) {
  switch (type) {
    case ElementType::float64:
      return fill_elements<double>(memory, [&] { return real(); });
    case ElementType::float32:
      return fill_elements<float>(memory,
                                  [&] { return static_cast<float>(next() >> 40U) * 0x1p-24F; });
    case ElementType::float16:
      return fill_elements<std::uint16_t>(
          memory, [&] { return half_of_1024ths(static_cast<std::uint16_t>(next() >> 54U)); });
    case ElementType::int32:
      return fill_elements<std::int32_t>(memory,
                                         [&] { return static_cast<std::int32_t>(next() >> 63U); });
    case ElementType::int8:
      return fill_elements<std::int8_t>(memory,
                                        [&] { return static_cast<std::int8_t>(next() >> 63U); });
    case ElementType::byte:
      return fill_elements<std::uint8_t>(memory,
                                         [&] { return static_cast<std::uint8_t>(next() >> 56U); });
  }
}

}  // namespace anecompat::evaluate::apple
