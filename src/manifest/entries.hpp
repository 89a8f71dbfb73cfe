// The `models` list of a manifest.
#pragma once

#include "manifest/settings.hpp"
#include "support/strict_yaml.hpp"

#include <string>
#include <vector>

namespace anecompat::manifest {

// Reads the items of `models`, expands globs below `directory` and makes sure that every name is
// there once.
std::vector<EntrySpec> read_entries(const std::vector<yaml::Node>& models,
                                    const std::string& directory, const Settings& defaults,
                                    yaml::Problems& problems);

// A path of the manifest made usable from the current directory.
std::string resolve(const std::string& directory, const std::string& path);

}  // namespace anecompat::manifest
