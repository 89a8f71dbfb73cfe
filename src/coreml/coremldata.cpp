#include "coreml/coremldata.hpp"

#include <fmt/format.h>

#include <cstring>

namespace anecompat::coreml {

namespace {

// A cursor over little-endian fields; strings are a u64 length and bytes.
class FieldReader {
 public:
  explicit FieldReader(std::span<const std::uint8_t> bytes) : m_bytes(bytes) {}

  template <typename T>
  bool number(T& value) {
    if (left() < sizeof value)
      return false;
    std::memcpy(&value, m_bytes.data() + m_at, sizeof value);
    m_at += sizeof value;
    return true;
  }
  bool text(std::span<const std::uint8_t>& value) {
    std::uint64_t size = 0;
    const auto begin = m_at;
    if (!number(size))
      return false;
    if (size > left()) {
      m_at = begin;
      return false;
    }
    value = m_bytes.subspan(m_at, static_cast<std::size_t>(size));
    m_at += static_cast<std::size_t>(size);
    return true;
  }
  bool skip(std::size_t size) {
    if (left() < size)
      return false;
    m_at += size;
    return true;
  }
  std::size_t left() const { return m_bytes.size() - m_at; }

  tl::unexpected<Error> broken(std::string_view what) const {
    return fail({.message = fmt::format("the {} at byte {} goes beyond the file's {} bytes", what,
                                        m_at, m_bytes.size()),
                 .advice = "the bundle is damaged: compile the model again"});
  }

 private:
  std::span<const std::uint8_t> m_bytes;
  std::size_t m_at = 0;
};

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<CoreMLData> parse_coremldata(std::span<const std::uint8_t> bytes) {
  constexpr std::size_t k_version_triple = 3 * sizeof(std::int64_t);
  constexpr std::size_t k_reserved = 24;
  FieldReader reader(bytes);
  CoreMLData data;
  std::span<const std::uint8_t> variant;
  if (!reader.number(data.model_type))
    return reader.broken("model type");
  if (!reader.skip(k_version_triple))
    return reader.broken("version");
  if (!reader.text(variant))
    return reader.broken("variant");
  data.variant = as_text(variant);
  if (!reader.number(data.spec_version))
    return reader.broken("specification version");
  if (!reader.skip(k_reserved))
    return reader.broken("header");
  if (!reader.text(data.description))
    return reader.broken("description");
  return data;
}

Result<std::vector<std::string>> parse_model_names(std::span<const std::uint8_t> bytes) {
  FieldReader reader(bytes);
  std::uint64_t count = 0;
  if (!reader.number(count))
    return reader.broken("number of names");
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::span<const std::uint8_t> name;
    if (!reader.text(name))
      return reader.broken("name of a stage");
    names.emplace_back(as_text(name));
  }
  return names;
}

}  // namespace anecompat::coreml
