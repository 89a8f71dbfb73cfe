// The `suppressions` list of a manifest.
#pragma once

#include "manifest/manifest.hpp"
#include "support/strict_yaml.hpp"

#include <vector>

namespace anecompat::manifest {

std::vector<Suppression> read_suppressions(const std::vector<yaml::Node>& list,
                                           yaml::Problems& problems);

}  // namespace anecompat::manifest
