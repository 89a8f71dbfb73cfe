#include "coreml/pbze.hpp"

#include "coreml/lzfse.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#if defined(__APPLE__)
#include <compression.h>
#endif

namespace anecompat::coreml {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t k_magic_bytes = 4;
constexpr std::size_t k_header_bytes = k_magic_bytes + 8;
constexpr std::size_t k_chunk_header_bytes = 16;
constexpr std::string_view k_known_letters = "ez-4x";
// Networks compress to a thirtieth at best; what expands to much more is a bomb.
constexpr std::uint64_t k_max_ratio = 128;
constexpr std::uint64_t k_always_allowed = 4U << 20U;

std::uint64_t big_endian_64(Bytes bytes, std::size_t at) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i)
    number = number << 8U | bytes[at + i];
  return number;
}

Error broken(std::string message) {
  return {.kind = ErrorKind::unreadable,
          .message = std::move(message),
          .advice = "compile the model again, or copy it again if it was cut on the way"};
}

// zlib streams have a two-byte header that is a multiple of 31; without it the chunk is bare
// deflate data, which is what Apple's library writes.
bool has_zlib_header(Bytes chunk) {
  return chunk.size() >= 2 && (chunk[0] & 0x0fU) == Z_DEFLATED &&
         (chunk[0] * 256U + chunk[1]) % 31 == 0;
}

Result<void> inflate_chunk(Bytes chunk, std::string& out, std::size_t raw_size) {
  if (chunk.size() > std::numeric_limits<uInt>::max())
    return fail(broken("a zlib chunk of over 4 GB"));
  z_stream stream = {};
  if (inflateInit2(&stream, has_zlib_header(chunk) ? MAX_WBITS : -MAX_WBITS) != Z_OK)
    return fail({.kind = ErrorKind::system, .message = "zlib cannot be set up"});
  // zlib only reads from next_in; its type is not const for reasons of age.
  stream.next_in =
      const_cast<Bytef*>(chunk.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  stream.avail_in = static_cast<uInt>(chunk.size());
  std::array<std::uint8_t, 32U << 10U> buffer = {};
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = buffer.data();
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
    const auto size = buffer.size() - stream.avail_out;
    if (size > raw_size) {
      status = Z_BUF_ERROR;
      break;
    }
    raw_size -= size;
    out.append(reinterpret_cast<const char*>(buffer.data()), size);
  }
  inflateEnd(&stream);
  if (status != Z_STREAM_END)
    return fail(broken("broken zlib data"));
  return {};
}

#if defined(__APPLE__)

// Streamed, so that a declared size costs no memory before there are bytes to fill it.
Result<void> decode_with_apple(compression_algorithm algorithm, Bytes chunk, std::string& out,
                               std::size_t raw_size) {
  compression_stream stream = {};
  if (compression_stream_init(&stream, COMPRESSION_STREAM_DECODE, algorithm) !=
      COMPRESSION_STATUS_OK)
    return fail({.kind = ErrorKind::system, .message = "the decompressor cannot be set up"});
  stream.src_ptr = chunk.data();
  stream.src_size = chunk.size();
  std::array<std::uint8_t, 32U << 10U> buffer = {};
  auto status = COMPRESSION_STATUS_OK;
  while (status == COMPRESSION_STATUS_OK) {
    stream.dst_ptr = buffer.data();
    stream.dst_size = buffer.size();
    status = compression_stream_process(&stream, COMPRESSION_STREAM_FINALIZE);
    const auto size = buffer.size() - stream.dst_size;
    if (size > raw_size || (size == 0 && status == COMPRESSION_STATUS_OK)) {
      status = COMPRESSION_STATUS_ERROR;
      break;
    }
    raw_size -= size;
    out.append(reinterpret_cast<const char*>(buffer.data()), size);
  }
  compression_stream_destroy(&stream);
  if (status != COMPRESSION_STATUS_END)
    return fail(broken("broken compressed data"));
  return {};
}

