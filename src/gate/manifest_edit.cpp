#include "gate/manifest_edit.hpp"

#include "support/date.hpp"
#include "support/strict_yaml.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace anecompat::gate {

namespace {

using manifest::Suppression;

constexpr std::string_view k_key = "suppressions";

// In double quotes, where nothing means anything but itself.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (c == '\n')
      out += "\\n";
    else if (byte < ' ' || byte == 0x7F)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out + "\"";
}

std::vector<std::string> members(const Suppression& suppression) {
  std::vector<std::string> lines;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty())
      lines.push_back(fmt::format("{}: {}", key, quoted(value)));
  };
  if (!suppression.rule.empty())
    lines.push_back("rule: " + suppression.rule);
  add("model", suppression.model);
  if (!suppression.target.empty())
    lines.push_back("target: " + suppression.target);
  add("op", suppression.op);
  add("fingerprint", suppression.fingerprint);
  add("reason", suppression.reason);
  add("owner", suppression.owner);
  lines.push_back("expires: " + to_string(suppression.expires));
  return lines;
}

std::string as_flow(const Suppression& suppression) {
  const auto lines = members(suppression);
  return "{" + join(lines, ", ") + "}";
}

std::string as_block(const Suppression& suppression, std::size_t indent, std::string_view newline) {
  std::string out;
  bool first = true;
  for (const auto& line : members(suppression)) {
    out.append(indent, ' ');
    out += std::exchange(first, false) ? "- " : "  ";
    (out += line) += newline;
  }
  return out;
}

// The text by lines, each with its end.
class Lines {
 public:
  explicit Lines(std::string_view text) : m_text(text) {
    for (std::size_t at = 0; at < text.size();) {
      m_begins.push_back(at);
      const auto end = text.find('\n', at);
      at = end == std::string_view::npos ? text.size() : end + 1;
    }
  }

  std::size_t count() const { return m_begins.size(); }
  std::size_t begin(std::size_t line) const {
    return line < m_begins.size() ? m_begins[line] : m_text.size();
  }
  std::string_view at(std::size_t line) const {
    return m_text.substr(begin(line), begin(line + 1) - begin(line));
  }
  bool has_content(std::size_t line) const {
    const auto text = trim(at(line));
    return !text.empty() && text.front() != '#';
  }
  std::size_t indent(std::size_t line) const { return at(line).find_first_not_of(' '); }

 private:
  std::string_view m_text;
  std::vector<std::size_t> m_begins;
};

// Past the quoted scalar that begins at `at`.
std::size_t after_quotes(std::string_view text, std::size_t at) {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    const bool doubled = quote == '\'' && text.substr(at, 2) == "''";
    if ((quote == '"' && text[at] == '\\') || doubled)
      ++at;
    else if (text[at] == quote)
      break;
  }
  return at;
}

// Where the bracket that opens at `at` closes. A quote opens a scalar only where one may begin.
std::optional<std::size_t> closing_bracket(std::string_view text, std::size_t at) {
  std::size_t depth = 0;
  char before = ' ';  // the last character that is no blank
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if ((c == '"' || c == '\'') && std::string_view("[{,: ").find(before) != std::string_view::npos)
      at = after_quotes(text, at);
    else if (c == '#' && (text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == '\t'))
      at = std::min(text.find('\n', at), text.size()) - 1;
    else if (c == '[' || c == '{')
      ++depth;
    else if ((c == ']' || c == '}') && --depth == 0)
      return at;
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
      before = c;
  }
  return std::nullopt;
}

class Editor {
 public:
  Editor(std::string_view text, const Suppression& suppression)
      : m_text(text),
        m_lines(text),
        m_newline(text.find("\r\n") != std::string_view::npos ? "\r\n" : "\n"),
        m_suppression(suppression) {}

  // Nullopt where the layout is not understood.
  std::optional<std::string> edit(const yaml::Node& document) const {
    const auto key = std::ranges::find(document.keys, k_key, &yaml::Key::text);
    if (key == document.keys.end())
      return appended();
    const auto& value = document.items[static_cast<std::size_t>(key - document.keys.begin())];
    const auto key_line = key->position.line - 1;
    if (value.kind == yaml::Node::Kind::list && !value.items.empty())
      return is_flow(value) ? into_flow(value) : after_last(value);
    return in_place_of_nothing(key_line);
  }

 private:
  std::string inserted(std::size_t at, const std::string& addition) const {
    return std::string(m_text.substr(0, at)) + addition + std::string(m_text.substr(at));
  }

  std::string new_list() const {
    return fmt::format("{}:{}{}", k_key, m_newline, as_block(m_suppression, 2, m_newline));
  }

