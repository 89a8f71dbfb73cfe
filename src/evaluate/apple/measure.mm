#include "evaluate/apple/analytics.hpp"
#include "evaluate/apple/apple_evaluator.hpp"
#include "evaluate/apple/bundle_cache.hpp"
#include "evaluate/apple/compile.hpp"
#include "evaluate/apple/configuration.hpp"
#include "evaluate/apple/hooks.hpp"
#include "evaluate/apple/model_run.hpp"
#include "evaluate/apple/plan.hpp"
#include "evaluate/apple/probe.hpp"
#include "evaluate/measurement_log.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>

namespace anecompat::evaluate {

namespace {

using namespace apple;

// One run, step by step. A step that fails ends it; what was seen until then is kept.
class Driver {
 public:
  Driver(const MeasureRequest& request, Measurement& measurement, Recorder& recorder)
      : m_request(request), m_measurement(measurement), m_recorder(recorder) {}

  void run() {
    begin(MeasureStep::compile);
    const auto compiled = compile_model(m_request.model_path, m_request.temp_directory);
    if (!compiled)
      return stop(compiled.error());
    const auto configuration = make_configuration(m_request);
    if (!configuration)
      return stop(configuration.error());
    plan(compiled->path(), configuration->get());
    if (m_request.depth == MeasureDepth::plan)
      return begin(MeasureStep::done);

    begin(MeasureStep::load);
    m_recorder.set_phase(Phase::load);
    ModelRun model;
    if (const auto failure = model.load(compiled->path(), configuration->get()))
      return stop(*failure);
    m_measurement.outputs = model.outputs();

    begin(MeasureStep::input);
    if (const auto failure = model.make_inputs(m_request))
      return stop(*failure);
    m_measurement.inputs = model.inputs();

    begin(MeasureStep::predict);
    if (predict(model))
      begin(MeasureStep::done);
  }

 private:
  void begin(MeasureStep step) {
    m_measurement.reached = step;
    m_recorder.set_phase(Phase::idle);
    if (m_request.on_step)
      m_request.on_step(step);
  }

  void stop(FrameworkError failure) {
    m_recorder.set_phase(Phase::idle);
    m_measurement.failure = std::move(failure);
  }

  void stop(const Error& error) { stop(FrameworkError{"", 0, error.to_string()}); }

  // A missing plan is no reason to stop: what runs is seen without it.
  void plan(const std::string& compiled, MLModelConfiguration* configuration) {
    m_recorder.set_phase(Phase::plan);
    auto plan = load_plan(compiled, configuration, m_request.plan_timeout);
    if (!plan) {
      m_measurement.plan_error = plan.error().to_string();
      return;
    }
    std::string why_not;
    if (m_request.analytics && !add_analytics(compiled, configuration, *plan, why_not))
      m_measurement.warnings.push_back("no reasons per operation: " + why_not);
    m_measurement.plan = std::move(*plan);
  }

  bool predict(ModelRun& model) {
    const auto count = std::max<std::uint32_t>(2, m_request.predictions);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto phase = i == 0 ? Phase::warm_up : Phase::predict;
      m_recorder.set_phase(phase);
      const auto start = std::chrono::steady_clock::now();
      const auto failure = model.predict();
      const auto duration = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::steady_clock::now() - start);
      m_measurement.predictions.push_back(
          {.phase = phase, .ok = !failure, .duration = duration, .error = failure});
      if (failure) {
        stop(*failure);
        return false;
      }
    }
    return true;
  }

  const MeasureRequest& m_request;
  Measurement& m_measurement;
  Recorder& m_recorder;
};

// What the run left in Core ML's cache; a file system keeps times more coarsely than its clock.
std::vector<std::string> new_bundles(const MeasureRequest& request,
                                     std::filesystem::file_time_type start) {
  return bundles_since(request.bundle_cache.empty() ? own_bundle_cache()
                                                    : std::filesystem::path(request.bundle_cache),
                       start - std::chrono::seconds(1));
}

void measure_into(const MeasureRequest& request, Measurement& measurement) {
  if (request.on_step)
    request.on_step(MeasureStep::probe);
  load_neural_engine_framework();
  measurement.host = probe();
  const auto start = std::filesystem::file_time_type::clock::now();
  const auto recorder = std::make_shared<Recorder>(
      request.log_directory.empty() ? std::string() : request.log_directory + "/surfaces");
  std::unique_ptr<Hooks> hooks;
  if (request.depth == MeasureDepth::run) {
    // Before anything of the model is touched: compiling and loading are watched, too.
    auto installed = Hooks::install(recorder);
    if (!installed) {
      measurement.failure = FrameworkError{"", 0, installed.error().to_string()};
      return;
    }
    hooks = std::move(*installed);
    measurement.hooks = hooks->status();
  }
  if (measurement.host.ane_host() || request.without_ane)
    Driver(request, measurement, *recorder).run();
  else
    measurement.failure = FrameworkError{"", 0,
                                         measurement.host.virtual_machine
                                             ? "this is a virtual machine, and those have no ANE"
                                             : "this machine has no ANE"};
  recorder->report(measurement);
  measurement.bundles = new_bundles(request, start);
}

}  // namespace

bool measuring_available() {
  return true;
}

HostReport probe_host() {
  HostReport report;
  load_neural_engine_framework();
  report.host = probe();
  report.hooks = inspect_hooks();
  return report;
}

Measurement measure(const MeasureRequest& request) {
  Measurement measurement;
  try {
    measure_into(request, measurement);
  } catch (const std::exception& error) {
    measurement.failure = FrameworkError{"", 0, error.what()};
  }
  if (!request.log_directory.empty()) {
    if (const auto written = write_log(measurement, request.log_directory); !written)
      measurement.warnings.push_back(written.error().to_string());
  }
  return measurement;
}

}  // namespace anecompat::evaluate
