#include "coreml/mil_lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

namespace anecompat::coreml {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_begin(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_word(char c) {
  return is_word_begin(c) || is_digit(c) || c == '@' || c == '.';
}
bool is_blank(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

std::optional<unsigned> hex_digit(char c) {
  if (is_digit(c))
    return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f')
    return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F')
    return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

bool is_hex(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

// After "0x": digits, a point, a binary exponent.
std::optional<double> hex_real(std::string_view text) {
  double value = 0;
  int scale = 0;
  bool after_point = false;
  bool any = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '.' && !after_point) {
      after_point = true;
      continue;
    }
    const auto digit = hex_digit(text[at]);
    if (!digit)
      break;
    any = true;
    value = value * 16 + *digit;
    if (after_point && scale > -100'000)
      scale -= 4;
  }
  if (!any)
    return std::nullopt;
  if (at == text.size())
    return std::ldexp(value, scale);
  if (text[at] != 'p' && text[at] != 'P')
    return std::nullopt;
  auto exponent_text = text.substr(at + 1);
  if (!exponent_text.empty() && exponent_text.front() == '+')
    exponent_text.remove_prefix(1);
  int exponent = 0;
  const auto* end = exponent_text.data() + exponent_text.size();
  const auto parsed = std::from_chars(exponent_text.data(), end, exponent);
  if (parsed.ec != std::errc() || parsed.ptr != end)
    return std::nullopt;
  return std::ldexp(value, std::clamp(exponent, -100'000, 100'000) + scale);
}

// strtod wants a terminated text; the program never leaves the "C" locale.
std::optional<double> decimal_real(std::string_view text) {
  constexpr std::size_t k_longest = 63;
  std::array<char, k_longest + 1> buffer{};
  if (text.empty() || text.size() > k_longest || !(is_digit(text[0]) || text[0] == '.'))
    return std::nullopt;
  std::memcpy(buffer.data(), text.data(), text.size());
  char* end = nullptr;
  const double value = std::strtod(buffer.data(), &end);
  if (end != buffer.data() + text.size())
    return std::nullopt;
  return value;
}

}  // namespace

void MilLexer::advance() {
  m_last_end = m_cursor;
  skip_blanks();
  m_token.offset = m_cursor;
  if (m_cursor >= m_text.size())
    return take(MilToken::Kind::end, m_cursor);
  const char c = m_text[m_cursor];
  if (is_word_begin(c)) {
    auto end = m_cursor + 1;
    while (end < m_text.size() && is_word(m_text[end]))
      ++end;
    return take(MilToken::Kind::identifier, end);
  }
  const char next = m_cursor + 1 < m_text.size() ? m_text[m_cursor + 1] : '\0';
  if (c == '-' && next == '>')
    return take(MilToken::Kind::punctuation, m_cursor + 2);
  if (is_digit(c) || c == '-' || c == '+' || (c == '.' && is_digit(next)))
    return take(MilToken::Kind::number, end_of_number());
  if (c == '"') {
    const auto end = end_of_string(m_cursor + 1);
    if (end == std::string_view::npos)
      return take(MilToken::Kind::bad, m_text.size());
    m_token.kind = MilToken::Kind::string;
    m_token.text = m_text.substr(m_cursor + 1, end - m_cursor - 1);
    m_cursor = end + 1;
    return;
  }
  const bool known = std::string_view("()[]{}<>,;=?*:@#").find(c) != std::string_view::npos;
  take(known ? MilToken::Kind::punctuation : MilToken::Kind::bad, m_cursor + 1);
}

void MilLexer::take(MilToken::Kind kind, std::size_t end) {
  m_token.kind = kind;
  m_token.text = m_text.substr(m_cursor, end - m_cursor);
  m_cursor = end;
}

void MilLexer::skip_blanks() {
  while (m_cursor < m_text.size()) {
    if (is_blank(m_text[m_cursor])) {
      ++m_cursor;
    } else if (m_text.compare(m_cursor, 2, "//") == 0) {
      m_cursor = std::min(m_text.find('\n', m_cursor), m_text.size());
    } else if (m_text.compare(m_cursor, 2, "/*") == 0) {
      const auto end = m_text.find("*/", m_cursor + 2);
      m_cursor = end == std::string_view::npos ? m_text.size() : end + 2;
    } else {
      return;
    }
  }
}

std::size_t MilLexer::end_of_number() const {
  auto end = m_cursor + (m_text[m_cursor] == '-' || m_text[m_cursor] == '+' ? 1U : 0U);
  const bool hex = is_hex(m_text.substr(end, 3));
  while (end < m_text.size()) {
    const char c = m_text[end];
    const char before = m_text[end - 1];
    const bool sign_of_exponent =
        (c == '-' || c == '+') && end > m_cursor &&
        (before == 'p' || before == 'P' || (!hex && (before == 'e' || before == 'E')));
    if (!is_word(c) && !sign_of_exponent)
      break;
    ++end;
  }
  return end;
}

std::size_t MilLexer::end_of_string(std::size_t at) const {
  for (; at < m_text.size(); ++at) {
    if (m_text[at] == '"')
      return at;
    if (m_text[at] == '\\')
      ++at;
  }
  return std::string_view::npos;
}

bool MilLexer::skip_balanced() {
  std::size_t depth = 1;
  for (auto at = m_cursor; at < m_text.size(); ++at) {
    switch (m_text[at]) {
      case '(':
      case '[':
      case '{':
        ++depth;
        break;
      case ')':
      case ']':
      case '}':
        if (--depth == 0) {
          m_cursor = at + 1;
          advance();
          return true;
        }
        break;
      case '"':
        at = end_of_string(at + 1);
        if (at == std::string_view::npos)
          return false;
        break;
      default:
        break;
    }
  }
  return false;
}

TextPosition MilLexer::position(std::size_t offset) const {
  const auto before = m_text.substr(0, offset);
  const auto lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const auto line_begin = before.rfind('\n');
  const auto column = line_begin == std::string_view::npos ? offset : offset - line_begin - 1;
  return {.line = lines + 1, .column = column + 1};
}

std::optional<std::int64_t> mil_integer(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const int base = is_hex(text) ? 16 : 10;
  if (base == 16)
    text.remove_prefix(2);
  std::uint64_t magnitude = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, magnitude, base);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end)
    return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

std::optional<double> mil_real(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::optional<double> value;
  if (is_hex(text)) {
    value = hex_real(text.substr(2));
  } else if (text == "inf" || text == "infinity") {
    value = std::numeric_limits<double>::infinity();
  } else if (text == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    value = decimal_real(text);
  }
  return value && negative ? -*value : value;
}

}  // namespace anecompat::coreml
