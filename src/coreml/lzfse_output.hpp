// What the block decoders of LZFSE share: little-endian loads, and the text decoded so far.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace anecompat::coreml::lzfse {

// The little-endian number of `Size` bytes at `at`, which must be there.
template <typename Number, std::size_t Size = sizeof(Number)>
Number load(std::span<const std::uint8_t> bytes, std::size_t at) {
  Number number = 0;
  for (std::size_t i = 0; i < Size; ++i)
    number = static_cast<Number>(number | static_cast<Number>(bytes[at + i]) << (8U * i));
  return number;
}

// The decoded text of one stream: what matches are copied from. Refuses to grow over its limit.
class Output {
 public:
  Output(std::string& text, std::size_t limit)
      : m_text(text), m_begin(text.size()), m_limit(limit) {}

  std::size_t size() const { return m_text.size() - m_begin; }

  // False when the limit would be passed.
  bool append(std::span<const std::uint8_t> bytes) {
    if (bytes.size() > m_limit - size())
      return false;
    m_text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return true;
  }

  // Copies `length` bytes from `distance` bytes back; the two may overlap, which repeats them.
  // False for a distance before the beginning of the stream, or past the limit.
  bool copy_match(std::size_t distance, std::size_t length) {
    if (distance == 0 || distance > size() || length > m_limit - size())
      return false;
    for (std::size_t i = 0; i < length; ++i)
      m_text.push_back(m_text[m_text.size() - distance]);
    return true;
  }

 private:
  std::string& m_text;
  std::size_t m_begin;
  std::size_t m_limit;
};

// Each decodes the payload of one block into `out`. The result is null, or what is wrong with it.
const char* decode_lzvn_block(std::span<const std::uint8_t> payload, Output& out);

struct FseBlock;  // lzfse_fse.hpp
const char* decode_fse_block(const FseBlock& block, std::span<const std::uint8_t> payload,
                             Output& out);

}  // namespace anecompat::coreml::lzfse
