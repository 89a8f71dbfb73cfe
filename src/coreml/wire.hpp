// A zero-copy decoder of the protobuf wire format over a ByteSource.
//
// Our own rather than libprotobuf, which copies every weight it passes; the reasons are measured in
// docs/formats.md. What it accepts follows libprotobuf 3.21 (packed and unpacked, any field order,
// over-long varints up to ten bytes), except that a zero tag, groups and wire types 6 and 7 are
// errors: two readers must not see two different models in one file.
#pragma once

#include "support/byte_source.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace anecompat::coreml {

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, length = 2, fixed32 = 5 };

// The first thing that went wrong while decoding one file; shared by all readers over it.
struct WireStatus {
  const char* error = nullptr;  // null: all is well
  std::size_t offset = 0;       // where in the file
  // How many bytes a length asks for beyond the end of its message; 0 for every other error.
  std::uint64_t missing = 0;

  bool ok() const { return error == nullptr; }
};

// Walks the fields of one message. Usage:
//
//   while (reader.next()) {
//     switch (reader.field()) {
//       case 1: name = reader.string(); break;
//       case 3: read_layer(reader.message()); break;
//     }                          // a field that no accessor was called for is skipped by next()
//   }
//   if (!reader.status().ok()) …
//
// Accessors called on a field of another wire type return an empty value, as a parser that skips
// the field as unknown would. After an error next() returns false and the status tells the offset.
class WireReader {
 public:
  static constexpr int k_max_depth = 100;  // libprotobuf's limit

  WireReader(ByteSource& source, WireStatus& status)
      : WireReader(source, status, source.bytes(), k_max_depth) {}

  // Moves to the next field. False at the end of the message and after an error.
  bool next() {
    if (m_cursor == m_end || !m_status->ok())
      return false;
    m_field_begin = m_cursor;
    return next_short() || next_any();
  }

  std::uint32_t field() const { return m_field; }
  WireType type() const { return m_type; }
  const WireStatus& status() const { return *m_status; }
  ByteSource& source() const { return *m_source; }

  // The value of the current field, each for its wire type.
  std::uint64_t varint() const { return m_type == WireType::varint ? m_value : 0; }
  std::int64_t int64() const { return static_cast<std::int64_t>(varint()); }
  std::int32_t int32() const { return static_cast<std::int32_t>(varint()); }
  bool boolean() const { return varint() != 0; }
  float float32() const {
    return m_type == WireType::fixed32 ? std::bit_cast<float>(static_cast<std::uint32_t>(m_value))
                                       : 0;
  }
  double float64() const {
    return m_type == WireType::fixed64 ? std::bit_cast<double>(m_value) : 0;
  }

  // The extent of a length-delimited field, its bytes not loaded: how weights are passed over.
  std::span<const std::uint8_t> extent() const { return m_extent; }
  // The same, loaded.
  std::span<const std::uint8_t> bytes() {
    return m_extent.empty() || m_source->fully_loaded() ? m_extent : load_extent();
  }
  std::string_view string() {
    const auto data = bytes();
    return {reinterpret_cast<const char*>(data.data()), data.size()};
  }
  // A reader over the field as a message. Nesting beyond k_max_depth is an error.
  WireReader message() { return message_at(m_extent); }
  // A reader over bytes() taken earlier from this file (merged or deferred messages).
  WireReader message_at(std::span<const std::uint8_t> extent) {
    if (m_depth <= 0) {
      set_error_at("messages nested too deeply", m_field_begin);
      extent = {};
    }
    return {*m_source, *m_status, extent, m_depth - 1};
  }

  // What next() has not come to yet; before its first call, the whole message.
  std::span<const std::uint8_t> rest() const {
    return {m_cursor, static_cast<std::size_t>(m_end - m_cursor)};
  }

  // Calls take(std::uint64_t) for each element of a repeated scalar field, packed or not.
  template <typename Take>
  void each_varint(Take take);
  // Calls take(float) / take(double) likewise.
  template <typename Take>
  void each_float32(Take take);
  template <typename Take>
  void each_float64(Take take);

