// Reading of what a rule asks: conditions on facts, chips and systems.
#pragma once

#include "ane/rules.hpp"
#include "support/result.hpp"

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

namespace anecompat::ane {

// Errors of all: manifest, with the position in `file` and the word probably meant.

// `when: {fact: comparison, …}`; no node: no conditions.
Result<std::vector<Condition>> parse_conditions(const YAML::Node& when, const std::string& file);

// `chips: h13`, `h14-h16`, `h16+`, or a list of these.
Result<ChipSet> parse_chips(const YAML::Node& node, const std::string& file);

// `os: {below: ios17}`, `{min: macos14}`, or both.
Result<OsRange> parse_os_range(const YAML::Node& node, const std::string& file);

}  // namespace anecompat::ane
