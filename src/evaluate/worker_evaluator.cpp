#include "evaluate/worker_evaluator.hpp"

#include "evaluate/worker_protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace anecompat::evaluate {

namespace {

// A worker that answers another question than the one asked answers nothing.
void check_targets(const JsonCursor& json, const Answer& answer, const Request& request) {
  const bool same = std::ranges::equal(answer.evaluations, request.targets,
                                       [](const Evaluation& evaluation, const ane::Target& target) {
                                         return evaluation.target == ane::to_string(target);
                                       });
  if (!same)
    json.wrong("its evaluations are not those of the targets asked for");
}

class WorkerEvaluator : public Evaluator {
 public:
  explicit WorkerEvaluator(WorkerEvaluatorOptions options) : m_options(std::move(options)) {}

  Answer evaluate(const Request& request) const override {
    WorkerRequest question;
    question.request = request;
    question.rules_directory = m_options.rules_directory;
    question.what_if = m_options.what_if;
    question.memory_limit = m_options.memory_limit;
    Answer answer;
    const auto text = to_json(question);
    if (!text) {
      answer.evaluations =
          failed_evaluations(request.targets, {.kind = to_string(text.error().kind),
                                               .signal = {},
                                               .message = text.error().to_string()});
      return answer;
    }
    const auto accept = [&](const JsonCursor& json) {
      answer = read_answer(json);
      check_targets(json, answer, request);
    };
    const auto outcome = run_worker(m_options.worker, *text, request.timeout, accept);
    if (outcome.error) {
      answer = {};
      answer.evaluations = failed_evaluations(request.targets, *outcome.error);
    }
    for (auto& evaluation : answer.evaluations)
      record_attempts(outcome, evaluation);
    return answer;
  }

 private:
  WorkerEvaluatorOptions m_options;
};

}  // namespace

std::unique_ptr<Evaluator> make_worker_evaluator(WorkerEvaluatorOptions options) {
  return std::make_unique<WorkerEvaluator>(std::move(options));
}

std::vector<Evaluation> failed_evaluations(const std::vector<ane::Target>& targets,
                                           const EvaluationError& error) {
  std::vector<Evaluation> evaluations;
  for (const auto& target : targets) {
    Evaluation evaluation;
    evaluation.target = ane::to_string(target);
    evaluation.error = error;
    evaluations.push_back(std::move(evaluation));
  }
  return evaluations;
}

}  // namespace anecompat::evaluate
