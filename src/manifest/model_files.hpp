// Finds the model files that a manifest's globs stand for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::manifest {

// Whether a file or directory of this name is a Core ML model: .mlmodel (also .gz), .mil, and the
// bundles .mlpackage and .mlmodelc (also as archives).
bool is_model_name(std::string_view name);

// The name an entry gets from its path or URL: the last part without its extensions.
std::string default_name(std::string_view path_or_url);

struct GlobMatches {
  std::vector<std::string> paths;  // as the pattern has them, relative to `directory`; sorted
  std::size_t others = 0;          // matches that are no models
  bool gave_up = false;            // there was too much to look at
};

// Expands a pattern (`*`, `?`, `[a-z]`, and `**` for any number of directories) below `directory`
// ("" is the current one). Bundles match as one and are not looked into; `**` follows no symbolic
// links; hidden names match only where the pattern has the dot.
GlobMatches expand_glob(const std::string& directory, const std::string& pattern);

}  // namespace anecompat::manifest
