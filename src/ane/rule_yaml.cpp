#include "ane/rule_yaml.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace anecompat::ane {

namespace {

TextPosition position_of(const YAML::Mark& mark) {
  if (mark.is_null())
    return {};
  return {.line = static_cast<std::size_t>(mark.line) + 1,
          .column = static_cast<std::size_t>(mark.column) + 1};
}

Result<YAML::Node> required(const YAML::Node& map, std::string_view key, const std::string& file) {
  auto node = map[std::string(key)];
  if (!node)
    return fail(rule_error(file, map, fmt::format("\"{}\" is missing", key)));
  return node;
}

Result<std::string> scalar(const YAML::Node& node, std::string_view key, const std::string& file) {
  if (!node.IsScalar() || node.Scalar().empty())
    return fail(rule_error(file, node, fmt::format("{}: must be a word or a sentence", key)));
  return node.Scalar();
}

}  // namespace

Result<YAML::Node> parse_rule_yaml(std::string_view text, const std::string& file) {
  try {
    const auto documents = YAML::LoadAll(std::string(text));
    if (documents.size() != 1) {
      return fail({.kind = ErrorKind::manifest,
                   .message = fmt::format("must hold one document, holds {}", documents.size()),
                   .file = file});
    }
    return documents[0];
  } catch (const YAML::Exception& error) {
    return fail({.kind = ErrorKind::manifest,
                 .message = printable(error.msg),
                 .file = file,
                 .position = position_of(error.mark)});
  }
}

Error rule_error(const std::string& file, const YAML::Node& node, std::string message,
                 std::string advice) {
  return {.kind = ErrorKind::manifest,
          .message = std::move(message),
          .file = file,
          .position = position_of(node.Mark()),
          .advice = std::move(advice)};
}

std::string meant_advice(std::string_view word, const std::vector<std::string_view>& candidates) {
  const auto meant = did_you_mean(word, candidates);
  return meant ? fmt::format("did you mean \"{}\"?", *meant) : std::string();
}

Result<void> check_keys(const YAML::Node& map, const std::string& file,
                        std::initializer_list<std::string_view> allowed) {
  if (!map.IsMap())
    return fail(rule_error(file, map, "must be a mapping of keys to values"));
  std::set<std::string> seen;
  for (const auto& pair : map) {
    const auto key = pair.first.IsScalar() ? pair.first.Scalar() : std::string();
    if (std::ranges::find(allowed, key) == allowed.end()) {
      return fail(rule_error(file, pair.first, fmt::format("unknown key \"{}\"", printable(key)),
                             meant_advice(key, {allowed.begin(), allowed.end()})));
    }
    if (!seen.insert(key).second)
      return fail(rule_error(file, pair.first, fmt::format("key \"{}\" is there twice", key)));
  }
  return {};
}

Result<std::string> text_at(const YAML::Node& map, std::string_view key, const std::string& file) {
  ANECOMPAT_TRY_ASSIGN(const auto node, required(map, key, file));
  return scalar(node, key, file);
}

Result<std::string> optional_text_at(const YAML::Node& map, std::string_view key,
                                     const std::string& file) {
  const auto node = map[std::string(key)];
  if (!node)
    return std::string();
  return scalar(node, key, file);
}

Result<bool> flag_at(const YAML::Node& map, std::string_view key, bool fallback,
                     const std::string& file) {
  const auto node = map[std::string(key)];
  if (!node)
    return fallback;
  if (const auto flag = to_flag(node))
    return *flag;
  return fail(rule_error(file, node, fmt::format("{}: must be true or false", key)));
}

Result<std::vector<std::string>> texts_at(const YAML::Node& map, std::string_view key,
                                          const std::string& file) {
  const auto node = map[std::string(key)];
  std::vector<std::string> texts;
  if (!node)
    return texts;
  if (!node.IsSequence() || node.size() == 0)
    return fail(rule_error(file, node, fmt::format("{}: must be a list of words", key)));
  for (const auto& item : node) {
    ANECOMPAT_TRY_ASSIGN(auto text, scalar(item, key, file));
    texts.push_back(std::move(text));
  }
  return texts;
}

std::optional<std::int64_t> to_integer(const YAML::Node& node) {
  if (!node.IsScalar())
    return std::nullopt;
  const auto& text = node.Scalar();
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end)
    return std::nullopt;
  return number;
}

std::optional<bool> to_flag(const YAML::Node& node) {
  if (!node.IsScalar())
    return std::nullopt;
  if (node.Scalar() == "true")
    return true;
  if (node.Scalar() == "false")
    return false;
  return std::nullopt;
}

}  // namespace anecompat::ane
