// Running worker processes: one request each, under a deadline, tried again where that can help.
#pragma once

#include "evaluate/evaluation.hpp"
#include "support/json_cursor.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace anecompat::evaluate {

struct WorkerOptions {
  std::vector<std::string> command;      // program and arguments that start a worker
  unsigned retries = 0;                  // more tries after a crash, a timeout or no proper answer
  std::size_t max_answer = 256U << 20U;  // bytes; a worker that writes more is killed
  const std::atomic<bool>* cancel = nullptr;  // once true, workers are killed; may be null
};

// Error kinds of a worker that was lost; others come from the worker itself.
inline constexpr const char* k_crash = "crash";        // a signal, or an exit before the answer
inline constexpr const char* k_timeout = "timeout";    // killed at the deadline
inline constexpr const char* k_protocol = "protocol";  // its answer is no answer

struct WorkerOutcome {
  std::vector<Attempt> attempts;          // every try, in order
  std::optional<EvaluationError> error;   // of the last try
  std::chrono::milliseconds duration{0};  // of the last try

  // A try failed and a later one did not.
  bool flaky() const { return !error && attempts.size() > 1; }
};

// Gives `request` to a worker and its result to `accept`, which notes in the cursor's problem what
// is wrong with it. Each try may take `timeout`. Safe to call from several threads at once.
WorkerOutcome run_worker(const WorkerOptions& options, const std::string& request,
                         std::chrono::milliseconds timeout,
                         const std::function<void(const JsonCursor&)>& accept);

// Adds to an evaluation how it was come by: attempts, duration, and a risk when it was flaky.
void record_attempts(const WorkerOutcome& outcome, Evaluation& evaluation);

}  // namespace anecompat::evaluate
