// The protobuf wire format, written: what models made by tests and examples consist of.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace anecompat::test {

// One message under construction. Fields are written in the order of the calls; numbers are those
// of Core ML's published .proto files (docs/formats.md).
class Message {
 public:
  Message& varint(std::uint32_t field, std::uint64_t value);
  Message& integer(std::uint32_t field, std::int64_t value) {
    return varint(field, static_cast<std::uint64_t>(value));
  }
  Message& real(std::uint32_t field, float value);
  Message& real64(std::uint32_t field, double value);
  Message& bytes(std::uint32_t field, std::string_view value);
  Message& message(std::uint32_t field, const Message& value) {
    return bytes(field, value.encoded());
  }
  // Repeated scalars, packed; nothing at all when empty.
  Message& integers(std::uint32_t field, std::span<const std::int64_t> values);
  Message& reals(std::uint32_t field, std::span<const float> values);
  // A map entry: {1: key, 2: value}.
  Message& entry(std::uint32_t field, std::string_view key, const Message& value);

  const std::string& encoded() const { return m_bytes; }

 private:
  void tag(std::uint32_t field, std::uint32_t type);
  void raw_varint(std::uint64_t value);

  std::string m_bytes;
};

}  // namespace anecompat::test
