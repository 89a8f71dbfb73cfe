#include "evaluate/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::evaluate {

namespace {

template <typename Wanted>
FailureCount count_failures(const Measurement& measurement, Wanted wanted) {
  FailureCount failures;
  for (const auto& tally : measurement.tallies) {
    if (wanted(tally.kind) && tally.phase != Phase::plan)
      failures.count += tally.failed;
  }
  for (const auto& event : measurement.events) {
    if (!event.ok && wanted(event.kind) && event.phase != Phase::plan) {
      if (event.error)
        failures.text = to_string(*event.error);
      else if (event.status)
        failures.text = fmt::format("status {:#x}, without an error", *event.status);
      if (!failures.text.empty())
        break;
    }
  }
  return failures;
}

}  // namespace

bool HostProbe::ane_host() const {
  if (virtual_machine || arch != "arm64")
    return false;
  // Core ML's own list is the public word; the private one decides where there is no list.
  if (compute_devices_known)
    return neural_engine_listed;
  return private_has_ane.value_or(framework_loaded);
}

double evaluations_per_prediction(const Measurement& measurement) {
  const auto predictions = std::count_if(
      measurement.predictions.begin(), measurement.predictions.end(),
      [](const PredictionRecord& record) { return record.ok && record.phase == Phase::predict; });
  if (predictions == 0)
    return 0;
  const auto succeeded = [&](AneEventKind kind) {
    std::uint64_t sum = 0;
    for (const auto& tally : measurement.tallies) {
      if (tally.kind == kind && tally.phase == Phase::predict)
        sum += tally.succeeded;
    }
    return sum;
  };
  // The two halves of a chained inference are one evaluation; on some systems only one can be seen.
  const auto evaluations =
      succeeded(AneEventKind::evaluate) +
      std::max(succeeded(AneEventKind::chain), succeeded(AneEventKind::chain_input));
  return static_cast<double>(evaluations) / static_cast<double>(predictions);
}

FailureCount program_failures(const Measurement& measurement) {
  return count_failures(measurement, [](AneEventKind kind) {
    return kind == AneEventKind::compile || kind == AneEventKind::load;
  });
}

FailureCount evaluation_failures(const Measurement& measurement) {
  return count_failures(measurement, [](AneEventKind kind) {
    return kind != AneEventKind::compile && kind != AneEventKind::load;
  });
}

std::string to_string(const FrameworkError& error) {
  if (error.domain.empty())
    return error.message;
  return fmt::format("{} {}: {}", error.domain, error.code, error.message);
}

}  // namespace anecompat::evaluate
