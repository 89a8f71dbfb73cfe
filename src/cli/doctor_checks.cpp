#include "cli/doctor_checks.hpp"

#include "cli/host_info.hpp"
#include "evaluate/apple/apple_evaluator.hpp"
#include "report/report.hpp"
#include "source/cache.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace anecompat::cli {

namespace {

using State = DoctorCheck::State;
using evaluate::HookState;
using evaluate::HookStatus;

// Below this, compiled models and Core ML's caches may not fit.
constexpr std::uintmax_t k_little_space = 5'000'000'000;

constexpr const char* k_use_a_mac =
    "run on a Mac with Apple silicon that is not a virtual machine, or use --evidence predicted";

DoctorCheck system_check(const report::Host& host, bool can_measure) {
  DoctorCheck check{.id = "system", .title = "operating system", .state = State::good};
  check.value = fmt::format("{}{}, {}", host.os.empty() ? "unknown" : host.os,
                            host.build.empty() ? "" : " (" + host.build + ")", host.arch);
  if (can_measure && host.arch == "arm64")
    return check;
  check.state = State::missing;
  check.meaning = can_measure ? "Intel Macs have no ANE; models are judged by prediction"
                              : "Core ML exists on macOS only; models are judged by prediction, "
                                "which needs no Mac";
  check.advice = k_use_a_mac;
  return check;
}

DoctorCheck chip_check(const report::Host& host) {
  DoctorCheck check{.id = "chip", .title = "chip", .value = host.chip};
  if (host.chip.empty())
    check.value = "unknown";
  if (const auto family = family_of(host)) {
    check.state = State::good;
    check.value += fmt::format(", family {} ({})", ane::to_string(*family), ane::chips_of(*family));
    return check;
  }
  check.state = State::missing;
  check.meaning =
      "no chip family that this version knows; the target `host` stands for nothing "
      "here, and h16 is predicted where no target is named";
  check.advice = "name the chips you ship to with --target or `targets:`";
  return check;
}

DoctorCheck machine_check(const report::Host& host, const evaluate::HostProbe& probe) {
  DoctorCheck check{
      .id = "virtual-machine", .title = "virtual machine", .state = State::good, .value = "no"};
  if (!host.vm && !probe.virtual_machine)
    return check;
  check.value = "yes";
  check.state = State::missing;
  check.meaning = "virtual machines get no ANE; hosted macOS runners are virtual machines";
  check.advice = "use a self-hosted Mac to measure, hosted runners to predict";
  return check;
}

DoctorCheck engine_check(const evaluate::HostProbe& probe, bool can_measure) {
  DoctorCheck check{.id = "neural-engine", .title = "Neural Engine"};
  if (!can_measure) {
    check.state = State::missing;
    check.value = "none that a process here can use";
    return check;
  }
  check.state = probe.ane_host() ? State::good : State::missing;
  check.value = probe.ane_host() ? "yes" : "no";
  if (probe.neural_engine_cores)
    check.value += fmt::format(", {} cores", *probe.neural_engine_cores);
  if (!probe.ane_architecture.empty())
    check.value += ", architecture " + probe.ane_architecture;
  if (!probe.compute_devices_known)
    check.meaning =
        "this macOS cannot list its compute devices (macOS 14 can), so this rests on "
        "what AppleNeuralEngine says";
  if (!probe.ane_host()) {
    check.meaning = "Core ML lists no Neural Engine, so nothing would run there";
    check.advice = k_use_a_mac;
  }
  return check;
}

DoctorCheck framework_check(const evaluate::HostProbe& probe, bool can_measure) {
  DoctorCheck check{
      .id = "framework", .title = "AppleNeuralEngine", .state = State::good, .value = "loaded"};
  if (probe.framework_loaded)
    return check;
  check.state = State::missing;
  check.value = can_measure ? "could not be loaded" : "not on this system";
  check.meaning = "the hooks that watch the ANE are put on this private framework";
  if (can_measure)
    check.advice = "please report it with the output of `anecompat doctor --format json`";
  return check;
}

DoctorCheck plan_check(const evaluate::HostProbe& probe) {
  DoctorCheck check{
      .id = "compute-plan", .title = "compute plan", .state = State::good, .value = "available"};
  if (probe.compute_plan)
    return check;
  check.state = State::weaker;
  check.value = "not available";
  check.meaning = "without MLComputePlan single operations cannot be told, only segments";
  check.advice = "macOS 14.4 or later has it";
  return check;
}

bool watches_evaluations(const HookStatus& hook) {
  return hook.purpose == evaluate::HookPurpose::evaluate ||
         hook.purpose == evaluate::HookPurpose::process;
}

DoctorCheck hooks_check(const std::vector<HookStatus>& hooks, bool can_measure) {
  const auto count = [&](HookState state) {
    return std::ranges::count(hooks, state, &HookStatus::state);
  };
  DoctorCheck check{.id = "hooks", .title = "hooks", .state = State::good};
  if (!can_measure) {
    check.state = State::missing;
    check.value = "none: there is nothing to hook on this system";
    return check;
  }
  check.value = fmt::format("{} can be installed, {} absent, {} with other types",
                            count(HookState::installed), count(HookState::absent),
                            count(HookState::mismatch));
  const bool any = std::ranges::any_of(hooks, [](const HookStatus& hook) {
    return watches_evaluations(hook) && hook.state == HookState::installed;
  });
  if (!any) {
    check.state = State::missing;
    check.meaning =
        "no hook can see evaluations; at best Core ML's plan can be had "
        "(--evidence planned)";
    check.advice =
        "this macOS differs from those known; please report the output of `anecompat "
        "doctor --format json`";
  } else if (count(HookState::mismatch) != 0) {
    check.state = State::weaker;
    check.meaning =
        "methods whose types changed are left alone; what goes through them only is "
        "not seen";
  }
  return check;
}

DoctorCheck hook_check(const HookStatus& hook) {
  DoctorCheck check{.id = "hook." + hook.id, .title = "  " + hook.id, .state = State::good};
  check.value = fmt::format("-[{} {}]", hook.class_name, hook.selector);
  if (hook.state == HookState::installed)
    return check;
  check.state = State::weaker;
  check.meaning =
      hook.state == HookState::absent ? "not on this macOS" : "has other types: " + hook.detail;
  return check;
}

DoctorCheck folder_check(const DoctorFolder& folder) {
  DoctorCheck check{.id = folder.id,
                    .title = folder.title,
                    .state = State::good,
                    .value = folder.path,
                    .meaning = folder.meaning};
  std::error_code error;
  // What is not there yet will be made where its nearest parent is.
  auto existing = std::filesystem::path(folder.path);
  while (!std::filesystem::exists(existing, error) && existing.has_relative_path())
    existing = existing.parent_path();
  const auto space = std::filesystem::space(existing, error);
  if (error) {
    check.state = State::not_told;
    return check;
  }
  check.value += fmt::format(" ({} free)", human_bytes(space.available));
  if (space.available < k_little_space) {
    check.state = State::weaker;
    check.meaning = "little space is left; compiling a large model for the ANE fails without it";
    check.advice = "free some space, or point the folder elsewhere";
  }
  return check;
}

}  // namespace

