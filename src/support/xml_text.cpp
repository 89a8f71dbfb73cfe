#include "support/xml_text.hpp"

#include "support/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace anecompat {

namespace {

enum class Place : std::uint8_t { text, attribute };

// What an ASCII character is written as; empty: as itself.
std::string_view reference(char c, Place place) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\r':
      return "&#13;";
    case '"':
      return place == Place::attribute ? "&quot;" : "";
    case '\'':
      return place == Place::attribute ? "&#39;" : "";
    case '\t':
      return place == Place::attribute ? "&#9;" : "";
    case '\n':
      return place == Place::attribute ? "&#10;" : "";
    default:
      return "";
  }
}

bool allowed_in_xml(std::uint32_t c) {
  return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

std::string escape(std::string_view raw, Place place) {
  const auto stripped = strip_ansi(raw);
  std::string_view text = stripped;
  std::string result;
  result.reserve(text.size() + text.size() / 8);
  while (!text.empty()) {
    const auto point = decode_utf8(text);
    if (point.length == 0 || !allowed_in_xml(point.value)) {
      result += "\uFFFD";
    } else if (point.length == 1 && point.value != 0x7F) {
      const auto written = reference(text[0], place);
      if (written.empty())
        result += text[0];
      else
        result += written;
    } else if (is_deceptive(point.value)) {
      fmt::format_to(std::back_inserter(result), "\\u{{{:x}}}", point.value);
    } else {
      result += text.substr(0, point.length);
    }
    text.remove_prefix(std::max<std::size_t>(point.length, 1));
  }
  return result;
}

}  // namespace

std::string xml_text(std::string_view text) {
  return escape(text, Place::text);
}

std::string xml_attribute(std::string_view text) {
  return escape(text, Place::attribute);
}

}  // namespace anecompat
