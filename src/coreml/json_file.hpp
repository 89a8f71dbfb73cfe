// Small JSON files of model bundles, read with limits.
#pragma once

#include "support/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace anecompat::coreml {

// Parses JSON text whose brackets nest at most 64 deep. Errors: unreadable with line and column.
Result<nlohmann::json> parse_json(std::string_view text);

// The member `key` of an object when it is a string; empty otherwise.
std::string json_string(const nlohmann::json& object, const char* key);

}  // namespace anecompat::coreml
