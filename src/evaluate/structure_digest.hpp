// What identifies a model on disk, told without reading its weights.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <string>

namespace anecompat::evaluate {

struct StructureDigest {
  std::string digest;      // "sha256:…"
  std::uint64_t size = 0;  // bytes on disk, weights included
};

// Files up to this size are hashed whole.
constexpr std::uint64_t k_whole_file_limit = 16U << 20U;
// Of larger ones, their size and this much of both ends.
constexpr std::uint64_t k_end_size = 64U << 10U;

// Of a file: the SHA-256 of its bytes; of one above k_whole_file_limit, that of its size and both
// ends. Of a directory: the SHA-256 over "PATH HEX\n" of every regular file below it, PATH relative
// with `/`, sorted by bytes; symbolic links and file times do not count. Two models that differ
// only in the middle of a large weight file therefore have the same digest, which no prediction can
// tell apart either. Errors: not_found, unreadable, system.
Result<StructureDigest> digest_of_structure(const std::string& path);

}  // namespace anecompat::evaluate
