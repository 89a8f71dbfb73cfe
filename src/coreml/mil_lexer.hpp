// Tokens of MIL text.
#pragma once

#include "support/error.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace anecompat::coreml {

struct MilToken {
  enum class Kind : std::uint8_t {
    end,
    identifier,   // also with dots and '@': "ios17.conv"
    number,       // as written: "-0x1.8p-3", "12", "-inf"
    string,       // between the quotes, escapes as written
    punctuation,  // one character, or "->"
    bad           // a character or a string that no token begins with or ends
  };

  Kind kind = Kind::end;
  std::string_view text = {};
  std::size_t offset = 0;  // where it begins, a string at its quote

  bool is(char punctuation) const {
    return kind == Kind::punctuation && text.size() == 1 && text[0] == punctuation;
  }
  bool is_arrow() const { return kind == Kind::punctuation && text.size() == 2; }
  bool is_word(std::string_view word) const { return kind == Kind::identifier && text == word; }
};

// Walks a MIL text token by token. White space, // and /* */ comments separate tokens.
class MilLexer {
 public:
  explicit MilLexer(std::string_view text, std::size_t offset = 0)
      : m_text(text), m_cursor(offset) {
    advance();
  }

  const MilToken& token() const { return m_token; }
  void advance();
  // Where the token before this one ended.
  std::size_t last_end() const { return m_last_end; }
  std::string_view text() const { return m_text; }

  // With the token an opening bracket: moves past everything up to and including the bracket that
  // closes it, without making tokens. False, on the same token, when nothing closes it.
  bool skip_balanced();

  TextPosition position(std::size_t offset) const;

 private:
  void skip_blanks();
  void take(MilToken::Kind kind, std::size_t end);
  std::size_t end_of_number() const;
  // The offset of the quote that ends the string that begins after `at`, or npos.
  std::size_t end_of_string(std::size_t at) const;

  std::string_view m_text;
  std::size_t m_cursor;
  std::size_t m_last_end = 0;
  MilToken m_token;
};

// The number in a token, whatever its form; nullopt when it is none. Whole numbers outside int64
// wrap as unsigned ones do, and are refused beyond 64 bits.
std::optional<std::int64_t> mil_integer(std::string_view text);
std::optional<double> mil_real(std::string_view text);

}  // namespace anecompat::coreml
