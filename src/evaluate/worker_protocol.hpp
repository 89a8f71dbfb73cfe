// What goes to a worker process and comes back: one JSON document each way.
//
//   request: {protocol, mode, model, function, targets, compute_units, rules, what_if, memory, …}
//   answer:  {protocol, result} or {protocol, error: {kind, message}}
#pragma once

#include "evaluate/evaluator.hpp"
#include "support/json_cursor.hpp"
#include "support/result.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::evaluate {

// Both sides are the same program; the number tells a mixed-up installation apart.
constexpr std::int64_t k_worker_protocol = 1;

enum class WorkerMode : std::uint8_t {
  predict,  // the result is an Answer
  measure,  // the result is a Measurement
  plan,     // the same, of Core ML's plan alone
};

struct WorkerRequest {
  WorkerMode mode = WorkerMode::predict;
  Request request;
  std::string rules_directory;
  std::vector<std::string> what_if;
  std::uint64_t memory_limit = 0;  // bytes of address space; 0: no limit
  std::string log_directory;       // of a measurement; empty: nothing is written
};

// Errors: unsupported, when a path is not UTF-8 and so cannot stand in JSON.
Result<std::string> to_json(const WorkerRequest& request);
// Errors: usage.
Result<WorkerRequest> read_worker_request(std::string_view text);

nlohmann::ordered_json to_json(const Answer& answer);
// What is wrong with it is noted in the cursor's problem.
Answer read_answer(const JsonCursor& json);

std::string result_document(nlohmann::ordered_json result);
std::string error_document(const EvaluationError& error);

// A worker's document taken apart: either of the two.
struct WorkerDocument {
  nlohmann::json result;
  std::optional<EvaluationError> error;
};
// Errors: unreadable, saying in what way it is no answer.
Result<WorkerDocument> read_worker_document(std::string_view text);

}  // namespace anecompat::evaluate
