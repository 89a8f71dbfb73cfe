#include "coreml/json_file.hpp"

#include "support/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace anecompat::coreml {

namespace {

constexpr int k_max_depth = 64;

TextPosition position_of(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const auto line_begin = before.rfind('\n');
  const auto column = line_begin == std::string_view::npos ? offset : offset - line_begin - 1;
  return {.line = lines + 1, .column = column + 1};
}

// Where brackets nest too deeply, or npos.
std::size_t too_deep_at(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > k_max_depth)
        return i;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return std::string_view::npos;
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text) {
  if (const auto at = too_deep_at(text); at != std::string_view::npos)
    return fail({.message = "JSON nested too deeply", .position = position_of(text, at)});
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const auto at = error.byte == 0 ? 0 : error.byte - 1;
    if (at >= text.size())
      return fail(
          {.message = "JSON that ends too early", .position = position_of(text, text.size())});
    return fail({.message = "not valid JSON", .position = position_of(text, at)});
  } catch (const nlohmann::json::exception& error) {
    return fail({.message = "not valid JSON: " + printable(error.what())});
  }
}

std::string json_string(const nlohmann::json& object, const char* key) {
  if (!object.is_object())
    return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace anecompat::coreml
