// Records, on a real Mac, what the swizzled evaluation sees: measure_selftest RECORD
// MODELS_DIRECTORY.
//
// Each model is measured in a process of its own with a deadline, with both choices of compute
// units, also where there is no ANE: then nothing is proven, but what Core ML answers there is
// worth keeping. Exit 0: every model was recorded; 1: some were lost, and the record says how.
#include "evaluate/apple/apple_evaluator.hpp"
#include "evaluate/measurement_json.hpp"
#include "support/files.hpp"
#include "support/subprocess.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace {

namespace fs = std::filesystem;
using namespace anecompat;
using namespace anecompat::evaluate;

constexpr auto k_deadline = std::chrono::minutes(5);

// In the child: writes the measurement to the result channel.
int measure_one(const std::string& model, const std::string& units, const std::string& log) {
  MeasureRequest request;
  request.model_path = model;
  request.compute_units = ane::parse_compute_units(units).value_or(ane::ComputeUnits::cpu_and_ne);
  request.without_ane = true;
  request.log_directory = log;
  const auto text = to_json(measure(request));
  std::size_t written = 0;
  while (written < text.size()) {
    const auto count = ::write(k_result_channel, text.data() + written, text.size() - written);
    if (count <= 0)
      return 1;
    written += static_cast<std::size_t>(count);
  }
  return 0;
}

bool is_model(const fs::path& path) {
  const auto extension = path.extension();
  return extension == ".mlmodel" || extension == ".mlpackage" || extension == ".mlmodelc";
}

std::vector<fs::path> models_below(const fs::path& directory) {
  std::vector<fs::path> models;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(directory, error), end; entry != end;
       entry.increment(error)) {
    if (!is_model(entry->path()))
      continue;
    models.push_back(entry->path());
    if (entry->is_directory(error))
      entry.disable_recursion_pending();
  }
  std::sort(models.begin(), models.end());
  return models;
}

std::string how_it_ended(const ProcessResult& result) {
  switch (result.outcome) {
    case ProcessResult::Outcome::exited:
      return result.exit_code == 0 ? "" : "exit " + std::to_string(result.exit_code);
    case ProcessResult::Outcome::signaled:
      return signal_name(result.signal);
    case ProcessResult::Outcome::timed_out:
      return "deadline passed";
    default:
      return "killed";
  }
}

// Whether the model was recorded.
bool record(const fs::path& model, const std::string& units, const fs::path& directory) {
  const auto program = own_executable();
  if (!program)
    return false;
  const auto log = (directory / "log").string();
  const auto result = run_process(
      {.arguments = {*program, "--one", model.string(), units, log}, .deadline = k_deadline});
  if (!result)
    return false;
  const auto ended = how_it_ended(*result);
  const auto readable = measurement_from_json(result->result);
  std::printf("%s %s: %s\n", model.c_str(), units.c_str(),
              !ended.empty() ? ended.c_str()
              : !readable    ? readable.error().message.c_str()
                             : "recorded");
  const bool kept =
      write_text_file((directory / "measurement.json").string(), result->result).has_value() &&
      write_text_file((directory / "output.txt").string(), result->log).has_value() &&
      write_text_file((directory / "ended.txt").string(), ended + "\n").has_value();
  return kept && ended.empty() && readable.has_value();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::strcmp(argv[1], "--one") == 0)
    return measure_one(argv[2], argv[3], argv[4]);
  if (argc != 3) {
    std::fprintf(stderr, "usage: measure_selftest RECORD MODELS_DIRECTORY\n");
    return 2;
  }
  if (!measuring_available()) {
    std::printf("skipped: this build cannot measure\n");
    return 0;
  }
  const fs::path record_directory(argv[1]);
  const auto host = probe_host();
  Measurement probe;
  probe.host = host.host;
  probe.hooks = host.hooks;
  bool all = write_text_file((record_directory / "host.json").string(), to_json(probe)).has_value();
  for (const auto& model : models_below(argv[2])) {
    for (const auto* units : {"cpu_and_ne", "all"})
      all = record(model, units, record_directory / model.stem() / units) && all;
  }
  return all ? 0 : 1;
}
