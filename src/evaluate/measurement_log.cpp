#include "evaluate/measurement_log.hpp"

#include "evaluate/measurement_json.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <iterator>

namespace anecompat::evaluate {

namespace {

using Buffer = std::back_insert_iterator<std::string>;

std::string_view word(Phase phase) {
  switch (phase) {
    case Phase::plan:
      return "plan";
    case Phase::load:
      return "load";
    case Phase::warm_up:
      return "warm-up";
    case Phase::predict:
      return "predict";
    case Phase::idle:
      break;
  }
  return "idle";
}

std::string_view word(HookState state) {
  switch (state) {
    case HookState::installed:
      return "installed";
    case HookState::mismatch:
      return "mismatch";
    case HookState::absent:
      break;
  }
  return "absent";
}

std::string names(const std::vector<std::string>& list) {
  std::vector<std::string> safe;
  for (const auto& name : list)
    safe.push_back(printable(name));
  return join(safe, ", ");
}

void describe_host(const HostProbe& host, Buffer out) {
  fmt::format_to(out, "host: macOS {} ({}), {}, {} {}, {}\n", printable(host.os_version),
                 printable(host.os_build), printable(host.arch), printable(host.hardware_model),
                 printable(host.chip_name),
                 host.virtual_machine ? "virtual machine"
                 : host.ane_host()    ? "ANE present"
                                      : "no ANE");
}

void describe_event(const Measurement& measurement, const AneEvent& event, Buffer out) {
  std::string program = "no program";
  if (event.program && *event.program < measurement.programs.size())
    program = fmt::format("program {} procedure {}", *event.program, event.procedure);
  fmt::format_to(out, "{} {} {}: {} inputs, {} outputs, thread {}: {}", word(event.phase),
                 event.hook, program, event.inputs, event.outputs, event.thread,
                 event.ok ? "ok" : "failed");
  if (event.status)
    fmt::format_to(out, ", status {:#x}", *event.status);
  if (event.error)
    fmt::format_to(out, ", {}", printable(to_string(*event.error)));
  fmt::format_to(out, "\n");
}

std::string describe_programs(const Measurement& measurement) {
  std::string text;
  const Buffer out(text);
  for (std::size_t i = 0; i < measurement.programs.size(); ++i) {
    const auto& program = measurement.programs[i];
    fmt::format_to(
        out, "program {}\n  key: {}\n  model: {}\n  source: {}\n  cache: {}\n  uuid: {}\n", i,
        printable(program.key), printable(program.model_url), printable(program.source_url),
        printable(program.cache_identifier), printable(program.uuid));
    for (const auto& procedure : program.procedures)
      fmt::format_to(out, "  procedure {}\n    inputs: {}\n    outputs: {}\n", procedure.index,
                     names(procedure.inputs), names(procedure.outputs));
  }
  return text;
}

std::string describe_surfaces(const Measurement& measurement) {
  std::string text;
  for (const auto& surface : measurement.surfaces)
    text += printable(surface) + "\n";
  return text;
}

std::string describe_plan(const Measurement& measurement) {
  std::string text = "stage\tfunction\toperation\ttype\tdepth\tpreferred\tsupported\tmessage\n";
  if (!measurement.plan)
    return text;
  const Buffer out(text);
  for (const auto& op : measurement.plan->ops) {
    std::vector<std::string> supported;
    for (const auto backend : op.supported)
      supported.emplace_back(ane::to_string(backend));
    fmt::format_to(out, "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", op.stage, printable(op.function),
                   printable(op.name), printable(op.type), op.depth,
                   op.preferred ? ane::to_string(*op.preferred) : "-", join(supported, ","),
                   printable(op.ane_message));
  }
  return text;
}

}  // namespace

std::string describe(const Measurement& measurement) {
  std::string text;
  const Buffer out(text);
  describe_host(measurement.host, out);
  for (const auto& hook : measurement.hooks)
    fmt::format_to(out, "hook {} -[{} {}]: {}{}{}\n", hook.id, hook.class_name, hook.selector,
                   word(hook.state), hook.detail.empty() ? "" : ", ", printable(hook.detail));
  for (const auto& input : measurement.inputs)
    fmt::format_to(out, "input {}\n", printable(input));
  if (!measurement.plan_error.empty())
    fmt::format_to(out, "plan: {}\n", printable(measurement.plan_error));
  for (const auto& event : measurement.events)
    describe_event(measurement, event, out);
  if (measurement.events_dropped != 0)
    fmt::format_to(out, "{} more events, counted only\n", measurement.events_dropped);
  for (const auto& record : measurement.predictions)
    fmt::format_to(out, "{}: {} in {} us{}{}\n", word(record.phase),
                   record.ok ? "prediction" : "prediction failed", record.duration.count(),
                   record.error ? ": " : "",
                   record.error ? printable(to_string(*record.error)) : "");
  fmt::format_to(out, "ANE evaluations per prediction: {}\n",
                 evaluations_per_prediction(measurement));
  for (const auto& bundle : measurement.bundles)
    fmt::format_to(out, "Core ML compiled {}\n", printable(bundle));
  for (const auto& warning : measurement.warnings)
    fmt::format_to(out, "warning: {}\n", printable(warning));
  if (measurement.failure)
    fmt::format_to(out, "ended: {}\n", printable(to_string(*measurement.failure)));
  return text;
}

Result<void> write_log(const Measurement& measurement, const std::string& directory) {
  const std::filesystem::path base(directory);
  const std::pair<const char*, std::string> files[] = {
      {"run.log", describe(measurement)},
      {"programs.txt", describe_programs(measurement)},
      {"surfaces.txt", describe_surfaces(measurement)},
      {"plan.tsv", describe_plan(measurement)},
      {"measurement.json", to_json(measurement) + "\n"}};
  for (const auto& [name, contents] : files)
    ANECOMPAT_TRY(write_text_file((base / name).string(), contents));
  return {};
}

}  // namespace anecompat::evaluate