  // Marks the file as broken here, unless it already is.
  void set_error(const char* what) { set_error_at(what, m_cursor); }
  std::size_t offset() const { return offset_of(m_field_begin); }

 private:
  // Small messages are loaded at once, so that their fields need no further look at the source.
  static constexpr std::size_t k_load_whole_limit = 2 * ByteSource::k_block_size;

  WireReader(ByteSource& source, WireStatus& status, std::span<const std::uint8_t> extent,
             int depth)
      : m_source(&source),
        m_status(&status),
        m_cursor(extent.data()),
        m_end(extent.data() + extent.size()),
        m_loaded_end(source.fully_loaded() ? m_end : m_cursor),
        m_depth(depth) {
    if (m_loaded_end != m_end && extent.size() <= k_load_whole_limit)
      window(extent.size());
  }

  // A field whose tag and whose value or length take one byte each, which nearly all do. False, and
  // nothing done, for every other one.
  bool next_short() {
    if (m_loaded_end - m_cursor < 2)
      return false;
    const std::uint8_t tag = m_cursor[0];
    const std::uint8_t value = m_cursor[1];
    if (tag < 8 || tag >= 0x80 || value >= 0x80)
      return false;
    const auto* after = m_cursor + 2;
    if ((tag & 7U) == static_cast<unsigned>(WireType::length)) {
      if (value > m_end - after)
        return false;
      m_type = WireType::length;
      m_value = 0;
      m_extent = {after, value};
      m_cursor = after + value;
    } else if ((tag & 7U) == static_cast<unsigned>(WireType::varint)) {
      m_type = WireType::varint;
      m_value = value;
      m_extent = {};
      m_cursor = after;
    } else {
      return false;
    }
    m_field = tag >> 3U;
    return true;
  }
  bool next_any();

  std::span<const std::uint8_t> load_extent();
  bool fail_at(const char* what, const std::uint8_t* where);
  void set_error_at(const char* what, const std::uint8_t* where);
  std::size_t offset_of(const std::uint8_t* at) const {
    return at == nullptr ? 0 : static_cast<std::size_t>(at - m_source->bytes().data());
  }
  // Makes at least min(size, rest of message) bytes at the cursor valid.
  bool window(std::size_t size);
  bool read_varint(std::uint64_t& value);

  ByteSource* m_source;
  WireStatus* m_status;
  const std::uint8_t* m_cursor;
  const std::uint8_t* m_end;
  const std::uint8_t* m_loaded_end;
  const std::uint8_t* m_field_begin = nullptr;
  int m_depth;
  std::uint32_t m_field = 0;
  WireType m_type = WireType::varint;
  std::uint64_t m_value = 0;
  std::span<const std::uint8_t> m_extent;
};

template <typename Take>
void WireReader::each_varint(Take take) {
  if (m_type == WireType::varint) {
    take(m_value);
    return;
  }
  if (m_type != WireType::length || m_extent.empty())
    return;
  WireReader packed(*m_source, *m_status, m_extent, m_depth);
  std::uint64_t value = 0;
  while (packed.m_cursor != packed.m_end && packed.read_varint(value))
    take(value);
}

template <typename Take>
void WireReader::each_float32(Take take) {
  if (m_type == WireType::fixed32) {
    take(float32());
    return;
  }
  if (m_type != WireType::length)
    return;
  const auto data = bytes();
  if (data.size() % sizeof(float) != 0)
    return set_error_at("packed floats of an odd length", m_field_begin);
  for (std::size_t i = 0; i < data.size(); i += sizeof(float)) {
    float value = 0;
    std::memcpy(&value, data.data() + i, sizeof value);
    take(value);
  }
}

template <typename Take>
void WireReader::each_float64(Take take) {
  if (m_type == WireType::fixed64) {
    take(float64());
    return;
  }
  if (m_type != WireType::length)
    return;
  const auto data = bytes();
  if (data.size() % sizeof(double) != 0)
    return set_error_at("packed doubles of an odd length", m_field_begin);
  for (std::size_t i = 0; i < data.size(); i += sizeof(double)) {
    double value = 0;
    std::memcpy(&value, data.data() + i, sizeof value);
    take(value);
  }
}

}  // namespace anecompat::coreml
