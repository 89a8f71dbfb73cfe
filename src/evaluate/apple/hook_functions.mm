#include "evaluate/apple/hook_functions.hpp"

#include "evaluate/apple/objc_support.hpp"
#include "evaluate/apple/observation.hpp"

#include <atomic>
#include <mutex>

namespace anecompat::evaluate::apple {

namespace {

// A method implementation is a plain function, so what it needs cannot be handed to it: this is
// the process's, as the methods are.
std::array<std::atomic<IMP>, k_hook_count> g_originals{};

std::mutex g_recorder_mutex;

std::shared_ptr<Recorder>& recorder_slot() {
  static std::shared_ptr<Recorder> slot;
  return slot;
}

std::shared_ptr<Recorder> current_recorder() {
  const std::lock_guard lock(g_recorder_mutex);
  return recorder_slot();
}

template <typename Function>
Function original(std::size_t row) {
  return reinterpret_cast<Function>(g_originals[row].load(std::memory_order_acquire));
}

// Calls the original between the two halves of an observation. It runs outside of any @try and any
// autorelease pool of ours: its exceptions and its error object are its caller's.
template <typename Call>
bool observe(std::size_t row, const Subject& subject, id* error, Call&& call) {
  Observation observation(hook_table()[row], current_recorder(), subject);
  id failure = nil;
  const bool ok = call(&failure);
  if (failure != nil && error != nullptr)
    *error = failure;
  observation.finish(ok, failure);
  return ok;
}

// The shapes of the watched methods. `bool` is BOOL on arm64, where alone there is an ANE, and the
// types are compared before one of these is installed.

// (model, options, request, qos, error)
template <std::size_t Row>
bool evaluate_with_qos(id self, SEL selector, id model, id options, id request, unsigned int qos,
                       id* error) {
  using Function = bool (*)(id, SEL, id, id, id, unsigned int, id*);
  return observe(Row, {.model = model, .request = request}, error, [&](id* failure) {
    return original<Function>(Row)(self, selector, model, options, request, qos, failure);
  });
}

// (model, options, request, error)
template <std::size_t Row>
bool evaluate_real_time(id self, SEL selector, id model, id options, id request, id* error) {
  using Function = bool (*)(id, SEL, id, id, id, id*);
  return observe(Row, {.model = model, .request = request}, error, [&](id* failure) {
    return original<Function>(Row)(self, selector, model, options, request, failure);
  });
}

// (qos, options, request, error), on the in-memory model itself
template <std::size_t Row>
bool evaluate_in_memory(id self, SEL selector, unsigned int qos, id options, id request,
                        id* error) {
  using Function = bool (*)(id, SEL, unsigned int, id, id, id*);
  return observe(Row, {.model = self, .request = request, .in_memory = true}, error,
                 [&](id* failure) {
                   return original<Function>(Row)(self, selector, qos, options, request, failure);
                 });
}

// (request, model, qos, queue, string id, options, return value, error)
template <std::size_t Row>
bool process_request(id self, SEL selector, id request, id model, unsigned int qos,
                     unsigned long long queue, unsigned long long string_id, id options,
                     unsigned int* return_value, id* error) {
  using Function = bool (*)(id, SEL, id, id, unsigned int, unsigned long long, unsigned long long,
                            id, unsigned int*, id*);
  unsigned int status = 0;
  return observe(
      Row, {.model = model, .request = request, .status = &status}, error, [&](id* failure) {
        const bool ok = original<Function>(Row)(self, selector, request, model, qos, queue,
                                                string_id, options, &status, failure);
        if (return_value != nullptr)
          *return_value = status;
        return ok;
      });
}

// (model, anything, options, qos, error): chaining, and loading of new instances
template <std::size_t Row>
bool with_model_and_qos(id self, SEL selector, id model, id second, id third, unsigned int qos,
                        id* error) {
  using Function = bool (*)(id, SEL, id, id, id, unsigned int, id*);
  return observe(Row, {.model = model}, error, [&](id* failure) {
    return original<Function>(Row)(self, selector, model, second, third, qos, failure);
  });
}

// (model, options, qos, error): compiling and loading
template <std::size_t Row>
bool prepare_program(id self, SEL selector, id model, id options, unsigned int qos, id* error) {
  using Function = bool (*)(id, SEL, id, id, unsigned int, id*);
  return observe(Row, {.model = model}, error, [&](id* failure) {
    return original<Function>(Row)(self, selector, model, options, qos, failure);
  });
}

constexpr const char* k_model_two_qos = "B@:@@@I^@";
constexpr const char* k_model_options_qos = "B@:@@I^@";

template <typename Function>
IMP imp(Function* function) {
  return reinterpret_cast<IMP>(function);
}

}  // namespace

const std::array<HookRow, k_hook_count>& hook_table() {
  using enum HookPurpose;
  static const std::array<HookRow, k_hook_count> table = {{
      {"E1.doEvaluateDirect", "_ANEClient", "doEvaluateDirectWithModel:options:request:qos:error:",
       k_model_two_qos, evaluate, imp(evaluate_with_qos<0>)},
      {"E2.processRequest", "_ANEProgramForEvaluation",
       "processRequest:model:qos:qIndex:modelStringID:options:returnValue:error:", "B@:@@IQQ@^I^@",
       process, imp(process_request<1>)},
      {"E3.evaluate", "_ANEClient", "evaluateWithModel:options:request:qos:error:", k_model_two_qos,
       evaluate, imp(evaluate_with_qos<2>)},
      {"E3.evaluateRealTime", "_ANEClient", "evaluateRealTimeWithModel:options:request:error:",
       "B@:@@@^@", evaluate, imp(evaluate_real_time<3>)},
      {"E3.virtualClient", "_ANEVirtualClient", "evaluateWithModel:options:request:qos:error:",
       k_model_two_qos, evaluate, imp(evaluate_with_qos<4>)},
      {"E3.inMemory", "_ANEInMemoryModel", "evaluateWithQoS:options:request:error:", "B@:I@@^@",
       evaluate, imp(evaluate_in_memory<5>)},
      {"E4.doEnqueueSets", "_ANEClient", "doEnqueueSetsWithModel:outputSet:options:qos:error:",
       k_model_two_qos, chain, imp(with_model_and_qos<6>)},
      {"E4.doBuffersReady", "_ANEClient", "doBuffersReadyWithModel:inputBuffers:options:qos:error:",
       k_model_two_qos, chain_input, imp(with_model_and_qos<7>)},
      {"C1.compileModel", "_ANEClient", "compileModel:options:qos:error:", k_model_options_qos,
       compile, imp(prepare_program<8>)},
      {"C1.virtualClient", "_ANEVirtualClient",
       "compileModel:options:qos:error:", k_model_options_qos, compile, imp(prepare_program<9>)},
      {"L1.doLoadModel", "_ANEClient", "doLoadModel:options:qos:error:", k_model_options_qos, load,
       imp(prepare_program<10>)},
      {"L1.loadModel", "_ANEClient", "loadModel:options:qos:error:", k_model_options_qos, load,
       imp(prepare_program<11>)},
      {"L1.doLoadModelNewInstance", "_ANEClient",
       "doLoadModelNewInstance:options:modelInstParams:qos:error:", k_model_two_qos, load,
       imp(with_model_and_qos<12>)},
      {"L1.loadModelNewInstance", "_ANEClient",
       "loadModelNewInstance:options:modelInstParams:qos:error:", k_model_two_qos, load,
       imp(with_model_and_qos<13>)},
  }};
  return table;
}

void set_original(std::size_t row, IMP original) {
  g_originals.at(row).store(original, std::memory_order_release);
}

IMP original_of(std::size_t row) {
  return g_originals.at(row).load(std::memory_order_acquire);
}

bool claim_recorder(std::shared_ptr<Recorder> recorder) {
  const std::lock_guard lock(g_recorder_mutex);
  if (recorder_slot() != nullptr)
    return false;
  recorder_slot() = std::move(recorder);
  return true;
}

void release_recorder() {
  const std::lock_guard lock(g_recorder_mutex);
  recorder_slot() = nullptr;
}

bool has_recorder() {
  return current_recorder() != nullptr;
}

}  // namespace anecompat::evaluate::apple
