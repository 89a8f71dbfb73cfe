#include "github/workflow_commands.hpp"

#include "support/text.hpp"
#include "support/unicode.hpp"

#include <fmt/format.h>

namespace anecompat::github {

namespace {

std::string_view command_name(AnnotationLevel level) {
  switch (level) {
    case AnnotationLevel::notice:
      return "notice";
    case AnnotationLevel::warning:
      return "warning";
    case AnnotationLevel::error:
      return "error";
  }
  return "error";
}

// The old command form "##[name]" is recognised anywhere in a line.
void replace_old_commands(std::string& text) {
  for (auto at = text.find("##["); at != std::string::npos; at = text.find("##[", at))
    text.insert(at + 2, "\\");
}

std::string clean_lines(std::string_view text) {
  std::string result;
  for (const auto line : split(text, '\n')) {
    if (!result.empty())
      result += '\n';
    result += printable(strip_ansi(line));
  }
  replace_old_commands(result);
  return result;
}

}  // namespace

std::string escape_data(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '%':
        result += "%25";
        break;
      case '\r':
        result += "%0D";
        break;
      case '\n':
        result += "%0A";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string escape_property(std::string_view text) {
  const auto data = escape_data(text);
  std::string result;
  result.reserve(data.size());
  for (const char c : data) {
    if (c == ':')
      result += "%3A";
    else if (c == ',')
      result += "%2C";
    else
      result += c;
  }
  return result;
}

std::string to_command(const Annotation& annotation) {
  std::string properties;
  const auto add = [&](std::string_view name, std::string_view value) {
    properties +=
        fmt::format("{}{}={}", properties.empty() ? " " : ",", name, escape_property(value));
  };
  if (!annotation.file.empty())
    add("file", clean_lines(annotation.file));
  if (!annotation.file.empty() && annotation.line != 0)
    add("line", fmt::format("{}", annotation.line));
  if (!annotation.title.empty())
    add("title", clean_lines(annotation.title));
  return fmt::format("::{}{}::{}\n", command_name(annotation.level), properties,
                     escape_data(cut_to_bytes(clean_lines(annotation.message), k_message_limit)));
}

std::string scrub_commands(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool line_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // The runner trims lines before it looks.
    if (line_start && text.substr(i).starts_with("::"))
      result += '\\';
    if (text[i] == '\n' || text[i] == '\r')
      line_start = true;
    else if (text[i] != ' ' && text[i] != '\t')
      line_start = false;
    result += text[i];
  }
  replace_old_commands(result);
  return result;
}

}  // namespace anecompat::github
