// UTF-8 text: decoding, cleaning, and how wide it is on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace anecompat {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t length = 0;  // bytes; 0: not valid UTF-8 here
};

// The first character of `text`, which may be empty.
CodePoint decode_utf8(std::string_view text);

// Control characters, and characters that hide text or turn its direction around.
bool is_deceptive(std::uint32_t code_point);

// `text` without terminal escape sequences (CSI, OSC, two-character ones; 7-bit and C1 forms).
std::string strip_ansi(std::string_view text);

// Columns that `text` takes on a terminal: 2 for East Asian wide characters and emoji, 0 for
// combining marks.
std::size_t display_width(std::string_view text);

// `text` cut to `columns` with "…" at its end, or in its middle.
std::string fit_end(std::string_view text, std::size_t columns);
std::string fit_middle(std::string_view text, std::size_t columns);

// `text` cut to at most `bytes` at a character boundary, "…" included.
std::string cut_to_bytes(std::string_view text, std::size_t bytes);

}  // namespace anecompat
