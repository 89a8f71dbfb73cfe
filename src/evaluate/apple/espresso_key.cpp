#include "evaluate/apple/espresso_key.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace anecompat::evaluate::apple {

namespace {

using Json = nlohmann::json;

// `{"isegment":N,"inputs":{name:{"shape":[…]}},"outputs":{…}}` is three levels deep.
constexpr int k_max_depth = 8;

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items())
    keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

std::optional<EspressoKey> parse_espresso_key(std::string_view key) {
  if (key.empty() || key.front() != '{')
    return std::nullopt;
  bool too_deep = false;
  const auto guard = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > k_max_depth;
    return !too_deep;
  };
  const auto json = Json::parse(key, guard, false);
  if (too_deep || !json.is_object())
    return std::nullopt;
  const auto inputs = json.find("inputs");
  const auto outputs = json.find("outputs");
  if (inputs == json.end() || outputs == json.end() || !inputs->is_object() ||
      !outputs->is_object())
    return std::nullopt;
  EspressoKey parsed{
      .segment = std::nullopt, .inputs = keys_of(*inputs), .outputs = keys_of(*outputs)};
  const auto segment = json.find("isegment");
  if (segment != json.end() && segment->is_number_integer())
    parsed.segment = segment->get<std::int64_t>();
  return parsed;
}

bool name_from_key(AneProgram& program) {
  auto key = parse_espresso_key(program.key);
  if (!key)
    return false;
  program.names = NameSource::espresso_key;
  program.espresso_segment = key->segment;
  program.procedures = {
      {.index = 0, .inputs = std::move(key->inputs), .outputs = std::move(key->outputs)}};
  return true;
}

}  // namespace anecompat::evaluate::apple
