#include "evaluate/worker_runner.hpp"

#include "evaluate/worker_protocol.hpp"
#include "support/subprocess.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace anecompat::evaluate {

namespace {

using Outcome = ProcessResult::Outcome;

constexpr std::size_t k_log_lines = 8;
constexpr std::size_t k_log_width = 240;

// The end of what the worker printed, each line on its own and fit for a terminal; libraries print
// whatever they like.
std::string with_log(std::string message, std::string_view log) {
  std::vector<std::string_view> lines;
  for (const auto line : split(log, '\n')) {
    if (!trim(line).empty())
      lines.push_back(line);
  }
  if (lines.empty())
    return message;
  const auto shown = std::min(lines.size(), k_log_lines);
  message += shown == 1 ? "\nthe last line of its log:"
                        : fmt::format("\nthe last {} lines of its log:", shown);
  for (auto line = lines.end() - static_cast<std::ptrdiff_t>(shown); line != lines.end(); ++line)
    message += "\n  " + elide_middle(printable(*line), k_log_width);
  return message;
}

std::string in_seconds(std::chrono::milliseconds duration) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(duration).count());
}

EvaluationError lost(const char* kind, std::string message, const ProcessResult& process) {
  return {.kind = kind, .signal = {}, .message = with_log(std::move(message), process.log)};
}

EvaluationError crashed(const ProcessResult& process) {
  auto message = fmt::format("the worker process was ended by {}", signal_name(process.signal));
  if (process.signal == SIGKILL)
    message += ", which systems send when memory runs out";
  auto error = lost(k_crash, std::move(message), process);
  error.signal = process.signal;
  return error;
}

// What became of one worker; nullopt when `accept` took its result.
std::optional<EvaluationError> judge(const ProcessResult& process,
                                     std::chrono::milliseconds timeout,
                                     const std::function<void(const JsonCursor&)>& accept) {
  switch (process.outcome) {
    case Outcome::exited:
      break;
    case Outcome::signaled:
      return crashed(process);
    case Outcome::timed_out:
      return lost(
          k_timeout,
          fmt::format("no answer within {}; the worker process was stopped", in_seconds(timeout)),
          process);
    case Outcome::cancelled:
      return EvaluationError{.kind = to_string(ErrorKind::interrupted),
                             .signal = {},
                             .message = "the run was interrupted while this model was evaluated"};
    case Outcome::flooded:
      return lost(k_protocol,
                  fmt::format("the worker process was stopped after it wrote {}",
                              human_bytes(process.result.size())),
                  process);
  }
  if (process.exit_code != 0 || process.result.empty())
    return lost(
        k_crash,
        fmt::format("the worker process exited with code {} before it answered", process.exit_code),
        process);
  const auto not_understood = [&](std::string_view why) {
    return lost(k_protocol,
                fmt::format("the worker process gave an answer that cannot be used: {}", why),
                process);
  };
  const auto document = read_worker_document(process.result);
  if (!document)
    return not_understood(document.error().message);
  if (document->error)
    return document->error;
  JsonProblem problem;
  accept(JsonCursor(document->result, problem));
  if (problem.found())
    return not_understood(problem.message());
  return std::nullopt;
}

// Whether another try may end otherwise: a model that cannot be read stays unreadable.
bool may_differ(const EvaluationError& error) {
  return error.kind == k_crash || error.kind == k_timeout || error.kind == k_protocol;
}

// As reports tell attempts apart.
std::string outcome_word(const std::optional<EvaluationError>& error) {
  if (!error)
    return "ok";
  return may_differ(*error) ? error->kind : "error";
}

}  // namespace

WorkerOutcome run_worker(const WorkerOptions& options, const std::string& request,
                         std::chrono::milliseconds timeout,
                         const std::function<void(const JsonCursor&)>& accept) {
  WorkerOutcome outcome;
  for (unsigned attempt = 0; attempt <= options.retries; ++attempt) {
    const auto process = run_process({.arguments = options.command,
                                      .input = request,
                                      .environment = {},
                                      .deadline = timeout,
                                      .max_result = options.max_answer,
                                      .cancel = options.cancel});
    if (process) {
      outcome.duration = process->duration;
      outcome.error = judge(*process, timeout, accept);
    } else {
      outcome.error = EvaluationError{.kind = to_string(process.error().kind),
                                      .signal = {},
                                      .message = process.error().to_string()};
    }
    outcome.attempts.push_back({.outcome = outcome_word(outcome.error),
                                .message = outcome.error ? outcome.error->message : std::string(),
                                .duration = outcome.duration});
    if (!outcome.error || !may_differ(*outcome.error))
      break;
  }
  return outcome;
}

void record_attempts(const WorkerOutcome& outcome, Evaluation& evaluation) {
  evaluation.attempts = outcome.attempts;
  evaluation.duration = outcome.duration;
  // The worker did its work and says that this model cannot be evaluated.
  if (evaluation.error && !outcome.error && !evaluation.attempts.empty()) {
    evaluation.attempts.back().outcome = "error";
    evaluation.attempts.back().message = evaluation.error->message;
  }
  if (!outcome.flaky())
    return;
  const auto& first = outcome.attempts.front();
  evaluation.risks.push_back(
      {.code = "flaky-evaluation",
       .message =
           fmt::format("succeeded only at try {}; the first one ended in a {}: {}",
                       outcome.attempts.size(), first.outcome, split(first.message, '\n').front()),
       .op = {}});
}

}  // namespace anecompat::evaluate
