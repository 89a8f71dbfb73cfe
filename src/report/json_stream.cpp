#include "report/json_stream.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace anecompat::report {

namespace {

using Json = nlohmann::json;

TextPosition position_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, std::min(offset, text.size()));
  const auto line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
          .column = before.size() - line_begin + 1};
}

struct Slice {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Where the elements of the list are. Only brackets and quotes are looked at: what is between them
// is for the parser to judge.
class Scanner {
 public:
  enum class Outcome : std::uint8_t { ok, too_deep, unbalanced };

  Scanner(std::string_view text, std::string_view key) : m_text(text), m_key(key) {}

  Outcome scan(std::size_t deepest) {
    for (; m_at < m_text.size(); ++m_at) {
      switch (m_text[m_at]) {
        case '"':
          string();
          break;
        case '{':
        case '[':
          open();
          if (m_depth > deepest)
            return Outcome::too_deep;
          break;
        case '}':
        case ']':
          if (m_in_list && m_depth == 2 && m_text[m_at] == '}')
            return Outcome::unbalanced;
          close();
          break;
        case ',':
          if (m_in_list && m_depth == 2)
            end_element();
          break;
        default:
          break;
      }
    }
    return m_in_list ? Outcome::unbalanced : Outcome::ok;
  }

  struct List {
    Slice inside;
    std::vector<Slice> elements;
  };
  std::vector<List> lists;

 private:
  void string() {
    const auto begin = m_at + 1;
    auto end = begin;
    while (end < m_text.size() && m_text[end] != '"')
      end += m_text[end] == '\\' ? 2U : 1U;
    m_at = std::min(end, m_text.size());
    if (m_depth == 1)
      m_last = m_text.substr(begin, m_at - begin);
  }

  void open() {
    ++m_depth;
    if (m_depth != 2 || m_in_list || m_text[m_at] != '[' || m_last != m_key)
      return;
    m_in_list = true;
    lists.push_back({.inside = {m_at + 1, m_at + 1}, .elements = {}});
    m_element = m_at + 1;
  }

  void close() {
    if (m_in_list && m_depth == 2) {
      auto& list = lists.back();
      list.inside.end = m_at;
      const auto rest = m_text.substr(m_element, m_at - m_element);
      if (!list.elements.empty() || rest.find_first_not_of(" \t\r\n") != std::string_view::npos)
        end_element();
      m_in_list = false;
      m_last = {};
    }
    if (m_depth > 0)
      --m_depth;
  }

  void end_element() {
    lists.back().elements.push_back({m_element, m_at});
    m_element = m_at + 1;
  }

  std::string_view m_text;
  std::string_view m_key;
  std::size_t m_at = 0;
  std::size_t m_depth = 0;
  std::string_view m_last;  // string in the outermost object
  bool m_in_list = false;
  std::size_t m_element = 0;
};

Error unreadable(const JsonStream& stream, std::string message, TextPosition position = {}) {
  return {.kind = ErrorKind::unreadable,
          .message = std::move(message),
          .file = stream.name,
          .position = position,
          .advice = stream.advice};
}

// Where the parser gives up on a text that cannot be valid; it keeps nothing of it.
Error first_mistake(std::string_view text, const JsonStream& stream) {
  try {
    const auto nothing = [](int /*depth*/, Json::parse_event_t /*event*/, Json& /*value*/) {
      return false;
    };
    (void)Json::parse(text, nothing);
  } catch (const Json::parse_error& error) {
    return unreadable(stream, "is not valid JSON",
                      position_of(text, error.byte == 0 ? 0 : error.byte - 1));
  } catch (const Json::exception&) {
    return unreadable(stream, "is not valid JSON: a number is out of range");
  }
  return unreadable(stream, "is not valid JSON");
}

// `offset` of what is parsed in the whole text, from a place in it on.
template <typename Offset>
Result<Json> parse(std::string_view text, std::string_view whole, const JsonStream& stream,
                   Offset offset) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const auto byte = error.byte == 0 ? 0 : error.byte - 1;
    return fail(unreadable(stream, "is not valid JSON", position_of(whole, offset(byte))));
  } catch (const Json::exception&) {
    return fail(unreadable(stream, "is not valid JSON: a number is out of range"));
  }
}

}  // namespace

Result<Json> read_json_stream(std::string_view text, const JsonStream& stream) {
  if (text.size() > stream.largest) {
    return fail(
        unreadable(stream, fmt::format("has {}, more than the {} it may have",
                                       human_bytes(text.size()), human_bytes(stream.largest))));
  }
  Scanner scanner(text, stream.list);
  const auto outcome = scanner.scan(stream.deepest);
  if (outcome == Scanner::Outcome::unbalanced)
    return fail(first_mistake(text, stream));
  if (outcome == Scanner::Outcome::too_deep)
    return fail(unreadable(stream, fmt::format("nests deeper than {} levels", stream.deepest)));

  std::string frame;
  std::size_t copied = 0;
  for (const auto& list : scanner.lists) {
    frame += text.substr(copied, list.inside.begin - copied);
    copied = list.inside.end;
  }
  frame += text.substr(copied);
  const auto in_whole = [&](std::size_t byte) {
    for (const auto& list : scanner.lists) {
      if (byte < list.inside.begin)
        break;
      byte += list.inside.end - list.inside.begin;
    }
    return byte;
  };
  ANECOMPAT_TRY_ASSIGN(auto json, parse(frame, text, stream, in_whole));

  std::size_t index = 0;
  for (const auto& list : scanner.lists) {
    for (const auto& slice : list.elements) {
      const auto part = text.substr(slice.begin, slice.end - slice.begin);
      ANECOMPAT_TRY_ASSIGN(const auto element, parse(part, text, stream, [&](std::size_t byte) {
                             return slice.begin + byte;
                           }));
      stream.take(element, index++);
    }
  }
  return json;
}

}  // namespace anecompat::report
