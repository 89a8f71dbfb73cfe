// What `defaults` and every entry of a manifest can say.
#pragma once

#include "manifest/manifest.hpp"
#include "support/yaml_map.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace anecompat::manifest {

struct Targets {
  std::vector<ane::Target> chips;
  bool host = false;
};

struct Settings {
  std::optional<Expect> expect;
  std::optional<Expect> expect_eligible;
  Budgets budgets;
  std::optional<Targets> targets;
  std::optional<std::string> function;
  std::optional<std::chrono::milliseconds> timeout;
  RuleSettings rules;
};

// Reads the keys of Settings and leaves the others alone.
Settings read_settings(yaml::MapReader& reader, yaml::Problems& problems);

// Fills an entry from what it says itself, else from the defaults; budgets and what is said of
// rules are taken over one by one.
void apply(const Settings& own, const Settings& defaults, EntrySpec& entry);

}  // namespace anecompat::manifest
