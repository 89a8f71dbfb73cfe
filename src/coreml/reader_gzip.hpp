// Unpacking of .mlmodel.gz.
#pragma once

#include "support/byte_source.hpp"
#include "support/result.hpp"

#include <cstdint>
#include <memory>

namespace anecompat::coreml {

// The bytes a gzip file expands to, at most `limit` of them and at most some 64 times its size:
// what expands to more is refused as a decompression bomb.
Result<std::shared_ptr<ByteSource>> inflate_gzip(ByteSource& packed, std::uint64_t limit);

}  // namespace anecompat::coreml
