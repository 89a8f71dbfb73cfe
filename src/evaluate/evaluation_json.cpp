#include "evaluate/evaluation_json.hpp"

#include "evaluate/comparison_json.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

namespace anecompat::evaluate {

namespace {

using Json = nlohmann::ordered_json;

Json to_value(const OpResult& op, Numbers numbers) {
  Json json = {{"path", op.path}, {"type", op.type}};
  add_text(json, "shape", op.shape);
  json["placement"] = op.placement ? Json(ane::to_string(*op.placement)) : Json();
  auto& eligible = json["eligible"] = Json::array();
  for (const auto backend : op.eligible)
    eligible.push_back(ane::to_string(backend));
  if (op.boundary)
    json["boundary"] = true;
  if (op.reason)
    json["reason"] = to_json(*op.reason);
  add_cost(json, op.cost_us, numbers);
  if (!op.inputs.empty())
    json["inputs"] = op.inputs;
  return json;
}

Json to_value(const Segment& segment, Numbers numbers) {
  Json json = {{"backend", ane::to_string(segment.backend)},
               {"first", segment.first},
               {"count", segment.count}};
  add_cost(json, segment.cost_us, numbers);
  return json;
}

Json to_value(const Counts& counts, Numbers) {
  return {{"ops", counts.ops},           {"ane", counts.ane},
          {"cpu", counts.cpu},           {"gpu", counts.gpu},
          {"unplaced", counts.unplaced}, {"boundary", counts.boundary},
          {"eligible", counts.eligible}};
}

Json to_value(const Risk& risk, Numbers) {
  Json json = {{"code", risk.code}, {"message", risk.message}};
  add_text(json, "op", risk.op);
  return json;
}

Json to_value(const Attempt& attempt, Numbers) {
  Json json = {{"outcome", attempt.outcome}};
  add_text(json, "message", attempt.message);
  return json;
}

Json to_value(const EvaluationError& error, Numbers) {
  Json json = {{"kind", error.kind}};
  if (error.signal)
    json["signal"] = *error.signal;
  json["message"] = error.message;
  return json;
}

template <typename T>
Json to_values(const std::vector<T>& items, Numbers numbers) {
  auto json = Json::array();
  for (const auto& item : items)
    json.push_back(to_value(item, numbers));
  return json;
}

OpResult read_op(const JsonCursor& json) {
  OpResult op;
  op.path = json.text("path", Need::required);
  op.type = json.text("type", Need::required);
  op.shape = json.text("shape", Need::optional);
  if (const auto placement = json.find("placement", Need::optional))
    op.placement = placement->as_word(ane::parse_backend);
  op.eligible = json.list("eligible", Need::optional, [](const JsonCursor& item) {
    return item.as_word(ane::parse_backend).value_or(ane::Backend::cpu);
  });
  op.boundary = json.flag("boundary");
  op.reason = optional_reason(json);
  op.cost_us = json.real("cost_us");
  op.inputs = json.list("inputs", Need::optional,
                        [](const JsonCursor& item) { return item.as_integer<std::uint32_t>(); });
  return op;
}

Segment read_segment(const JsonCursor& json) {
  return {.backend = json.word("backend", ane::parse_backend, ane::Backend::cpu),
          .first = json.integer<std::uint32_t>("first", Need::required),
          .count = json.integer<std::uint32_t>("count", Need::required),
          .cost_us = json.real("cost_us")};
}

Counts read_counts(const JsonCursor& json) {
  return {.ops = json.integer<std::uint32_t>("ops", Need::required),
          .ane = json.integer<std::uint32_t>("ane", Need::required),
          .cpu = json.integer<std::uint32_t>("cpu", Need::required),
          .gpu = json.integer<std::uint32_t>("gpu", Need::required),
          .unplaced = json.integer<std::uint32_t>("unplaced", Need::optional),
          .boundary = json.integer<std::uint32_t>("boundary", Need::optional),
          .eligible = json.integer<std::uint32_t>("eligible", Need::optional)};
}

EvaluationError read_error(const JsonCursor& json) {
  EvaluationError error;
  error.kind = json.text("kind", Need::required);
  if (const auto signal = json.find("signal", Need::optional))
    error.signal = signal->as_integer<int>();
  error.message = json.text("message", Need::optional);
  return error;
}

// Segments index operations, and renderers trust them to.
void check_segments(const JsonCursor& json, const Evaluation& evaluation) {
  const std::uint64_t ops = evaluation.ops.empty() ? evaluation.counts.ops : evaluation.ops.size();
  for (const auto& segment : evaluation.segments) {
    if (std::uint64_t{segment.first} + segment.count > ops) {
      json.wrong(fmt::format("a segment ends after the last of {}", counted(ops, "operation")));
      return;
    }
  }
}

// So do the inputs of operations.
void check_inputs(const JsonCursor& json, const Evaluation& evaluation) {
  for (const auto& op : evaluation.ops) {
    for (const auto input : op.inputs) {
      if (input >= evaluation.ops.size()) {
        json.wrong(fmt::format("an input of an operation is none of {}",
                               counted(evaluation.ops.size(), "operation")));
        return;
      }
    }
  }
}

}  // namespace

Json to_json(const Evaluation& evaluation, Numbers numbers) {
  Json json = {{"target", evaluation.target},
               {"evidence", ane::to_string(evaluation.evidence)},
               {"confidence", ane::to_string(evaluation.confidence)},
               {"level", ane::to_string(evaluation.level)},
               {"eligible_level", ane::to_string(evaluation.eligible_level)}};
  if (evaluation.reason)
    json["reason"] = to_json(*evaluation.reason);
  json["segments"] = to_values(evaluation.segments, numbers);
  json["counts"] = to_value(evaluation.counts, numbers);
  json["shares"] = {{"ops", share_value(evaluation.shares.ops, numbers)},
                    {"cost", share_value(evaluation.shares.cost, numbers)}};
  json["ops"] = to_values(evaluation.ops, numbers);
  if (!evaluation.risks.empty())
    json["risks"] = to_values(evaluation.risks, numbers);
  if (!evaluation.attempts.empty())
    json["attempts"] = to_values(evaluation.attempts, numbers);
  if (evaluation.error)
    json["error"] = to_value(*evaluation.error, numbers);
  if (evaluation.comparison)
    json["comparison"] = to_json(*evaluation.comparison, numbers);
  return json;
}

Evaluation read_evaluation(const JsonCursor& json) {
  Evaluation evaluation;
  evaluation.target = json.text("target", Need::required);
  evaluation.evidence = json.word("evidence", ane::parse_evidence, ane::Evidence::predicted);
  evaluation.confidence = json.word("confidence", ane::parse_confidence, ane::Confidence::low);
  evaluation.level = json.word("level", ane::parse_level, ane::Level::unknown);
  evaluation.eligible_level = json.word("eligible_level", ane::parse_level, ane::Level::unknown);
  evaluation.reason = optional_reason(json);
  evaluation.segments = json.list("segments", Need::optional, read_segment);
  if (const auto counts = json.object("counts", Need::required))
    evaluation.counts = read_counts(*counts);
  if (const auto shares = json.object("shares", Need::optional)) {
    evaluation.shares.ops = read_share(*shares, "ops");
    evaluation.shares.cost = read_share(*shares, "cost");
  }
  evaluation.ops = json.list("ops", Need::optional, read_op);
  evaluation.risks = json.list("risks", Need::optional, [](const JsonCursor& item) {
    return Risk{.code = item.text("code", Need::required),
                .message = item.text("message", Need::required),
                .op = item.text("op", Need::optional)};
  });
  evaluation.attempts = json.list("attempts", Need::optional, [](const JsonCursor& item) {
    return Attempt{.outcome = item.text("outcome", Need::required),
                   .message = item.text("message", Need::optional)};
  });
  if (const auto error = json.object("error", Need::optional))
    evaluation.error = read_error(*error);
  if (const auto comparison = json.object("comparison", Need::optional))
    evaluation.comparison = read_comparison(*comparison);
  check_segments(json, evaluation);
  check_inputs(json, evaluation);
  return evaluation;
}

}  // namespace anecompat::evaluate