  std::string appended() const {
    const bool ends = m_text.empty() || m_text.ends_with('\n');
    return inserted(m_text.size(), (ends ? "" : m_newline) + m_newline + new_list());
  }

  std::size_t offset_of(const TextPosition& position) const {
    return m_lines.begin(position.line - 1) + position.column - 1;
  }

  bool is_flow(const yaml::Node& list) const {
    const auto at = offset_of(list.position);
    return at < m_text.size() && m_text[at] == '[';
  }

  std::optional<std::string> into_flow(const yaml::Node& list) const {
    const auto end = closing_bracket(m_text, offset_of(list.position));
    if (!end)
      return std::nullopt;
    auto at = m_text.find_last_not_of(" \t\r\n", *end - 1) + 1;
    const bool comma = m_text[at - 1] == ',';
    return inserted(at, (comma ? " " : ", ") + as_flow(m_suppression));
  }

  // A block list ends before the first line that is indented less than its items, or as much
  // without being one; comments there belong to what follows.
  std::optional<std::string> after_last(const yaml::Node& list) const {
    const auto first = list.items.front().position.line - 1;
    auto dash_line = first;
    while (dash_line > 0 && trim(m_lines.at(dash_line)).substr(0, 1) != "-")
      --dash_line;
    const auto indent = m_lines.indent(dash_line);
    if (indent == std::string_view::npos || m_lines.at(dash_line).substr(indent, 1) != "-")
      return std::nullopt;
    auto last = dash_line;
    for (auto line = dash_line; line < m_lines.count(); ++line) {
      if (!m_lines.has_content(line))
        continue;
      const auto here = m_lines.indent(line);
      const bool item = here == indent && m_lines.at(line).substr(here, 1) == "-";
      const bool marker = here == 0 && m_lines.at(line).starts_with("---");
      if (marker || (here <= indent && !item))
        break;
      last = line;
    }
    auto addition = as_block(m_suppression, indent, m_newline);
    const auto at = m_lines.begin(last + 1);
    if (!m_lines.at(last).ends_with('\n'))
      addition = m_newline + addition;
    return inserted(at, addition);
  }

  // `suppressions:` or `suppressions: []`; a comment behind it stays.
  std::optional<std::string> in_place_of_nothing(std::size_t line) const {
    const auto begin = m_lines.begin(line);
    const auto whole = m_lines.at(line);
    const auto colon = whole.find(':');
    if (colon == std::string_view::npos)
      return std::nullopt;
    auto content = whole.substr(colon + 1);
    const auto comment = content.find(" #");
    const auto value = trim(content.substr(0, comment));
    if (!value.empty() && value != "[]" && value != "null" && value != "~")
      return std::nullopt;
    std::string replaced(whole.substr(0, colon + 1));
    if (comment != std::string_view::npos)
      replaced += " " + std::string(trim(content.substr(comment)));
    replaced += m_newline + as_block(m_suppression, 2, m_newline);
    return std::string(m_text.substr(0, begin)) + replaced +
           std::string(m_text.substr(m_lines.begin(line + 1)));
  }

  std::string_view m_text;
  Lines m_lines;
  std::string m_newline;
  const Suppression& m_suppression;
};

bool same(const Suppression& a, const Suppression& b) {
  return a.rule == b.rule && a.model == b.model && a.target == b.target && a.op == b.op &&
         a.fingerprint == b.fingerprint && a.reason == b.reason && a.owner == b.owner &&
         a.expires == b.expires;
}

// What was asked for, and nothing else.
bool verified(const std::string& edited, const std::string& path,
              const manifest::Manifest& original, const Suppression& suppression) {
  const auto now = manifest::parse_manifest(edited, path);
  if (!now || now->entries.size() != original.entries.size() ||
      now->suppressions.size() != original.suppressions.size() + 1 ||
      !same(now->suppressions.back(), suppression))
    return false;
  const auto names_stay = std::ranges::equal(
      now->entries, original.entries, {}, &manifest::EntrySpec::name, &manifest::EntrySpec::name);
  return names_stay && std::equal(original.suppressions.begin(), original.suppressions.end(),
                                  now->suppressions.begin(), same);
}

}  // namespace

Result<std::string> add_suppression(std::string_view text, const std::string& path,
                                    const Suppression& suppression) {
  auto original = manifest::parse_manifest(text, path);
  if (!original)
    return fail(std::move(original.error().front()));
  yaml::Problems problems;
  const auto document = yaml::parse(text, problems);
  const auto edited = Editor(text, suppression).edit(document);
  if (edited && verified(*edited, path, *original, suppression))
    return *edited;
  return fail({.kind = ErrorKind::manifest,
               .message = "the layout of `suppressions` is not one that can be added to",
               .file = path,
               .advice = fmt::format("add this by hand: {}", as_flow(suppression))});
}

}  // namespace anecompat::gate
