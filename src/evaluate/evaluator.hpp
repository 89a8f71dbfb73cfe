// The seam between the gate and whatever finds out where a model runs.
#pragma once

#include "ane/target.hpp"
#include "ane/verdict.hpp"
#include "evaluate/evaluation.hpp"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace anecompat::evaluate {

// One question: this model, these targets.
struct Request {
  std::string model_path;  // a local model
  std::string function;    // of a multi-function model; empty: its default
  std::vector<ane::Target> targets;
  ane::ComputeUnits compute_units = ane::ComputeUnits::cpu_and_ne;
  std::chrono::milliseconds timeout{std::chrono::minutes{5}};
  // Of flexible inputs, where the model is run; others get their default shape.
  std::map<std::string, std::vector<std::int64_t>> shapes = {};
  // What the app tells Core ML of flexible inputs.
  ane::ReshapeFrequency reshape_frequency = ane::ReshapeFrequency::frequent;
};

// What is known of the model file itself, for the report.
struct ModelFacts {
  std::string digest;  // "sha256:…" of the model (of a bundle: of its sorted file list)
  std::string format;  // "mlmodel", "mlpackage", "mlmodelc", "mil"
  std::string type;    // "mlProgram", "neuralNetwork", "pipeline", …
  std::int64_t spec_version = 0;
  std::uint64_t size = 0;  // bytes on disk, weights included
};

struct Answer {
  ModelFacts model;
  std::vector<Evaluation> evaluations;  // one per target, in the order asked
};

// Evaluates models. Safe to use from several threads at once.
class Evaluator {
 public:
  Evaluator() = default;
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;
  virtual ~Evaluator() = default;

  // Never fails as a whole: a model that cannot be evaluated gives evaluations with an error.
  virtual Answer evaluate(const Request& request) const = 0;
};

}  // namespace anecompat::evaluate
