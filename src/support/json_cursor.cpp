#include "support/json_cursor.hpp"

#include "support/text.hpp"
#include "support/unicode.hpp"

#include <fmt/format.h>

#include <cmath>

namespace anecompat {

std::string JsonCursor::path() const {
  if (m_parent == nullptr)
    return {};
  auto before = m_parent->path();
  if (m_key == nullptr)
    return fmt::format("{}[{}]", before, m_index);
  return before.empty() ? m_key : fmt::format("{}.{}", before, m_key);
}

void JsonCursor::wrong(std::string_view message) const {
  const auto where = path();
  m_problem->set(where.empty() ? std::string(message) : fmt::format("{}: {}", where, message));
}

void JsonCursor::expected(std::string_view what) const {
  wrong(fmt::format("must be {}, not {}", what, m_value->type_name()));
}

void JsonCursor::unknown_word(std::string_view word) const {
  constexpr std::size_t k_shown = 40;
  wrong(fmt::format("unknown value \"{}\"", printable(cut_to_bytes(word, k_shown))));
}

std::optional<JsonCursor> JsonCursor::find(const char* key, Need need) const {
  if (!m_value->is_object()) {
    expected("an object");
    return std::nullopt;
  }
  const auto found = m_value->find(key);
  if (found == m_value->end() || (found->is_null() && need == Need::optional)) {
    if (need == Need::required)
      wrong(fmt::format("\"{}\" is missing", key));
    return std::nullopt;
  }
  return member(*found, key);
}

std::optional<JsonCursor> JsonCursor::object(const char* key, Need need) const {
  auto member = find(key, need);
  if (member && !member->m_value->is_object()) {
    member->expected("an object");
    return std::nullopt;
  }
  return member;
}

std::string JsonCursor::as_text() const {
  if (const auto* text = m_value->get_ptr<const std::string*>())
    return *text;
  expected("text");
  return {};
}

std::string JsonCursor::text(const char* key, Need need) const {
  const auto member = find(key, need);
  return member ? member->as_text() : std::string();
}

bool JsonCursor::flag(const char* key) const {
  const auto member = find(key, Need::optional);
  if (!member)
    return false;
  if (const auto* value = member->m_value->get_ptr<const bool*>())
    return *value;
  member->expected("true or false");
  return false;
}

std::optional<double> JsonCursor::real(const char* key) const {
  const auto member = find(key, Need::optional);
  if (!member)
    return std::nullopt;
  if (!member->m_value->is_number()) {
    member->expected("a number");
    return std::nullopt;
  }
  const auto value = member->m_value->get<double>();
  if (!std::isfinite(value) || value < 0)
    member->wrong("the number is out of range");
  return value;
}

}  // namespace anecompat
