// Strict reading of a YAML mapping: every key is asked for by name, and what nobody asked for is an
// error with its position and the key probably meant.
#pragma once

#include "support/result.hpp"

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::ane {

// Parses one document. Errors: manifest, with the position.
Result<YAML::Node> parse_rule_yaml(std::string_view text, const std::string& file);

// An error at the place of `node`.
Error rule_error(const std::string& file, const YAML::Node& node, std::string message,
                 std::string advice = {});

// "did you mean \"…\"?", or nothing.
std::string meant_advice(std::string_view word, const std::vector<std::string_view>& candidates);

// Refuses keys that are not listed, twice the same key, and anything but a mapping.
Result<void> check_keys(const YAML::Node& map, const std::string& file,
                        std::initializer_list<std::string_view> allowed);

// The scalars behind `key`. Errors when it is absent and required, or of another kind.
Result<std::string> text_at(const YAML::Node& map, std::string_view key, const std::string& file);
Result<std::string> optional_text_at(const YAML::Node& map, std::string_view key,
                                     const std::string& file);
Result<bool> flag_at(const YAML::Node& map, std::string_view key, bool fallback,
                     const std::string& file);
Result<std::vector<std::string>> texts_at(const YAML::Node& map, std::string_view key,
                                          const std::string& file);

// A whole scalar as an integer or a flag.
std::optional<std::int64_t> to_integer(const YAML::Node& node);
std::optional<bool> to_flag(const YAML::Node& node);

}  // namespace anecompat::ane
