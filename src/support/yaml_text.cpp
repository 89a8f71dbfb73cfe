#include "support/yaml_text.hpp"

#include "support/text.hpp"
#include "support/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace anecompat::yaml {

namespace {

struct Translation {
  std::string_view theirs;
  std::string_view ours;
  std::string_view advice;
};

// What the parser's words mean to somebody who looks at his file.
constexpr std::array k_translations = {
    Translation{"end of map not found", "this does not continue the keys above it",
                "check the indentation and that the line is `key: value`"},
    Translation{"end of sequence not found", "this does not continue the list above it",
                "check the indentation and that the line starts with `- `"},
    Translation{"end of map flow not found", "the map opened with { is not closed before this",
                "add the missing } or comma"},
    Translation{"end of sequence flow not found",
                "the list opened with [ is not closed before this", "add the missing ] or comma"},
    Translation{"illegal map value", "a `: ` cannot stand here",
                "check the indentation, or put the text in quotes"},
    Translation{"illegal block entry", "a list item (`- `) cannot stand here",
                "put it on a line of its own with the indentation of its list"},
    Translation{"illegal flow end", "a closing ] or } has no opening one", ""},
    Translation{"illegal map key", "a key cannot stand here", "check the indentation"},
    Translation{"illegal EOF in scalar", "a quote is never closed", "add the closing quote"},
    Translation{"illegal document indicator in scalar", "a quote is not closed before this line",
                "add the closing quote"},
    Translation{"the referenced anchor is not defined", "the alias names no anchor above it", ""},
    Translation{"unknown token", "this character cannot start a value", "put the text in quotes"},
};

bool is_control(std::uint32_t c) {
  return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7F && c < 0xA0);
}

}  // namespace

TextPosition position_of(const YAML::Mark& mark) {
  if (mark.is_null())
    return {};
  return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
}

Lines::Lines(std::string_view text) : m_text(text), m_lines(split(text, '\n')) {}

bool Lines::quote_is_closed(TextPosition position) const {
  auto rest =
      m_text.substr(static_cast<std::size_t>(m_lines[position.line - 1].data() - m_text.data()));
  rest.remove_prefix(position.column - 1);
  while (rest.starts_with('&') || rest.starts_with('!')) {
    rest.remove_prefix(std::min(rest.find_first_of(" \t\n"), rest.size()));
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\n"), rest.size()));
  }
  if (rest.empty() || (rest[0] != '"' && rest[0] != '\''))
    return true;  // a block
  const auto quote = rest[0];
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (quote == '"' && rest[i] == '\\')
      ++i;
    else if (quote == '\'' && rest.substr(i, 2) == "''")
      ++i;
    else if (rest[i] == quote)
      return true;
  }
  return false;
}

std::optional<TextPosition> Lines::indenting_tab(std::size_t line) const {
  if (line == 0 || line > m_lines.size())
    return std::nullopt;
  const auto indentation = m_lines[line - 1].substr(0, first_word(line));
  const auto tab = indentation.find('\t');
  if (tab == std::string_view::npos || first_word(line) == m_lines[line - 1].size())
    return std::nullopt;
  return TextPosition{line, tab + 1};
}

bool Lines::starts_line(TextPosition position) const {
  return position.known() && position.line <= m_lines.size() &&
         first_word(position.line) + 1 == position.column;
}

std::size_t Lines::first_word(std::size_t line) const {
  const auto found = m_lines[line - 1].find_first_not_of(" \t");
  return found == std::string_view::npos ? m_lines[line - 1].size() : found;
}

void add_syntax_error(const YAML::ParserException& exception, const Lines& lines,
                      Problems& problems) {
  const auto position = position_of(exception.mark);
  // The parser stumbles over a tab only later, and says something else.
  for (const auto line : {position.line, position.line - 1}) {
    if (const auto tab = lines.indenting_tab(line)) {
      problems.add(*tab, std::string(k_tab_message), std::string(k_tab_advice));
      return;
    }
  }
  const auto* found = std::ranges::find_if(k_translations, [&](const Translation& row) {
    return std::string_view(exception.msg).substr(0, row.theirs.size()) == row.theirs;
  });
  if (found != k_translations.end())
    problems.add(position, fmt::format("is not valid YAML: {}", found->ours),
                 std::string(found->advice));
  else
    problems.add(position, fmt::format("is not valid YAML: {}", printable(exception.msg)));
}

bool check_characters(std::string_view text, Problems& problems) {
  TextPosition position{1, 1};
  while (!text.empty()) {
    const auto point = decode_utf8(text);
    if (point.length == 0) {
      problems.add(
          position,
          fmt::format("the byte 0x{:02x} is not valid UTF-8", static_cast<unsigned char>(text[0])),
          "save the file as UTF-8");
      return false;
    }
    if (is_control(point.value)) {
      problems.add(
          position,
          fmt::format("has the control character {}", printable(text.substr(0, point.length))),
          point.value == 0 ? "save the file as UTF-8" : "remove it");
      return false;
    }
    if (point.value == '\n')
      position = {position.line + 1, 1};
    else
      position.column += point.length;
    text.remove_prefix(point.length);
  }
  return true;
}

std::string normalized(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF"))
    text.remove_prefix(3);
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n')
      result += text[i];
  }
  return result;
}

}  // namespace anecompat::yaml
