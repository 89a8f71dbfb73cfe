// SHA-256, from the system's own library.
#pragma once

#include <string>
#include <string_view>

namespace anecompat {

// The digest of `bytes` as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace anecompat
