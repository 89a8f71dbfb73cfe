// What one measured run saw, as plain data: it crosses a process boundary as JSON and is judged on
// the other side, so nothing here knows of Objective-C.
#pragma once

#include "ane/verdict.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace anecompat::evaluate {

// What this machine can do.
struct HostProbe {
  std::string os_version;      // "15.5"
  std::string os_build;        // "24F74"
  std::string arch;            // "arm64"
  std::string hardware_model;  // "Mac16,10"
  std::string chip_name;       // "Apple M4"
  bool virtual_machine = false;
  bool framework_loaded = false;       // AppleNeuralEngine
  bool compute_plan = false;           // MLComputePlan is there
  bool compute_devices_known = false;  // Core ML could list its devices
  bool neural_engine_listed = false;   // … and a Neural Engine was among them
  std::optional<std::int64_t> neural_engine_cores;
  std::optional<bool> private_has_ane;  // what AppleNeuralEngine itself says
  std::string ane_architecture;         // "h16g"; empty: not said
  std::vector<std::string> missing;  // "Class selector" that this OS lacks and a measured run uses
  std::vector<std::string> warnings;

  // A process on this machine can use an ANE, as far as anything says.
  bool ane_host() const;

  friend bool operator==(const HostProbe&, const HostProbe&) = default;
};

enum class HookState : std::uint8_t {
  installed,
  absent,    // no such class or selector on this OS
  mismatch,  // it is there with other types; hooking it would corrupt its arguments
};

// What a hook watches.
enum class HookPurpose : std::uint8_t { evaluate, process, chain, chain_input, compile, load };

struct HookStatus {
  std::string id;  // the table row, "E1.doEvaluateDirect"
  std::string class_name;
  std::string selector;
  HookPurpose purpose = HookPurpose::evaluate;
  HookState state = HookState::absent;
  std::string detail;  // the type encoding that was found, for a mismatch

  friend bool operator==(const HookStatus&, const HookStatus&) = default;
};

// What the driver was doing when something happened.
enum class Phase : std::uint8_t { idle, plan, load, warm_up, predict };

// An NSError or NSException, as text.
struct FrameworkError {
  std::string domain;
  std::int64_t code = 0;
  std::string message;

  friend bool operator==(const FrameworkError&, const FrameworkError&) = default;
};

// One entry point of a compiled ANE program, by index.
struct AneProcedure {
  std::uint32_t index = 0;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;

  friend bool operator==(const AneProcedure&, const AneProcedure&) = default;
};

enum class NameSource : std::uint8_t { none, espresso_key, symbols };

// One program that was compiled for, loaded onto or evaluated on the ANE.
struct AneProgram {
  std::uint64_t string_id = 0;
  std::uint64_t handle = 0;
  std::string uuid;
  std::string key;  // as found; JSON on the Espresso path, empty when nil
  std::string model_url;
  std::string source_url;
  std::string cache_identifier;
  std::optional<std::int64_t> identifier_source;
  std::optional<std::int64_t> espresso_segment;  // "isegment" of the key
  NameSource names = NameSource::none;
  std::vector<AneProcedure> procedures;

  friend bool operator==(const AneProgram&, const AneProgram&) = default;
};

// Each inference of a chain enqueues its outputs (`chain`) and hands over its inputs
// (`chain_input`).
enum class AneEventKind : std::uint8_t { compile, load, evaluate, chain, chain_input };

struct AneEvent {
  AneEventKind kind = AneEventKind::evaluate;
  Phase phase = Phase::idle;
  std::string hook;                      // id of the outermost hook that saw it
  std::optional<std::uint32_t> program;  // index into Measurement::programs
  std::uint32_t procedure = 0;
  std::uint32_t inputs = 0;  // surfaces bound
  std::uint32_t outputs = 0;
  std::uint32_t thread = 0;  // numbered in order of appearance
  bool ok = false;
  std::optional<std::uint32_t> status;  // raw status of the program, where it was seen
  std::optional<FrameworkError> error;

  friend bool operator==(const AneEvent&, const AneEvent&) = default;
};

// How often something happened in a phase; kept apart from the events, which are capped.
struct AneTally {
  AneEventKind kind = AneEventKind::evaluate;
  Phase phase = Phase::idle;
  std::optional<std::uint32_t> program;
  std::uint32_t procedure = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;

  friend bool operator==(const AneTally&, const AneTally&) = default;
};

// One operation of Core ML's compute plan.
struct PlannedOp {
  std::string stage;        // "" at the root, "0", "0/1" for pipeline children by position
  std::string function;     // "main"
  std::string name;         // first output
  std::string type;         // "ios17.conv"
  std::uint32_t depth = 0;  // inside how many blocks
  std::optional<ane::Backend> preferred;  // none: Core ML reports no device
  std::vector<ane::Backend> supported;
  std::optional<double> weight;  // relative cost
  std::string ane_message;       // why the ANE does not take it, where Core ML says

  friend bool operator==(const PlannedOp&, const PlannedOp&) = default;
};

struct ComputePlan {
  std::vector<PlannedOp> ops;

  friend bool operator==(const ComputePlan&, const ComputePlan&) = default;
};

struct PredictionRecord {
  Phase phase = Phase::predict;
  bool ok = false;
  std::chrono::microseconds duration{0};
  std::optional<FrameworkError> error;

  friend bool operator==(const PredictionRecord&, const PredictionRecord&) = default;
};

// The step that a run ended at.
enum class MeasureStep : std::uint8_t { probe, compile, load, input, predict, done };

struct Measurement {
  HostProbe host;
  std::vector<HookStatus> hooks;
  std::vector<AneProgram> programs;
  std::vector<AneEvent> events;  // the first ones; tallies are complete
  std::uint64_t events_dropped = 0;
  std::vector<AneTally> tallies;
  std::optional<ComputePlan> plan;
  std::string plan_error;  // why there is no plan
  std::vector<PredictionRecord> predictions;
  MeasureStep reached = MeasureStep::probe;  // `done`, or the step that failed
  std::optional<FrameworkError> failure;     // why it ended there
  std::vector<std::string> inputs;           // what was fed, one line per feature
  std::vector<std::string> surfaces;  // what the first evaluation of each procedure was given
  std::vector<std::string> outputs;   // model outputs, by name
  std::vector<std::string> bundles;   // what Core ML compiled meanwhile, for which devices; a hint
  std::vector<std::string> warnings;

  friend bool operator==(const Measurement&, const Measurement&) = default;
};

// Successful ANE evaluations per prediction that returned, warm-up aside; 0 without one.
double evaluations_per_prediction(const Measurement& measurement);

// Failed events of a kind in the given phases, and the text of the first.
struct FailureCount {
  std::uint64_t count = 0;
  std::string text;
};
// Compilations and loads for the ANE, outside of planning: planning makes programs of its own.
FailureCount program_failures(const Measurement& measurement);
// Evaluations, warm-up included: a program that fails once is given up by Core ML.
FailureCount evaluation_failures(const Measurement& measurement);

// "com.apple.appleneuralengine 8: text"
std::string to_string(const FrameworkError& error);

}  // namespace anecompat::evaluate
