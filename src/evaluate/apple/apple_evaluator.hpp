// The swizzled evaluation: runs a model with Core ML in this process and reports what reached the
// ANE. No Objective-C here; on other systems measuring_available() is false.
//
// Core ML can crash, abort or hang while it loads or runs a model: call measure() only in a process
// that may be lost.
#pragma once

#include "ane/verdict.hpp"
#include "evaluate/measurement.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace anecompat::evaluate {

enum class MeasureDepth : std::uint8_t {
  plan,  // ask for Core ML's plan only; nothing is hooked, fed or run
  run,
};

struct MeasureRequest {
  std::string model_path;  // .mlmodel, .mlpackage or .mlmodelc
  std::string function;    // of a multi-function model; empty: its default
  ane::ComputeUnits compute_units = ane::ComputeUnits::cpu_and_ne;
  ane::ReshapeFrequency reshape_frequency = ane::ReshapeFrequency::frequent;
  MeasureDepth depth = MeasureDepth::run;
  std::uint32_t predictions = 3;  // at least 2; the first is the warm-up and is not counted
  std::uint64_t seed = 1;         // of the random inputs
  std::map<std::string, std::vector<std::int64_t>> shapes;  // per input; others: their default
  std::string log_directory;   // receives what was seen, file by file; empty: nothing is written
  std::string bundle_cache;    // where Core ML keeps what it compiles; empty: this process's
  std::string temp_directory;  // for a compiled model; empty: the system's; removed afterwards
  std::chrono::milliseconds plan_timeout{std::chrono::minutes{2}};
  bool analytics = true;  // also ask for Core ML's per-op messages, at the cost of another load
  // Run also on a machine without an ANE, where nothing that is seen proves anything.
  bool without_ane = false;
  // Told each step as it begins, so that a log shows where a lost process was; may be empty.
  std::function<void(MeasureStep)> on_step;
};

// Whether this build can measure at all.
bool measuring_available();

// Never throws and never fails as a whole: what went wrong is in the measurement.
Measurement measure(const MeasureRequest& request);

// What this machine can do; loads no model. Also tells which hooks could be installed.
struct HostReport {
  HostProbe host;
  std::vector<HookStatus> hooks;
};
HostReport probe_host();

}  // namespace anecompat::evaluate
