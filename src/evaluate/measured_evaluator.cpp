#include "evaluate/measured_evaluator.hpp"

#include "coreml/model_reader.hpp"
#include "evaluate/measured_verdict.hpp"
#include "evaluate/measurement_json.hpp"
#include "evaluate/worker_protocol.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace anecompat::evaluate {

namespace {

using ane::Backend;
using ane::Level;

void place(const MappedOp& mapped, OpResult& op) {
  op.placement = mapped.placement;
  op.eligible.clear();
  for (const auto backend : {Backend::ane, Backend::cpu, Backend::gpu}) {
    if (std::ranges::find(mapped.supported, backend) != mapped.supported.end())
      op.eligible.push_back(backend);
  }
  op.boundary = mapped.boundary;
  op.cost_us.reset();
  if (!mapped.placement || mapped.placement == Backend::ane) {
    op.reason.reset();
    return;
  }
  const bool supported = !op.eligible.empty() && op.eligible.front() == Backend::ane;
  if (supported) {
    op.reason = Reason{"supported-not-preferred",
                       "the ANE could take it, and Core ML's plan puts it elsewhere"};
  } else if (!mapped.ane_message.empty()) {
    // The prediction's code stays: it leads to advice. The words are Core ML's.
    op.reason = Reason{op.reason ? op.reason->code : "unsupported-op", mapped.ane_message};
  } else if (!op.reason) {
    op.reason = Reason{"unsupported-op", "Core ML's plan does not list the ANE for it"};
  }
}

// Without a plan the names of the segments tell what ran on the ANE, and nothing tells where the
// rest went.
void place_by_segments(const SegmentMapping& mapping, std::vector<OpResult>& ops) {
  for (std::size_t i = 0; i < ops.size(); ++i) {
    auto& op = ops[i];
    op.cost_us.reset();
    op.placement.reset();
    op.boundary = mapping.ops[i].boundary;
    if (mapping.ops[i].in_segment) {
      op.placement = Backend::ane;
      op.reason.reset();
    }
  }
}

// Core ML moved what it had planned for the ANE.
void move_off_the_ane(const std::optional<Reason>& reason, std::vector<OpResult>& ops) {
  for (auto& op : ops) {
    if (op.placement == Backend::ane) {
      op.placement = Backend::cpu;
      op.reason = reason;
    }
  }
}

std::string_view function_of(const OpResult& op) {
  return std::string_view(op.path).substr(0, op.path.find('/'));
}

void count(Evaluation& evaluation) {
  auto& counts = evaluation.counts;
  counts = {};
  evaluation.segments.clear();
  evaluation.shares = {};
  std::string_view function;
  for (std::uint32_t i = 0; i < evaluation.ops.size(); ++i) {
    const auto& op = evaluation.ops[i];
    ++counts.ops;
    counts.ane += op.placement == Backend::ane ? 1U : 0U;
    counts.cpu += op.placement == Backend::cpu ? 1U : 0U;
    counts.gpu += op.placement == Backend::gpu ? 1U : 0U;
    counts.unplaced += op.placement ? 0U : 1U;
    counts.boundary += op.boundary ? 1U : 0U;
    counts.eligible += std::ranges::find(op.eligible, Backend::ane) != op.eligible.end() ? 1U : 0U;
    if (!op.placement)
      continue;
    auto& segments = evaluation.segments;
    if (segments.empty() || segments.back().backend != *op.placement || function != function_of(op))
      segments.push_back({.backend = *op.placement, .first = i});
    segments.back().count = i - segments.back().first + 1;
    function = function_of(op);
  }
  const auto placed = counts.ane + counts.cpu + counts.gpu;
  if (placed > 0)
    evaluation.shares.ops = static_cast<double>(counts.ane) / placed;
}

// Why a run that began on a capable machine did not come to its end.
std::optional<EvaluationError> error_of(const Measurement& measurement) {
  if (!measurement.failure || !measurement.host.ane_host())
    return std::nullopt;
  const auto error = [&](const char* kind, std::string_view what) {
    return EvaluationError{.kind = kind,
                           .signal = {},
                           .message = fmt::format("Core ML could not {}: {}", what,
                                                  printable(to_string(*measurement.failure)))};
  };
  switch (measurement.reached) {
    case MeasureStep::compile:
      return error("compile", "compile the model");
    case MeasureStep::load:
      return error("load", "load the model");
    case MeasureStep::input:
      return error("input", "be given inputs for the model");
    case MeasureStep::predict:
      return error("prediction", "run the model");
    case MeasureStep::probe:
    case MeasureStep::done:
      break;
  }
  return std::nullopt;
}

ane::Evidence kind_of(RunEvidence evidence) {
  return evidence == RunEvidence::planned ? ane::Evidence::planned : ane::Evidence::measured;
}

class MeasuredEvaluator : public Evaluator {
 public:
  MeasuredEvaluator(std::shared_ptr<const Evaluator> predictor, MeasuredOptions options)
      : m_predictor(std::move(predictor)), m_options(std::move(options)) {}

