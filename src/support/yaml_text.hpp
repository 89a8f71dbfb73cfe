// The text of a YAML file by itself: its characters, its lines, and what the parser says of it.
#pragma once

#include "support/error.hpp"
#include "support/strict_yaml.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::yaml {

inline constexpr std::string_view k_tab_message =
    "the indentation has a tab, which YAML does not allow";
inline constexpr std::string_view k_tab_advice = "indent with spaces";

// As people count: from 1; unknown for a mark that is none.
TextPosition position_of(const YAML::Mark& mark);

// The text cut into lines, to look at what stands before a node.
class Lines {
 public:
  explicit Lines(std::string_view text);

  // Whether a quoted text that starts here ends before the file does. The parser does not mind when
  // the last line ends first.
  bool quote_is_closed(TextPosition position) const;
  // Where the first tab of the line's indentation is; nullopt when there is none.
  std::optional<TextPosition> indenting_tab(std::size_t line) const;
  bool starts_line(TextPosition position) const;

 private:
  std::size_t first_word(std::size_t line) const;

  std::string_view m_text;
  std::vector<std::string_view> m_lines;
};

// Adds what the parser complains about, in words for somebody who looks at the file.
void add_syntax_error(const YAML::ParserException& exception, const Lines& lines,
                      Problems& problems);

// Refuses bytes that are no text; the rest of the file cannot be trusted then.
bool check_characters(std::string_view text, Problems& problems);

// Without byte order mark, with lines that end in \n only.
std::string normalized(std::string_view text);

}  // namespace anecompat::yaml