Result<void> decode_chunk(char letter, Bytes chunk, std::string& out, std::size_t raw_size) {
  switch (letter) {
    case 'e':
      return decode_with_apple(COMPRESSION_LZFSE, chunk, out, raw_size);
    case '4':
      return decode_with_apple(COMPRESSION_LZ4, chunk, out, raw_size);
    case 'x':
      return decode_with_apple(COMPRESSION_LZMA, chunk, out, raw_size);
    case 'z':
      return inflate_chunk(chunk, out, raw_size);
    default:
      return fail(broken("a stored chunk of another size than it declares"));
  }
}

#else

Error cannot_decode(std::string_view algorithm) {
  return {.kind = ErrorKind::unsupported,
          .message = fmt::format(
              "the network is compressed with {}, which this build can decode on macOS only",
              algorithm),
          .advice = "check the .mlmodel or .mlpackage it was compiled from, or run on macOS"};
}

Result<void> decode_chunk(char letter, Bytes chunk, std::string& out, std::size_t raw_size) {
  switch (letter) {
    case 'e':
      return decode_lzfse(chunk, out, raw_size);
    case '4':
      return fail(cannot_decode("LZ4"));
    case 'x':
      return fail(cannot_decode("xz"));
    case 'z':
      return inflate_chunk(chunk, out, raw_size);
    default:
      return fail(broken("a stored chunk of another size than it declares"));
  }
}

#endif

}  // namespace

bool is_pbze(Bytes bytes) {
  return bytes.size() >= k_magic_bytes && bytes[0] == 'p' && bytes[1] == 'b' && bytes[2] == 'z' &&
         k_known_letters.find(static_cast<char>(bytes[3])) != std::string_view::npos;
}

Result<std::string> unpack_pbze(Bytes bytes, std::uint64_t limit) {
  if (!is_pbze(bytes))
    return fail(broken("not a pbz container"));
  if (bytes.size() < k_header_bytes)
    return fail(broken(
        fmt::format("compressed container is cut off after {}", counted(bytes.size(), "byte"))));
  limit = std::min(limit, std::max(k_always_allowed, bytes.size() * k_max_ratio));
  const auto letter = static_cast<char>(bytes[3]);
  std::string out;
  for (std::size_t offset = k_header_bytes; offset < bytes.size();) {
    const auto in_chunk = [offset](Error error) {
      error.message = fmt::format("compressed chunk at byte {}: {}", offset, error.message);
      return error;
    };
    const auto left = bytes.size() - offset;
    if (left < k_chunk_header_bytes)
      return fail(in_chunk(broken("its header is cut off")));
    const auto raw_size = big_endian_64(bytes, offset);
    const auto stored_size = big_endian_64(bytes, offset + 8);
    if (stored_size > left - k_chunk_header_bytes) {
      return fail(in_chunk(broken(fmt::format("declares {} stored bytes, {} are left", stored_size,
                                              left - k_chunk_header_bytes))));
    }
    if (raw_size > limit - out.size()) {
      return fail(
          in_chunk(broken(fmt::format("unpacks to more than the {} allowed", human_bytes(limit)))));
    }
    const auto chunk = bytes.subspan(offset + k_chunk_header_bytes, stored_size);
    const auto begin = out.size();
    if (stored_size == raw_size) {
      out.append(reinterpret_cast<const char*>(chunk.data()), chunk.size());
    } else if (auto decoded = decode_chunk(letter, chunk, out, raw_size); !decoded) {
      return fail(in_chunk(std::move(decoded.error())));
    }
    if (out.size() - begin != raw_size) {
      return fail(in_chunk(broken(fmt::format("unpacks to {} bytes instead of the {} declared",
                                              out.size() - begin, raw_size))));
    }
    offset += k_chunk_header_bytes + chunk.size();
  }
  return out;
}

}  // namespace anecompat::coreml
