// Decoder of Apple's LZFSE streams, which compressed espresso networks are made of.
//
// A stream is a run of blocks: bvx- (raw), bvxn (LZVN), bvx1 and bvx2 (FSE-coded, with plain and
// packed frequency tables), ended by bvx$. Matches may reach back over block borders.
#pragma once

#include "support/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace anecompat::coreml {

// Decodes one stream and appends to `out`, which may grow by at most `limit` bytes; it grows as
// bytes are decoded, never by a size the stream declares. Bytes after bvx$ are not looked at.
// Errors: unreadable, with the offset of the block within `stream`.
Result<void> decode_lzfse(std::span<const std::uint8_t> stream, std::string& out,
                          std::size_t limit);

}  // namespace anecompat::coreml
