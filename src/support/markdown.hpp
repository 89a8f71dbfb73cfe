// Any bytes as GitHub-flavoured Markdown. The only place where Markdown is escaped.
#pragma once

#include <string>
#include <string_view>

namespace anecompat {

// One line of prose that means nothing but itself: no markup, HTML, table cell end, mention, issue
// reference, link or math. Line ends become spaces. Safe in a table cell.
std::string markdown_text(std::string_view text);

// A code span, one line. Safe in a table cell.
std::string markdown_code(std::string_view text);

// A fenced block, with a fence longer than any run of backticks inside. Ends with a line end.
std::string markdown_block(std::string_view text);

// `markdown` (written by us, with one construct per line) cut after the last line that lets it fit
// into `limit` bytes together with `note` and whatever closes the fences and <details> still open.
std::string markdown_cut(std::string_view markdown, std::size_t limit, std::string_view note);

}  // namespace anecompat
