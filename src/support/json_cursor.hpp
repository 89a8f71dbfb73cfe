// Reading a JSON tree that somebody else wrote: typed access, and one error with its path.
#pragma once

#include "support/error.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anecompat {

// Remembers the first thing that is wrong; later ones usually follow from it.
class JsonProblem {
 public:
  bool found() const { return !m_message.empty(); }
  const std::string& message() const { return m_message; }
  void set(std::string message) {
    if (m_message.empty())
      m_message = std::move(message);
  }

 private:
  std::string m_message;
};

enum class Need : std::uint8_t { required, optional };

// A value and the way to it. Getters return a default after noting what is wrong, so that code that
// reads many members needs no check after each; keys nobody asks for are ignored, which lets newer
// programs add some. Cursors must not outlive their parents.
class JsonCursor {
 public:
  JsonCursor(const nlohmann::json& value, JsonProblem& problem)
      : m_value(&value), m_problem(&problem) {}
  // `value` stands at `parent`[index].
  JsonCursor(const nlohmann::json& value, const JsonCursor& parent, std::size_t index)
      : m_value(&value), m_problem(parent.m_problem), m_parent(&parent), m_index(index) {}

  // "entries[3].evaluations[0].level"
  std::string path() const;

  std::string text(const char* key, Need need) const;
  bool flag(const char* key) const;
  std::optional<double> real(const char* key) const;

  template <typename Integer>
  Integer integer(const char* key, Need need) const {
    const auto value = find(key, need);
    return value ? value->as_integer<Integer>() : Integer{};
  }

  // A word that `parse` knows.
  template <typename Enum>
  Enum word(const char* key, std::optional<Enum> (*parse)(std::string_view), Enum fallback) const {
    const auto value = find(key, Need::required);
    return value ? value->as_word(parse).value_or(fallback) : fallback;
  }

  // A cursor that stands at `key` below this one, whatever is there.
  JsonCursor member(const nlohmann::json& value, const char* key) const {
    JsonCursor cursor(value, *this, 0);
    cursor.m_key = key;
    return cursor;
  }
  // The member's cursor, unless it is absent, or null where it is optional.
  std::optional<JsonCursor> find(const char* key, Need need) const;
  std::optional<JsonCursor> object(const char* key, Need need) const;

  // Calls `read` with each element of an array; stops at the first problem.
  template <typename Read>
  void each(const char* key, Need need, Read read) const {
    const auto list = find(key, need);
    if (list)
      list->each(read);
  }
  template <typename Read>
  void each(Read read) const {
    if (!m_value->is_array()) {
      expected("a list");
      return;
    }
    for (std::size_t i = 0; i < m_value->size() && !m_problem->found(); ++i)
      read(JsonCursor((*m_value)[i], *this, i));
  }

  // One result per element.
  template <typename Read>
  auto list(const char* key, Need need, Read read) const {
    std::vector<decltype(read(*this))> result;
    each(key, need, [&](const JsonCursor& item) { result.push_back(read(item)); });
    return result;
  }

  template <typename Integer>
  Integer as_integer() const {
    using Limits = std::numeric_limits<Integer>;
    if (m_value->is_number_unsigned()) {
      const auto number = m_value->get<std::uint64_t>();
      if (number <= static_cast<std::uint64_t>(Limits::max()))
        return static_cast<Integer>(number);
    } else if (m_value->is_number_integer() && Limits::is_signed) {
      const auto number = m_value->get<std::int64_t>();
      if (number >= static_cast<std::int64_t>(Limits::min()))
        return static_cast<Integer>(number);
    } else if (!m_value->is_number_integer()) {
      expected("a whole number");
      return {};
    }
    wrong("the number is out of range");
    return {};
  }

  template <typename Enum>
  std::optional<Enum> as_word(std::optional<Enum> (*parse)(std::string_view)) const {
    const auto word = as_text();
    if (m_problem->found())
      return std::nullopt;
    const auto value = parse(word);
    if (!value)
      unknown_word(word);
    return value;
  }

  std::string as_text() const;
  const nlohmann::json& value() const { return *m_value; }

  void wrong(std::string_view message) const;
  void expected(std::string_view what) const;

 private:
  void unknown_word(std::string_view word) const;

  const nlohmann::json* m_value;
  JsonProblem* m_problem;
  const JsonCursor* m_parent = nullptr;
  const char* m_key = nullptr;
  std::size_t m_index = 0;
};

}  // namespace anecompat
