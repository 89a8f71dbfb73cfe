#include "support/markdown.hpp"

#include "support/text.hpp"
#include "support/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace anecompat {

namespace {

// Renders as nothing and keeps "@name", "#1" and "http://" from being found after rendering, where
// a backslash is of no use any more.
constexpr std::string_view k_break = "&#8203;";

std::string one_line(std::string_view text) {
  auto result = strip_ansi(text);
  for (auto& c : result) {
    if (c == '\n' || c == '\r' || c == '\t')
      c = ' ';
  }
  return printable(result);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Characters that start something only at the beginning of a line, where our text may end up as
// the whole content of a list item.
bool starts_a_block(std::string_view text, std::size_t i) {
  if (i == 0)
    return text[0] == '-' || text[0] == '+' || text[0] == '=' || text[0] == ':';
  const auto digits = text.find_first_not_of("0123456789");
  return digits == i && is_digit(text[0]) && (text[i] == '.' || text[i] == ')');
}

std::size_t longest_run(std::string_view text, char wanted) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == wanted ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// What has to be written to end a document after `line`.
class OpenBlocks {
 public:
  void take(std::string_view line) {
    const auto ticks = line.find_first_not_of('`') == std::string_view::npos
                           ? line.size()
                           : line.find_first_not_of('`');
    if (!m_fence.empty()) {
      if (ticks >= m_fence.size() && ticks == line.size())
        m_fence.clear();
      return;
    }
    if (ticks >= 3)
      m_fence = std::string(line.substr(0, ticks));
    if (line.starts_with("<details"))
      ++m_details;
    if (line.starts_with("</details>") && m_details > 0)
      --m_details;
  }

  std::string closing() const {
    std::string text;
    if (!m_fence.empty())
      text += m_fence + "\n";
    for (std::size_t i = 0; i < m_details; ++i)
      text += "\n</details>\n";
    return text;
  }

 private:
  std::string m_fence;
  std::size_t m_details = 0;
};

}  // namespace

std::string markdown_text(std::string_view raw) {
  const auto text = one_line(raw);
  std::string result;
  result.reserve(text.size() + text.size() / 4);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest(text.data() + i, text.size() - i);
    switch (text[i]) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '|':
        result += "&#124;";
        break;
      case '@':
        result += fmt::format("@{}", k_break);
        break;
      case '#':
        result += fmt::format("\\#{}", k_break);
        break;
      case '\\':
      case '`':
      case '*':
      case '_':
      case '[':
      case ']':
      case '~':
      case '$':
      case '!':
        result += '\\';
        result += text[i];
        break;
      default:
        if (starts_a_block(text, i))
          result += '\\';
        result += text[i];
        // "https://", "www." and "GH-1" are links without any markup.
        if (rest.starts_with("://"))
          result += k_break;
        else if (i >= 2 && text[i] == 'w' && text[i - 1] == 'w' && text[i - 2] == 'w')
          result += k_break;
        else if (rest.starts_with("H-") && i >= 1 && text[i - 1] == 'G')
          result += k_break;
    }
  }
  return result;
}

std::string markdown_code(std::string_view raw) {
  const auto text = one_line(raw);
  if (text.empty())
    return {};
  // Table cells are split at pipes before code spans are found, and backslashes before them count.
  if (text.find('|') != std::string::npos)
    return fmt::format("<code>{}</code>", markdown_text(text));
  const std::string fence(longest_run(text, '`') + 1, '`');
  const bool pad =
      text.front() == '`' || text.back() == '`' || (text.front() == ' ' && text.back() == ' ');
  const std::string_view space = pad ? " " : "";
  return fmt::format("{}{}{}{}{}", fence, space, text, space, fence);
}

std::string markdown_block(std::string_view text) {
  const std::string fence(std::max<std::size_t>(3, longest_run(text, '`') + 1), '`');
  std::string body;
  for (const auto line : split(text, '\n'))
    body += printable(strip_ansi(line)) + "\n";
  return fmt::format("{}text\n{}{}\n", fence, body, fence);
}

std::string markdown_cut(std::string_view markdown, std::size_t limit, std::string_view note) {
  if (markdown.size() <= limit)
    return std::string(markdown);
  OpenBlocks open;
  std::size_t kept = 0;
  std::string ending;
  for (std::size_t begin = 0; begin < markdown.size();) {
    const auto end = markdown.find('\n', begin);
    if (end == std::string_view::npos)
      break;
    open.take(markdown.substr(begin, end - begin));
    auto closing = fmt::format("{}\n{}\n", open.closing(), note);
    if (end + 1 + closing.size() > limit)
      break;
    kept = end + 1;
    ending = std::move(closing);
    begin = end + 1;
  }
  if (kept == 0)
    return cut_to_bytes(note, limit);
  return std::string(markdown.substr(0, kept)) + ending;
}

}  // namespace anecompat
