// What the JSON of evaluations and of comparisons is made of.
#pragma once

#include "ane/reason.hpp"
#include "support/json_cursor.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace anecompat::evaluate {

enum class Numbers : std::uint8_t {
  rounded,  // to what they mean: shares to a hundredth of a percent, costs to a nanosecond
  exact,    // so that nothing is judged differently because it crossed a process boundary
};

// A share as JSON; null when it is unknown.
nlohmann::ordered_json share_value(const std::optional<double>& share, Numbers numbers);
// Adds "cost_us" where the cost is known.
void add_cost(nlohmann::ordered_json& json, const std::optional<double>& cost_us, Numbers numbers);
// Adds `key` where the text is not empty.
void add_text(nlohmann::ordered_json& json, const char* key, const std::string& text);
nlohmann::ordered_json to_json(const ane::Reason& reason);

// The member "reason", when it is there.
std::optional<ane::Reason> optional_reason(const JsonCursor& json);
// The share at `key`; one above 1 is noted as wrong.
std::optional<double> read_share(const JsonCursor& shares, const char* key);

}  // namespace anecompat::evaluate
