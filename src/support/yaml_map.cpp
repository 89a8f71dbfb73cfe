#include "support/yaml_map.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <locale>
#include <sstream>
#include <utility>

namespace anecompat::yaml {

namespace {

const Node& empty_map() {
  static const Node k_node = [] {
    Node node;
    node.kind = Node::Kind::map;
    return node;
  }();
  return k_node;
}

void wrong_type(const Node& node, const std::string& path, std::string_view expected,
                Problems& problems) {
  if (node.kind == Node::Kind::text) {
    const auto advice =
        node.quoted && expected != "a list" && expected != "a map" ? "remove the quotes" : "";
    problems.add(node.position,
                 fmt::format("{}: expected {}, found {}\"{}\"", path, expected,
                             node.quoted ? "the text " : "", printable(node.text)),
                 advice);
    return;
  }
  problems.add(
      node.position, fmt::format("{}: expected {}, found {}", path, expected, describe(node)),
      node.kind == Node::Kind::null && expected == "a text" ? "give a value or remove the key"
                                                            : "");
}

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// [-]digits[.digits], what every reader of YAML and JSON takes for the same number.
std::optional<double> parse_number(std::string_view text) {
  auto digits = text;
  if (digits.starts_with('-'))
    digits.remove_prefix(1);
  const auto dot = digits.find('.');
  const auto whole = digits.substr(0, dot);
  if (!is_digits(whole) || (whole.size() > 1 && whole[0] == '0'))
    return std::nullopt;
  if (dot != std::string_view::npos && !is_digits(digits.substr(dot + 1)))
    return std::nullopt;
  // A stream with the classic locale: strtod follows the user's, and from_chars is not everywhere.
  std::istringstream stream{std::string(text)};
  stream.imbue(std::locale::classic());
  double value = 0;
  stream >> value;
  return stream.fail() ? std::nullopt : std::optional(value);
}

bool has_leading_zero(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && is_digits(text);
}

}  // namespace

std::optional<std::string> text_of(const Node& node, const std::string& path, Problems& problems) {
  if (node.kind != Node::Kind::text) {
    wrong_type(node, path, "a text", problems);
    return std::nullopt;
  }
  if (node.text.empty()) {
    problems.add(node.position, fmt::format("{}: is empty", path),
                 "give a value or remove the key");
    return std::nullopt;
  }
  return node.text;
}

std::optional<std::int64_t> integer_of(const Node& node, const std::string& path,
                                       std::int64_t minimum, std::int64_t maximum,
                                       Problems& problems) {
  std::int64_t value = 0;
  const auto digits = std::string_view(node.text);
  const auto* const end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, value);
  const bool well_formed = node.kind == Node::Kind::text && !node.quoted && !digits.empty() &&
                           parsed.ptr == end && parsed.ec != std::errc::invalid_argument;
  if (well_formed && has_leading_zero(digits)) {
    problems.add(node.position, fmt::format("{}: {} has a leading zero", path, digits),
                 "readers of YAML disagree on what it means; write it without");
    return std::nullopt;
  }
  if (!well_formed) {
    wrong_type(node, path, "a whole number", problems);
    return std::nullopt;
  }
  if (parsed.ec == std::errc::result_out_of_range || value < minimum || value > maximum) {
    problems.add(node.position,
                 fmt::format("{}: {} is not between {} and {}", path, digits, minimum, maximum));
    return std::nullopt;
  }
  return value;
}

std::optional<double> number_of(const Node& node, const std::string& path, double minimum,
                                double maximum, Problems& problems) {
  const auto value = node.kind == Node::Kind::text && !node.quoted ? parse_number(node.text)
                                                                   : std::optional<double>();
  if (!value) {
    wrong_type(node, path, "a number", problems);
    return std::nullopt;
  }
  if (*value < minimum || *value > maximum) {
    problems.add(node.position,
                 fmt::format("{}: {} is not between {} and {}", path, node.text, minimum, maximum));
    return std::nullopt;
  }
  return value;
}

std::string unknown_word(std::string_view what, std::string_view word) {
  return fmt::format("unknown {} \"{}\"", what, printable(word));
}

std::string advice_for(std::string_view word, const std::vector<std::string_view>& possible) {
  if (const auto meant = did_you_mean(word, possible))
    return fmt::format("did you mean \"{}\"?", *meant);
  return fmt::format("possible: {}", fmt::join(possible, ", "));
}

MapReader::MapReader(const Node& node, std::string path, Problems& problems)
    : m_node(&node),
      m_path(std::move(path)),
      m_problems(&problems),
      m_is_map(node.kind == Node::Kind::map) {
  if (!m_is_map) {
    wrong_type(node, m_path.empty() ? "the document" : m_path, "a map", problems);
    m_node = &empty_map();
  }
}

std::string MapReader::path_of(std::string_view key) const {
  return m_path.empty() ? printable(key) : fmt::format("{}.{}", m_path, printable(key));
}

TextPosition MapReader::position_of(std::string_view key) const {
  const auto* value = m_node->find(key);
  return value != nullptr ? value->position : m_node->position;
}

const Node* MapReader::find(std::string_view key) {
  m_known.push_back(key);
  return m_node->find(key);
}

const Node* MapReader::node(std::string_view key) {
  return find(key);
}

std::optional<std::string> MapReader::text(std::string_view key) {
  const auto* value = find(key);
  return value != nullptr ? text_of(*value, path_of(key), *m_problems) : std::nullopt;
}

std::optional<std::int64_t> MapReader::integer(std::string_view key, std::int64_t minimum,
                                               std::int64_t maximum) {
  const auto* value = find(key);
  if (value == nullptr)
    return std::nullopt;
  return integer_of(*value, path_of(key), minimum, maximum, *m_problems);
}

std::optional<double> MapReader::number(std::string_view key, double minimum, double maximum) {
  const auto* value = find(key);
  if (value == nullptr)
    return std::nullopt;
  return number_of(*value, path_of(key), minimum, maximum, *m_problems);
}

std::optional<bool> MapReader::boolean(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr)
    return std::nullopt;
  if (value->kind == Node::Kind::text && !value->quoted &&
      (value->text == "true" || value->text == "false"))
    return value->text == "true";
  wrong_type(*value, path_of(key), "true or false", *m_problems);
  return std::nullopt;
}

std::optional<MapReader> MapReader::map(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr)
    return std::nullopt;
  return MapReader(*value, path_of(key), *m_problems);
}

const std::vector<Node>* MapReader::list(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr)
    return nullptr;
  if (value->kind != Node::Kind::list) {
    wrong_type(*value, path_of(key), "a list", *m_problems);
    return nullptr;
  }
  return &value->items;
}

void MapReader::problem(std::string_view key, std::string_view what, std::string advice) {
  m_problems->add(position_of(key), fmt::format("{}: {}", path_of(key), what), std::move(advice));
}

void MapReader::problem_here(std::string_view what, std::string advice) {
  m_problems->add(m_node->position,
                  m_path.empty() ? std::string(what) : fmt::format("{}: {}", m_path, what),
                  std::move(advice));
}

bool MapReader::require(std::string_view key, std::string_view what) {
  if (has(key))
    return true;
  if (m_is_map)  // otherwise that has been said, and is enough
    problem_here(fmt::format("`{}` is missing: {}", key, what));
  return false;
}

void MapReader::finish() {
  for (const auto& key : m_node->keys) {
    if (std::ranges::find(m_known, key.text) != m_known.end())
      continue;
    m_problems->add(key.position, fmt::format("{}: unknown key", path_of(key.text)),
                    advice_for(key.text, m_known));
  }
}

}  // namespace anecompat::yaml
