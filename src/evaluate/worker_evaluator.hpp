// The predictor in worker processes: nothing that a model does to it reaches this one.
#pragma once

#include "evaluate/evaluator.hpp"
#include "evaluate/worker_runner.hpp"

#include <memory>
#include <string>
#include <vector>

namespace anecompat::evaluate {

// Far above what any prediction takes, far below what hurts a runner.
constexpr std::uint64_t k_worker_memory = 4'000'000'000;

struct WorkerEvaluatorOptions {
  WorkerOptions worker;
  std::string rules_directory;  // as for the predictor
  std::vector<std::string> what_if;
  std::uint64_t memory_limit = k_worker_memory;  // bytes, where the system has such a limit
};

// One worker for each request; Request::timeout is its deadline.
std::unique_ptr<Evaluator> make_worker_evaluator(WorkerEvaluatorOptions options);

// The same failure on every target.
std::vector<Evaluation> failed_evaluations(const std::vector<ane::Target>& targets,
                                           const EvaluationError& error);

}  // namespace anecompat::evaluate
