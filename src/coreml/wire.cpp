#include "coreml/wire.hpp"

#include <algorithm>

namespace anecompat::coreml {

static_assert(std::endian::native == std::endian::little,
              "fixed-width fields are copied as they are");

namespace {

constexpr std::size_t k_max_varint = 10;

}  // namespace

bool WireReader::next_any() {
  std::uint64_t tag = 0;
  if (!read_varint(tag))
    return false;
  if (tag > UINT32_MAX)
    return fail_at("field number out of range", m_field_begin);
  m_field = static_cast<std::uint32_t>(tag >> 3U);
  if (m_field == 0)
    return fail_at("field number 0", m_field_begin);
  m_extent = {};
  m_value = 0;
  switch (tag & 7U) {
    case 0:
      m_type = WireType::varint;
      return read_varint(m_value);
    case 1:
    case 5: {
      m_type = static_cast<WireType>(tag & 7U);
      const std::size_t size = m_type == WireType::fixed64 ? 8 : 4;
      if (!window(size))
        return false;
      if (static_cast<std::size_t>(m_end - m_cursor) < size)
        return fail_at("fixed-width field past the end of its message", m_field_begin);
      std::memcpy(&m_value, m_cursor, size);
      m_cursor += size;
      return true;
    }
    case 2: {
      m_type = WireType::length;
      std::uint64_t size = 0;
      if (!read_varint(size))
        return false;
      const auto available = static_cast<std::uint64_t>(m_end - m_cursor);
      if (size > available) {
        fail_at("length past the end of its message", m_field_begin);
        m_status->missing = size - available;
        return false;
      }
      m_extent = {m_cursor, static_cast<std::size_t>(size)};
      m_cursor += size;
      return true;
    }
    case 3:
    case 4:
      return fail_at("protobuf group, which no Core ML model has", m_field_begin);
    default:
      return fail_at("unknown wire type", m_field_begin);
  }
}

std::span<const std::uint8_t> WireReader::load_extent() {
  if (m_source->load(m_extent.data(), m_extent.size()))
    return m_extent;
  set_error_at("the file was cut or changed while it was read", m_extent.data());
  return {};
}

bool WireReader::fail_at(const char* what, const std::uint8_t* where) {
  set_error_at(what, where);
  return false;
}

void WireReader::set_error_at(const char* what, const std::uint8_t* where) {
  if (!m_status->ok())
    return;
  *m_status = {.error = what, .offset = offset_of(where)};
}

bool WireReader::window(std::size_t size) {
  const auto wanted = std::min(size, static_cast<std::size_t>(m_end - m_cursor));
  if (m_cursor + wanted <= m_loaded_end)
    return true;
  if (!m_source->load(m_cursor, wanted))
    return fail_at("the file was cut or changed while it was read", m_cursor);
  m_loaded_end = std::max(m_loaded_end, m_cursor + wanted);
  return true;
}

bool WireReader::read_varint(std::uint64_t& value) {
  if (m_cursor < m_loaded_end && *m_cursor < 0x80) {
    value = *m_cursor++;
    return true;
  }
  if (!window(k_max_varint))
    return false;
  value = 0;
  const auto available = std::min(k_max_varint, static_cast<std::size_t>(m_end - m_cursor));
  for (std::size_t i = 0; i < available; ++i) {
    const std::uint64_t byte = m_cursor[i];
    value |= (byte & 0x7FU) << (7 * i);
    if (byte < 0x80) {
      m_cursor += i + 1;
      return true;
    }
  }
  return fail_at(available == k_max_varint ? "varint longer than ten bytes" : "truncated varint",
                 m_cursor);
}

}  // namespace anecompat::coreml
