// Unpacking archives of models.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <string>

namespace anecompat::source {

// What an archive may unpack to. Far more than any model needs; a bomb runs into it at once.
struct ArchiveLimits {
  std::uint64_t max_bytes = 32ULL << 30U;
  std::uint64_t max_entries = 100'000;
  // Unpacked size over packed size; applied beyond the first `ratio_free_bytes`.
  std::uint64_t max_ratio = 200;
  std::uint64_t ratio_free_bytes = 64ULL << 20U;
};

// Whether the file starts like an archive this program unpacks: zip, or tar, gzip-compressed or
// not. Errors: system.
Result<bool> is_archive(const std::string& path);

// Unpacks into `directory`, which must be new and empty. Refuses the archive as a whole when an
// entry has an absolute path, `..`, a path through another entry that is no directory, or is a link
// or a device; macOS's resource-fork entries (__MACOSX, ._name) are left out. Errors: unreadable,
// system.
Result<void> unpack_archive(const std::string& path, const std::string& directory,
                            const ArchiveLimits& limits = {});

// The one model below a directory of unpacked files: an .mlpackage or .mlmodelc (by name or
// contents) or an .mlmodel(.gz) or .mil file. Errors: unreadable, when there is none or more than
// one.
Result<std::string> find_only_model(const std::string& directory);

}  // namespace anecompat::source
