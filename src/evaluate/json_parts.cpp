#include "evaluate/json_parts.hpp"

#include "evaluate/rounding.hpp"

#include <fmt/format.h>

#include <cmath>

namespace anecompat::evaluate {

namespace {

using Json = nlohmann::ordered_json;

Json number(const std::optional<double>& value, double (*rounding)(double), Numbers numbers) {
  if (!value || !std::isfinite(*value))
    return {};
  return numbers == Numbers::exact ? *value : rounding(*value);
}

}  // namespace

Json share_value(const std::optional<double>& share, Numbers numbers) {
  return number(share, rounded_share, numbers);
}

void add_cost(Json& json, const std::optional<double>& cost_us, Numbers numbers) {
  if (cost_us && std::isfinite(*cost_us))
    json["cost_us"] = number(cost_us, rounded_cost, numbers);
}

void add_text(Json& json, const char* key, const std::string& text) {
  if (!text.empty())
    json[key] = text;
}

Json to_json(const ane::Reason& reason) {
  Json json = {{"code", reason.code}};
  add_text(json, "message", reason.message);
  return json;
}

std::optional<ane::Reason> optional_reason(const JsonCursor& json) {
  const auto reason = json.object("reason", Need::optional);
  if (!reason)
    return std::nullopt;
  return ane::Reason{.code = reason->text("code", Need::required),
                     .message = reason->text("message", Need::optional)};
}

std::optional<double> read_share(const JsonCursor& shares, const char* key) {
  const auto value = shares.real(key);
  if (value && *value > 1)
    shares.wrong(fmt::format("\"{}\" is a share, between 0 and 1", key));
  return value;
}

}  // namespace anecompat::evaluate
