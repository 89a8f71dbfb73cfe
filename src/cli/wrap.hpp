// Prose in a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace anecompat::cli {

// `text` broken at spaces into lines of at most `width` bytes (longer words stay whole), each but
// the first behind `indent` spaces; the first one is taken to begin at column `indent`. Ends with a
// line end.
std::string wrap(std::string_view text, std::size_t indent, std::size_t width = 100);

}  // namespace anecompat::cli