  Answer evaluate(const Request& request) const override {
    auto answer = m_predictor->evaluate(request);
    const bool readable = std::ranges::none_of(
        answer.evaluations,
        [](const Evaluation& evaluation) { return evaluation.error.has_value(); });
    if (!readable)
      return answer;
    Measurement measurement;
    const auto outcome = run(request, measurement);
    const auto graph = coreml::read_model(request.model_path);
    const auto mapping =
        graph ? map_segments(*graph, request.function, measurement) : SegmentMapping{};
    for (auto& evaluation : answer.evaluations) {
      if (outcome.error)
        evaluation = lost(evaluation, *outcome.error);
      else
        evaluation =
            judge_measurement(std::move(evaluation), measurement, mapping, m_options.evidence);
      record_attempts(outcome, evaluation);
    }
    return answer;
  }

 private:
  WorkerOutcome run(const Request& request, Measurement& measurement) const {
    WorkerRequest question;
    question.mode =
        m_options.evidence == RunEvidence::planned ? WorkerMode::plan : WorkerMode::measure;
    question.request = request;
    question.log_directory = m_options.log_directory;
    const auto text = to_json(question);
    if (!text) {
      WorkerOutcome outcome;
      outcome.error = EvaluationError{
          .kind = to_string(text.error().kind), .signal = {}, .message = text.error().to_string()};
      return outcome;
    }
    return run_worker(m_options.worker, *text, request.timeout, [&](const JsonCursor& json) {
      auto read = measurement_from_json(json.value().dump());
      if (read)
        measurement = std::move(*read);
      else
        json.wrong(read.error().message);
    });
  }

  Evaluation lost(const Evaluation& predicted, const EvaluationError& error) const {
    Evaluation evaluation;
    evaluation.target = predicted.target;
    evaluation.evidence = kind_of(m_options.evidence);
    evaluation.error = error;
    return evaluation;
  }

  std::shared_ptr<const Evaluator> m_predictor;
  MeasuredOptions m_options;
};

}  // namespace

Evaluation judge_measurement(Evaluation predicted, const Measurement& measurement,
                             const SegmentMapping& mapping, RunEvidence evidence) {
  auto& evaluation = predicted;
  if (mapping.ops.size() != evaluation.ops.size()) {
    evaluation.error =
        EvaluationError{.kind = to_string(ErrorKind::unreadable),
                        .signal = {},
                        .message = "the model changed between the prediction and the measurement"};
    return evaluation;
  }
  if (auto error = error_of(measurement)) {
    evaluation.evidence = kind_of(evidence);
    evaluation.level = Level::unknown;
    evaluation.error = std::move(error);
    return evaluation;
  }
  auto facts = measured_facts(measurement, mapping);
  // As if there were no hooks: then the plan decides.
  if (evidence == RunEvidence::planned)
    facts.hooks_installed = false;
  auto verdict = decide(facts);
  if (evidence == RunEvidence::planned) {
    verdict.evidence = ane::Evidence::planned;
    if (!mapping.plan && verdict.reason && verdict.reason->code == k_no_evidence)
      verdict.reason->message =
          fmt::format("Core ML gave no plan: {}", printable(measurement.plan_error));
  }
  if (!mapping.plan) {
    place_by_segments(mapping, evaluation.ops);
  } else {
    for (std::size_t i = 0; i < evaluation.ops.size(); ++i)
      place(mapping.ops[i], evaluation.ops[i]);
    if (verdict.level == Level::none)
      move_off_the_ane(verdict.reason, evaluation.ops);
  }
  evaluation.level = verdict.level;
  evaluation.evidence = verdict.evidence;
  evaluation.confidence =
      verdict.level == Level::unknown ? ane::Confidence::low : ane::Confidence::high;
  // Of a model that runs partly elsewhere the prediction's main reason still says why.
  if (verdict.reason || verdict.level == Level::full)
    evaluation.reason = std::move(verdict.reason);
  count(evaluation);
  return evaluation;
}

std::unique_ptr<Evaluator> make_measured_evaluator(std::shared_ptr<const Evaluator> predictor,
                                                   MeasuredOptions options) {
  return std::make_unique<MeasuredEvaluator>(std::move(predictor), std::move(options));
}

}  // namespace anecompat::evaluate