const char* to_string(State state) {
  switch (state) {
    case State::good:
      return "good";
    case State::missing:
      return "missing";
    case State::weaker:
      return "weaker";
    case State::not_told:
      break;
  }
  return "unknown";
}

std::vector<DoctorCheck> doctor_checks(const report::Host& host, const evaluate::HostReport& probed,
                                       bool can_measure) {
  const auto& probe = probed.host;
  std::vector<DoctorCheck> checks = {system_check(host, can_measure),
                                     chip_check(host),
                                     machine_check(host, probe),
                                     engine_check(probe, can_measure),
                                     framework_check(probe, can_measure),
                                     plan_check(probe),
                                     hooks_check(probed.hooks, can_measure)};
  for (const auto& hook : probed.hooks)
    checks.push_back(hook_check(hook));
  for (const auto& missing : probe.missing)
    checks.push_back({.id = "selector",
                      .title = "  selector",
                      .state = State::weaker,
                      .value = missing,
                      .meaning = "not on this macOS"});
  return checks;
}

std::vector<DoctorCheck> doctor_folders() {
  std::vector<DoctorCheck> checks;
  std::error_code error;
  checks.push_back(folder_check({.id = "temporary-folder",
                                 .title = "temporary folder",
                                 .path = std::filesystem::temp_directory_path(error).string(),
                                 .meaning = "models are compiled here, and removed afterwards"}));
  checks.push_back(folder_check({.id = "download-cache",
                                 .title = "download cache",
                                 .path = source::Cache::default_directory().string(),
                                 .meaning = "models fetched from the network are kept here"}));
#ifdef __APPLE__
  // Beside our own: Core ML names the folder after the program.
  const auto caches = source::Cache::default_directory().parent_path();
  checks.push_back(
      folder_check({.id = "coreml-cache",
                    .title = "Core ML cache",
                    .path = (caches / "anecompat/com.apple.e5rt.e5bundlecache").string(),
                    .meaning = "Core ML keeps what it compiled for the ANE here; removing it makes "
                               "the next run compile anew"}));
#endif
  return checks;
}

bool can_measure_here(const std::vector<DoctorCheck>& checks) {
  return std::ranges::none_of(
      checks, [](const DoctorCheck& check) { return check.state == State::missing; });
}

}  // namespace anecompat::cli
