// Helpers for words and lines.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat {

// `text` fit for a terminal or a log line: control characters (C0, DEL, C1), invalid UTF-8 and
// bidirectional overrides become \xNN or \u{N}; everything else stays. Names from models and
// manifests go through this before they are printed.
std::string printable(std::string_view text);

// The candidate that `word` was most likely meant to be, if one is close enough to say so
// (edit distance at most a third of the word's length, at least one, case ignored).
std::optional<std::string_view> did_you_mean(std::string_view word,
                                             std::span<const std::string_view> candidates);

// Shell-style match of a whole text: `*` any run without `/`, `**` any run, `?` one character but
// `/`,
// `[a-z]` and `[!a-z]` classes, `\` escapes. Linear-time per star, so hostile patterns cannot hang
// it.
bool glob_match(std::string_view pattern, std::string_view text);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view text);  // ASCII only
std::string join(std::span<const std::string> parts, std::string_view separator);

// "1 op", "2 ops".
std::string counted(std::uint64_t count, std::string_view noun);
// "512 B", "1.5 MB" (powers of 1000).
std::string human_bytes(std::uint64_t bytes);
// `text` cut to at most `width` bytes at a character boundary with "…" in the middle.
std::string elide_middle(std::string_view text, std::size_t width);

}  // namespace anecompat
