// What the fake frameworks are to do in one test. The behaviour behind each choice is what is known
// of the real ones; a test sets the scenario before it measures.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct __IOSurface;

namespace anecompat::test {

// What one step of AppleNeuralEngine does.
enum class Act {
  succeed,
  fail,                // NO and an error
  fail_silently,       // NO without an error
  succeed_with_error,  // YES and an error
  raise,               // an NSException
  crash,               // SIGSEGV
  abort,               // SIGABRT, as an assertion of a framework
  hang,                // until the process is killed
};

// What the key of an _ANEModel is.
enum class Key { espresso, hash, absent, number, broken_json, other_json };

// How an evaluation reaches the program.
enum class Route {
  direct,          // doEvaluateDirect…, as both engines do
  evaluate,        // evaluateWithModel:…, which forwards to doEvaluateDirect…
  real_time,       // evaluateRealTimeWithModel:…, which forwards, too
  in_memory,       // _ANEInMemoryModel
  program,         // straight to _ANEProgramForEvaluation
  virtual_client,  // doEvaluateDirect… that forwards to the virtual client
  chaining,        // doBuffersReady… and doEnqueueSets…
  enqueue_only,    // enqueueing alone
  no_model,        // doEvaluateDirect… with a nil model
};

// A part of a model that is compiled for the ANE.
struct FakeSegment {
  std::vector<std::string> inputs = {"x"};
  std::vector<std::string> outputs = {"y"};
  Key key = Key::absent;
  bool symbols = true;             // modelAttributes name inputs and outputs
  bool index_sets = false;         // … with NSIndexSet instead of NSArray
  bool bad_indices = false;        // … with indices beyond the symbols
  bool number_attributes = false;  // modelAttributes hold numbers where lists belong
  Act compile = Act::succeed;
  Act load = Act::succeed;
  Act evaluate = Act::succeed;
  std::uint32_t fail_from = 0;  // evaluations before this one succeed whatever `evaluate` says
  Route route = Route::direct;
  int times = 1;    // evaluations per prediction
  int threads = 1;  // … on each of so many threads at once
  bool key_raises = false;
};

struct FakeOp {
  std::string name;
  std::string type = "ios17.conv";
  std::string preferred = "ane";  // "" : no usage
  std::vector<std::string> supported = {"ane", "cpu"};
  std::vector<std::vector<FakeOp>> blocks = {};
  std::string message = {};  // of the ANE, in the segmentation analytics
};

// The structure Core ML reports.
struct FakeStructure {
  std::map<std::string, std::vector<FakeOp>> functions;
  std::vector<FakeOp> layers;
  std::vector<FakeStructure> stages;
};

enum class PlanAct { succeed, fail, hang, raise, late };

struct FakeInput {
  std::string name;
  std::string kind = "multi-array";  // image, int64, double, string, dictionary, sequence, unknown
  long type = 0x10000 | 32;          // element type, pixel format, key or value type
  std::vector<std::int64_t> shape = {1, 3, 4, 4};
  std::vector<std::vector<std::int64_t>> enumerated = {};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges = {};  // location, length
  bool optional = false;
};

struct Scenario {
  // The machine.
  bool arm64 = true;
  bool virtual_machine = false;
  std::string hardware_model = "Mac16,10";
  bool neural_engine = true;    // Core ML lists one
  bool device_info_ane = true;  // AppleNeuralEngine says there is one
  bool devices_raise = false;

  // The model.
  std::vector<FakeSegment> segments;
  FakeStructure structure;
  std::vector<FakeInput> inputs = {FakeInput{.name = "x"}};
  std::vector<std::string> outputs = {"y"};
  bool stateful = false;

  // What goes wrong.
  Act compile_model = Act::succeed;  // MLModel's own compilation
  Act load_model = Act::succeed;
  Act predict = Act::succeed;
  PlanAct plan = PlanAct::succeed;
  bool cached = false;    // programs are compiled already: compileModel is not called
  bool profiling = true;  // profiling options exist
  bool surface_locks_fail = false;
  bool surfaces_without_memory = false;
};

// The scenario of the running test; set it before the first message.
Scenario& scenario();

// What the fakes saw.
struct Seen {
  std::atomic<int> models_loaded{0};
  std::atomic<int> plans_loaded{0};
  std::atomic<int> predictions{0};
  std::atomic<int> stateful_predictions{0};
  std::atomic<int> compiled_models{0};
  std::atomic<int> evaluations{0};  // that reached a program
  std::atomic<int> open_pixel_buffers{0};
  std::atomic<int> surface_locks{0};       // ever taken
  std::atomic<int> open_surface_locks{0};  // not given back
  std::atomic<int> writing_locks{0};       // that were not for reading only
  std::atomic<long> compute_units{-1};
  std::string function;                    // asked for
  long long reshape_frequency = 0;         // the hint given
  std::map<std::string, std::string> fed;  // first bytes of each input, by name
  std::map<std::string, std::vector<std::int64_t>> shapes;
};

Seen& seen();

// Objects of the fake frameworks that are alive.
std::size_t live_objects();

void reset();

// A surface that holds these bytes; null is fine to free.
::__IOSurface* fake_surface_make(const std::string& contents);
void fake_surface_free(::__IOSurface* surface);

}  // namespace anecompat::test
