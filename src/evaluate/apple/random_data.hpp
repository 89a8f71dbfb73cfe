// Deterministic input data, filled in bulk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace anecompat::evaluate::apple {

enum class ElementType : std::uint8_t { float16, float32, float64, int8, int32, byte };

std::size_t bytes_of(ElementType type);

// The same numbers for the same seed on every machine.
class RandomData {
 public:
  explicit RandomData(std::uint64_t seed) : m_state(seed) {}

  // Floats are in [0, 1); integers are 0 or 1, so that they can be indices, tokens and masks;
  // bytes are any. What does not make a whole element at the end is zeroed.
  void fill(std::span<std::byte> memory, ElementType type);

  // In [0, 1).
  double real();

 private:
  std::uint64_t next();

  std::uint64_t m_state;
};

// The half-precision bits of k / 1024, for k below 1024.
std::uint16_t half_of_1024ths(std::uint16_t k);

}  // namespace anecompat::evaluate::apple
