// A tiny writer of protobuf messages, for tests that need a model no corpus has.
#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

namespace anecompat::test {

// Appends fields in the order of the calls; nothing is checked, so it can write broken files too.
class ProtobufWriter {
 public:
  ProtobufWriter& varint(std::uint32_t field, std::uint64_t value) {
    put_varint(field << 3U);
    put_varint(value);
    return *this;
  }
  ProtobufWriter& float32(std::uint32_t field, float value) {
    put_varint((field << 3U) | 5U);
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    m_bytes.append(raw, sizeof value);
    return *this;
  }
  ProtobufWriter& bytes(std::uint32_t field, std::string_view value) {
    length(field, value.size());
    m_bytes.append(value);
    return *this;
  }
  ProtobufWriter& message(std::uint32_t field, const ProtobufWriter& value) {
    return bytes(field, value.m_bytes);
  }
  ProtobufWriter& packed(std::uint32_t field, std::initializer_list<std::int64_t> values) {
    ProtobufWriter list;
    for (const auto value : values)
      list.put_varint(static_cast<std::uint64_t>(value));
    return bytes(field, list.m_bytes);
  }
  // The tag and length of a field whose bytes are written by other means.
  ProtobufWriter& length(std::uint32_t field, std::uint64_t size) {
    put_varint((field << 3U) | 2U);
    put_varint(size);
    return *this;
  }
  ProtobufWriter& raw(std::string_view value) {
    m_bytes.append(value);
    return *this;
  }

  const std::string& str() const { return m_bytes; }

 private:
  void put_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U)
      m_bytes.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
    m_bytes.push_back(static_cast<char>(value));
  }

  std::string m_bytes;
};

}  // namespace anecompat::test
