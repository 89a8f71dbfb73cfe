#include "coreml/lzfse.hpp"

#include "coreml/lzfse_fse.hpp"
#include "coreml/lzfse_output.hpp"

#include <fmt/format.h>

namespace anecompat::coreml {

namespace {

using lzfse::FseBlock;
using lzfse::load;
using lzfse::Output;

constexpr std::uint32_t magic(char last) {
  return static_cast<std::uint32_t>('b') | static_cast<std::uint32_t>('v') << 8U |
         static_cast<std::uint32_t>('x') << 16U | static_cast<std::uint32_t>(last) << 24U;
}

constexpr std::size_t k_raw_header_bytes = 8;
constexpr std::size_t k_lzvn_header_bytes = 12;

// Each takes one block off the front of `stream`; the result is null, or what is wrong with it.

const char* take_raw(std::span<const std::uint8_t>& stream, Output& out) {
  if (stream.size() < k_raw_header_bytes)
    return "the header is cut off";
  const auto size = load<std::uint32_t>(stream, 4);
  stream = stream.subspan(k_raw_header_bytes);
  if (size > stream.size())
    return "the block is cut off";
  if (!out.append(stream.first(size)))
    return "decodes to more bytes than declared";
  stream = stream.subspan(size);
  return nullptr;
}

const char* take_lzvn(std::span<const std::uint8_t>& stream, Output& out) {
  if (stream.size() < k_lzvn_header_bytes)
    return "the header is cut off";
  const auto raw_size = load<std::uint32_t>(stream, 4);
  const auto size = load<std::uint32_t>(stream, 8);
  stream = stream.subspan(k_lzvn_header_bytes);
  if (size > stream.size())
    return "the block is cut off";
  const auto begin = out.size();
  if (const auto* wrong = lzfse::decode_lzvn_block(stream.first(size), out))
    return wrong;
  stream = stream.subspan(size);
  return out.size() - begin == raw_size ? nullptr : "decodes to another size than it declares";
}

const char* take_fse(std::span<const std::uint8_t>& stream, Output& out,
                     const char* (*read_header)(std::span<const std::uint8_t>, FseBlock&)) {
  FseBlock block;
  if (const auto* wrong = read_header(stream, block))
    return wrong;
  stream = stream.subspan(block.header_bytes);
  const auto size = std::uint64_t{block.literal_payload_bytes} + block.match_payload_bytes;
  if (size > stream.size())
    return "the block is cut off";
  if (const auto* wrong = lzfse::decode_fse_block(block, stream, out))
    return wrong;
  stream = stream.subspan(static_cast<std::size_t>(size));
  return nullptr;
}

const char* take_block(std::span<const std::uint8_t>& stream, Output& out) {
  switch (load<std::uint32_t>(stream, 0)) {
    case magic('-'):
      return take_raw(stream, out);
    case magic('n'):
      return take_lzvn(stream, out);
    case magic('1'):
      return take_fse(stream, out, lzfse::read_fse_header_v1);
    case magic('2'):
      return take_fse(stream, out, lzfse::read_fse_header_v2);
    default:
      return "not an LZFSE block";
  }
}

}  // namespace

Result<void> decode_lzfse(std::span<const std::uint8_t> stream, std::string& out,
                          std::size_t limit) {
  Output output(out, limit);
  const auto all = stream.size();
  while (true) {
    const auto offset = all - stream.size();
    if (stream.size() < sizeof(std::uint32_t)) {
      return fail({.kind = ErrorKind::unreadable,
                   .message = fmt::format("LZFSE data ends at byte {} without its end mark", all)});
    }
    if (load<std::uint32_t>(stream, 0) == magic('$'))
      return {};
    if (const auto* wrong = take_block(stream, output)) {
      return fail({.kind = ErrorKind::unreadable,
                   .message = fmt::format("broken LZFSE block at byte {}: {}", offset, wrong)});
    }
  }
}

}  // namespace anecompat::coreml
