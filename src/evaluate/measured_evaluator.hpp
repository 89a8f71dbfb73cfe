// Measured and planned evidence: a model run by Core ML in a worker process, and what was seen
// there judged here.
#pragma once

#include "evaluate/evaluator.hpp"
#include "evaluate/measurement.hpp"
#include "evaluate/segment_mapping.hpp"
#include "evaluate/worker_runner.hpp"

#include <memory>
#include <string>

namespace anecompat::evaluate {

enum class RunEvidence : std::uint8_t {
  measured,  // what ran, and Core ML's plan beside it
  planned,   // Core ML's plan alone
};

// Puts what was seen over the prediction for the same chip: the verdict, and where the plan or the
// names of segments tell it the device of each operation; `mapping` is of the same graph. What only
// a prediction can know (the eligible level, risks) stays. A run that failed becomes an error of
// kind "compile", "load", "input" or "prediction"; on a machine without an ANE the level is
// `unknown`.
Evaluation judge_measurement(Evaluation predicted, const Measurement& measurement,
                             const SegmentMapping& mapping, RunEvidence evidence);

struct MeasuredOptions {
  WorkerOptions worker;
  RunEvidence evidence = RunEvidence::measured;
  std::string log_directory;  // receives what each run saw; empty: nothing is written
};

// `predictor` names the operations; a model it cannot read is not run.
std::unique_ptr<Evaluator> make_measured_evaluator(std::shared_ptr<const Evaluator> predictor,
                                                   MeasuredOptions options);

}  // namespace anecompat::evaluate
