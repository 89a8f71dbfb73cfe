#include "evaluate/worker_protocol.hpp"

#include "evaluate/evaluation_json.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <array>

namespace anecompat::evaluate {

namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

// Answers nest 8 deep; a worker gone wrong may send anything.
constexpr int k_deepest = 32;

struct ModeRow {
  WorkerMode mode;
  const char* word;
};
constexpr std::array k_modes = {ModeRow{WorkerMode::predict, "predict"},
                                ModeRow{WorkerMode::measure, "measure"},
                                ModeRow{WorkerMode::plan, "plan"}};

std::optional<WorkerMode> parse_mode(std::string_view text) {
  for (const auto& row : k_modes) {
    if (text == row.word)
      return row.mode;
  }
  return std::nullopt;
}

// As the requester spells targets, and no other way.
std::optional<ane::Target> parse_own_target(std::string_view text) {
  const auto target = ane::parse_target(text);
  return target && ane::to_string(*target) == text ? std::optional(*target) : std::nullopt;
}

// Names from models may hold any bytes; JSON is UTF-8.
std::string compact(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

// An object, or why there is none.
Result<Json> parse_object(std::string_view text) {
  const auto problem = [](std::string message) {
    return fail({.kind = ErrorKind::unreadable, .message = std::move(message)});
  };
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > k_deepest;
    return depth <= k_deepest;
  };
  auto json = Json::parse(text, watch, false);
  if (too_deep)
    return problem(fmt::format("it nests deeper than {} levels", k_deepest));
  if (json.is_discarded() || !json.is_object())
    return problem(text.empty() ? "it is empty" : "it is not one whole JSON object");
  return json;
}

void check_protocol(const JsonCursor& json) {
  const auto number = json.integer<std::int64_t>("protocol", Need::required);
  if (number != k_worker_protocol)
    json.wrong(fmt::format("it speaks protocol {}, not {}", number, k_worker_protocol));
}

void read_shapes(const JsonCursor& root, Request& request) {
  const auto shapes = root.object("shapes", Need::optional);
  if (!shapes)
    return;
  for (const auto& [name, value] : shapes->value().items()) {
    request.shapes[name] = shapes->list(name.c_str(), Need::required, [](const JsonCursor& item) {
      return item.as_integer<std::int64_t>();
    });
  }
}

}  // namespace

Result<std::string> to_json(const WorkerRequest& request) {
  const auto* mode = k_modes[0].word;
  for (const auto& row : k_modes) {
    if (row.mode == request.mode)
      mode = row.word;
  }
  OrderedJson json = {{"protocol", k_worker_protocol},
                      {"mode", mode},
                      {"model", request.request.model_path},
                      {"function", request.request.function}};
  auto& targets = json["targets"] = OrderedJson::array();
  for (const auto& target : request.request.targets)
    targets.push_back(ane::to_string(target));
  json["compute_units"] = ane::to_string(request.request.compute_units);
  json["reshape_frequency"] = ane::to_string(request.request.reshape_frequency);
  json["timeout_ms"] = request.request.timeout.count();
  json["rules"] = request.rules_directory;
  json["what_if"] = request.what_if;
  json["memory"] = request.memory_limit;
  json["log_directory"] = request.log_directory;
  json["shapes"] = request.request.shapes;
  try {
    return json.dump();
  } catch (const OrderedJson::exception&) {
    return fail({.kind = ErrorKind::unsupported,
                 .message = "the path or a name given for it is not UTF-8, so it cannot be handed "
                            "to a worker process",
                 .file = printable(request.request.model_path),
                 .advice = "rename the file, or leave out --isolate"});
  }
}

Result<WorkerRequest> read_worker_request(std::string_view text) {
  const auto problem_with = [](std::string_view what) {
    return fail({.kind = ErrorKind::usage,
                 .message = fmt::format("worker: the request on standard input is wrong: {}", what),
                 .advice = "workers are started by anecompat itself, not by hand"});
  };
  const auto json = parse_object(text);
  if (!json)
    return problem_with(json.error().message);
  JsonProblem problem;
  const JsonCursor root(*json, problem);
  check_protocol(root);
  WorkerRequest request;
  request.mode = root.word("mode", parse_mode, WorkerMode::predict);
  request.request.model_path = root.text("model", Need::required);
  request.request.function = root.text("function", Need::optional);
  request.request.targets = root.list("targets", Need::required, [](const JsonCursor& item) {
    return item.as_word(parse_own_target).value_or(ane::ChipFamily::h13);
  });
  request.request.compute_units =
      root.word("compute_units", ane::parse_compute_units, ane::ComputeUnits::cpu_and_ne);
  request.request.reshape_frequency =
      root.word("reshape_frequency", ane::parse_reshape_frequency, ane::ReshapeFrequency::frequent);
  request.request.timeout =
      std::chrono::milliseconds(root.integer<std::uint32_t>("timeout_ms", Need::optional));
  request.rules_directory = root.text("rules", Need::optional);
  request.what_if =
      root.list("what_if", Need::optional, [](const JsonCursor& item) { return item.as_text(); });
  request.memory_limit = root.integer<std::uint64_t>("memory", Need::optional);
  request.log_directory = root.text("log_directory", Need::optional);
  read_shapes(root, request.request);
  if (problem.found())
    return problem_with(problem.message());
  return request;
}

OrderedJson to_json(const Answer& answer) {
  OrderedJson json = {{"model",
                       {{"digest", answer.model.digest},
                        {"format", answer.model.format},
                        {"type", answer.model.type},
                        {"spec_version", answer.model.spec_version},
                        {"size", answer.model.size}}}};
  auto& evaluations = json["evaluations"] = OrderedJson::array();
  for (const auto& evaluation : answer.evaluations)
    evaluations.push_back(to_json(evaluation, Numbers::exact));
  return json;
}

Answer read_answer(const JsonCursor& json) {
  Answer answer;
  if (const auto model = json.object("model", Need::required)) {
    answer.model.digest = model->text("digest", Need::required);
    answer.model.format = model->text("format", Need::required);
    answer.model.type = model->text("type", Need::required);
    answer.model.spec_version = model->integer<std::int64_t>("spec_version", Need::required);
    answer.model.size = model->integer<std::uint64_t>("size", Need::required);
  }
  answer.evaluations = json.list("evaluations", Need::required, read_evaluation);
  return answer;
}

std::string result_document(OrderedJson result) {
  OrderedJson json = {{"protocol", k_worker_protocol}};
  json["result"] = std::move(result);
  return compact(json) + "\n";
}

std::string error_document(const EvaluationError& error) {
  const OrderedJson json = {{"protocol", k_worker_protocol},
                            {"error", {{"kind", error.kind}, {"message", error.message}}}};
  return compact(json) + "\n";
}

Result<WorkerDocument> read_worker_document(std::string_view text) {
  ANECOMPAT_TRY_ASSIGN(auto json, parse_object(text));
  WorkerDocument document;
  JsonProblem problem;
  const JsonCursor root(json, problem);
  check_protocol(root);
  if (const auto error = root.object("error", Need::optional)) {
    document.error = EvaluationError{.kind = error->text("kind", Need::required),
                                     .signal = {},
                                     .message = error->text("message", Need::required)};
  } else {
    root.object("result", Need::required);
  }
  if (problem.found())
    return fail({.kind = ErrorKind::unreadable, .message = problem.message()});
  if (!document.error)
    document.result = std::move(json["result"]);
  return document;
}

}  // namespace anecompat::evaluate
