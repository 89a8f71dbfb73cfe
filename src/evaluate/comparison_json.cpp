#include "evaluate/comparison_json.hpp"

#include "evaluate/json_parts.hpp"

namespace anecompat::evaluate {

namespace {

using Json = nlohmann::ordered_json;

Json to_value(const Standing& standing, Numbers numbers) {
  return {{"level", ane::to_string(standing.level)},
          {"eligible_level", ane::to_string(standing.eligible_level)},
          {"ops", standing.ops},
          {"segments", standing.segments},
          {"transitions", standing.transitions},
          {"ops_share", share_value(standing.ops_share, numbers)},
          {"cost_share", share_value(standing.cost_share, numbers)}};
}

Json to_value(const OpChange& change, Numbers numbers) {
  const auto place = [](const std::optional<ane::Backend>& backend) {
    return backend ? Json(ane::to_string(*backend)) : Json();
  };
  Json json = {{"kind", to_string(change.kind)}, {"path", change.path}};
  add_text(json, "old_path", change.old_path);
  json["type"] = change.type;
  add_text(json, "old_type", change.old_type);
  add_text(json, "shape", change.shape);
  add_text(json, "old_shape", change.old_shape);
  json["before"] = place(change.before);
  json["after"] = place(change.after);
  if (change.eligible)
    json["eligible"] = true;
  if (change.boundary)
    json["boundary"] = true;
  if (change.reason)
    json["reason"] = to_json(*change.reason);
  add_cost(json, change.cost_us, numbers);
  add_text(json, "caused_by", change.caused_by);
  if (change.pulled != 0)
    json["pulled"] = change.pulled;
  return json;
}

Standing read_standing(const JsonCursor& json) {
  return {.level = json.word("level", ane::parse_level, ane::Level::unknown),
          .eligible_level = json.word("eligible_level", ane::parse_level, ane::Level::unknown),
          .ops = json.integer<std::uint32_t>("ops", Need::required),
          .segments = json.integer<std::uint32_t>("segments", Need::required),
          .transitions = json.integer<std::uint32_t>("transitions", Need::optional),
          .ops_share = read_share(json, "ops_share"),
          .cost_share = read_share(json, "cost_share")};
}

OpChange read_change(const JsonCursor& json) {
  const auto place = [&](const char* key) -> std::optional<ane::Backend> {
    const auto value = json.find(key, Need::optional);
    return value ? value->as_word(ane::parse_backend) : std::nullopt;
  };
  OpChange change;
  change.kind = json.word("kind", parse_change_kind, OpChange::Kind::changed);
  change.path = json.text("path", Need::required);
  change.type = json.text("type", Need::required);
  change.shape = json.text("shape", Need::optional);
  change.before = place("before");
  change.after = place("after");
  change.reason = optional_reason(json);
  change.old_path = json.text("old_path", Need::optional);
  change.old_type = json.text("old_type", Need::optional);
  change.old_shape = json.text("old_shape", Need::optional);
  change.eligible = json.flag("eligible");
  change.boundary = json.flag("boundary");
  change.cost_us = json.real("cost_us");
  change.caused_by = json.text("caused_by", Need::optional);
  change.pulled = json.integer<std::uint32_t>("pulled", Need::optional);
  return change;
}

}  // namespace

Json to_json(const Comparison& comparison, Numbers numbers) {
  auto json = Json::object();
  add_text(json, "with", comparison.with);
  json["evidence"] = ane::to_string(comparison.evidence);
  add_text(json, "digest", comparison.digest);
  add_text(json, "note", comparison.note);
  json["before"] = to_value(comparison.before, numbers);
  json["after"] = to_value(comparison.after, numbers);
  json["counts"] = {{"left", comparison.left},        {"joined", comparison.joined},
                    {"moved", comparison.moved},      {"changed", comparison.changed},
                    {"added", comparison.added},      {"removed", comparison.removed},
                    {"more", comparison.more_changes}};
  auto& changes = json["changes"] = Json::array();
  for (const auto& change : comparison.changes)
    changes.push_back(to_value(change, numbers));
  return json;
}

Comparison read_comparison(const JsonCursor& json) {
  Comparison comparison;
  comparison.with = json.text("with", Need::optional);
  comparison.evidence = json.word("evidence", ane::parse_evidence, ane::Evidence::predicted);
  comparison.digest = json.text("digest", Need::optional);
  comparison.note = json.text("note", Need::optional);
  if (const auto before = json.object("before", Need::required))
    comparison.before = read_standing(*before);
  if (const auto after = json.object("after", Need::required))
    comparison.after = read_standing(*after);
  if (const auto counts = json.object("counts", Need::required)) {
    const auto count = [&](const char* key) {
      return counts->integer<std::uint32_t>(key, Need::optional);
    };
    comparison.left = count("left");
    comparison.joined = count("joined");
    comparison.moved = count("moved");
    comparison.changed = count("changed");
    comparison.added = count("added");
    comparison.removed = count("removed");
    comparison.more_changes = count("more");
  }
  comparison.changes = json.list("changes", Need::optional, read_change);
  return comparison;
}

}  // namespace anecompat::evaluate
