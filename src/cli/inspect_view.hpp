// What `inspect` shows.
#pragma once

#include "coreml/graph.hpp"

#include <string>

namespace anecompat::cli {

// For people; names are made printable.
std::string inspect_text(const coreml::Graph& graph, const std::string& path);

// One JSON document, the same on every run.
std::string inspect_json(const coreml::Graph& graph, const std::string& path);

}  // namespace anecompat::cli
