#include "support/model_writer_wire.hpp"

#include <bit>

namespace anecompat::test {

namespace {

template <typename Unsigned>
void append_little_endian(std::string& to, Unsigned value) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    to += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

}  // namespace

void Message::raw_varint(std::uint64_t value) {
  while (value >= 0x80) {
    m_bytes += static_cast<char>((value & 0x7FU) | 0x80U);
    value >>= 7U;
  }
  m_bytes += static_cast<char>(value);
}

void Message::tag(std::uint32_t field, std::uint32_t type) {
  raw_varint((static_cast<std::uint64_t>(field) << 3U) | type);
}

Message& Message::varint(std::uint32_t field, std::uint64_t value) {
  tag(field, 0);
  raw_varint(value);
  return *this;
}

Message& Message::real(std::uint32_t field, float value) {
  tag(field, 5);
  append_little_endian(m_bytes, std::bit_cast<std::uint32_t>(value));
  return *this;
}

Message& Message::real64(std::uint32_t field, double value) {
  tag(field, 1);
  append_little_endian(m_bytes, std::bit_cast<std::uint64_t>(value));
  return *this;
}

Message& Message::bytes(std::uint32_t field, std::string_view value) {
  tag(field, 2);
  raw_varint(value.size());
  m_bytes += value;
  return *this;
}

Message& Message::integers(std::uint32_t field, std::span<const std::int64_t> values) {
  if (values.empty())
    return *this;
  Message packed;
  for (const auto value : values)
    packed.raw_varint(static_cast<std::uint64_t>(value));
  return bytes(field, packed.m_bytes);
}

Message& Message::reals(std::uint32_t field, std::span<const float> values) {
  if (values.empty())
    return *this;
  std::string packed;
  for (const auto value : values)
    append_little_endian(packed, std::bit_cast<std::uint32_t>(value));
  return bytes(field, packed);
}

Message& Message::entry(std::uint32_t field, std::string_view key, const Message& value) {
  return message(field, Message().bytes(1, key).message(2, value));
}

}  // namespace anecompat::test
