// The container that holds compressed espresso networks.
//
// `pbz`, a letter for the algorithm (e LZFSE, z zlib, - stored, 4 LZ4, x xz), the block size as a
// big-endian 64-bit number, then chunks: raw size, stored size (both likewise), stored bytes. A
// chunk whose sizes are equal is stored as it is. Source: docs/formats.md.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace anecompat::coreml {

// Whether `bytes` begin like such a container, of whatever algorithm.
bool is_pbze(std::span<const std::uint8_t> bytes);

// Unpacks a whole container to at most `limit` bytes, and at most some 128 times its size. Errors:
// unreadable (with the offset of the chunk), unsupported (an algorithm that this build cannot
// decode).
Result<std::string> unpack_pbze(std::span<const std::uint8_t> bytes, std::uint64_t limit);

}  // namespace anecompat::coreml
