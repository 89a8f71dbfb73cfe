// Reading and writing whole files.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace anecompat {

// The contents of a text file of at most `limit` bytes. Errors: not_found, unreadable, system.
Result<std::string> read_text_file(const std::string& path, std::uint64_t limit = 64U << 20U);

// Writes a file whole: to a temporary name beside it, synced, then renamed over it, so that nobody
// ever sees half of it. Makes missing parent directories. Errors: system.
Result<void> write_text_file(const std::string& path, std::string_view contents);

}  // namespace anecompat
