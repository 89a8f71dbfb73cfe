// The manifest that `init` writes.
#pragma once

#include "ane/target.hpp"
#include "report/report.hpp"

#include <span>
#include <string>
#include <vector>

namespace anecompat::cli {

// A model that was found, and how it did.
struct FoundModel {
  std::string path;  // relative to the manifest
  report::Entry entry;
};

// A name for each path, all different: the stem, with as many of the directories before it as it
// takes to tell it from the others.
std::vector<std::string> unique_names(std::span<const FoundModel> models);

// YAML that load_manifest() takes, whatever the paths hold, and that expects of each model what it
// reaches on these targets now.
std::string draft_manifest(std::span<const FoundModel> models,
                           std::span<const ane::Target> targets);

}  // namespace anecompat::cli
