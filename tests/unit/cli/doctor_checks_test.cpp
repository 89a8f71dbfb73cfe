#include "cli/doctor_checks.hpp"

#include "evaluate/apple/apple_evaluator.hpp"
#include "report/report.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace anecompat::cli {
namespace {

using State = DoctorCheck::State;
using evaluate::HookState;
using testing::HasSubstr;

const report::Host k_mac = {
    .os = "macOS 15.5", .build = "24F74", .arch = "arm64", .chip = "Apple M4", .ane = true};

evaluate::HookStatus hook(HookState state) {
  evaluate::HookStatus hook;
  hook.id = "E1.doEvaluateDirect";
  hook.class_name = "_ANEClient";
  hook.selector = "doEvaluateDirectWithModel:options:request:qos:error:";
  hook.state = state;
  hook.detail = "B@:@";
  return hook;
}

evaluate::HostReport capable() {
  evaluate::HostReport report;
  report.host.arch = "arm64";
  report.host.framework_loaded = true;
  report.host.compute_plan = true;
  report.host.compute_devices_known = true;
  report.host.neural_engine_listed = true;
  report.host.neural_engine_cores = 16;
  report.host.ane_architecture = "h16g";
  report.hooks = {hook(HookState::installed)};
  return report;
}

DoctorCheck check_of(const std::vector<DoctorCheck>& checks, std::string_view id) {
  const auto found = std::ranges::find(checks, id, &DoctorCheck::id);
  if (found == checks.end()) {
    ADD_FAILURE() << "no check " << id;
    return {};
  }
  return *found;
}

TEST(DoctorChecks, OfACapableMacAreAllGood) {
  const auto checks = doctor_checks(k_mac, capable(), true);
  for (const auto& check : checks)
    EXPECT_EQ(check.state, State::good) << check.id << ": " << check.value;
  EXPECT_TRUE(can_measure_here(checks));
  EXPECT_EQ(check_of(checks, "chip").value, "Apple M4, family h16 (A17 Pro, M4)");
  EXPECT_EQ(check_of(checks, "neural-engine").value, "yes, 16 cores, architecture h16g");
}

TEST(DoctorChecks, WhatIsMissingHasAMeaningOrIsPlainAndRulesOutMeasuring) {
  auto vm = capable();
  vm.host.virtual_machine = true;
  auto no_engine = capable();
  no_engine.host.neural_engine_listed = false;
  auto no_framework = capable();
  no_framework.host.framework_loaded = false;
  auto no_hook = capable();
  no_hook.hooks = {hook(HookState::absent)};
  struct Row {
    const char* id;
    evaluate::HostReport report;
  };
  for (const auto& row : {Row{"virtual-machine", vm}, Row{"neural-engine", no_engine},
                          Row{"framework", no_framework}, Row{"hooks", no_hook}}) {
    const auto checks = doctor_checks(k_mac, row.report, true);
    EXPECT_FALSE(can_measure_here(checks)) << row.id;
    const auto check = check_of(checks, row.id);
    EXPECT_EQ(check.state, State::missing) << row.id;
    EXPECT_FALSE(check.meaning.empty()) << row.id;
    EXPECT_FALSE(check.advice.empty()) << row.id;
  }
}

TEST(DoctorChecks, AnOlderMacCanMeasureWithLessDetail) {
  auto old = capable();
  old.host.compute_plan = false;
  old.hooks.push_back(hook(HookState::mismatch));
  const auto checks = doctor_checks(k_mac, old, true);
  EXPECT_TRUE(can_measure_here(checks));
  EXPECT_EQ(check_of(checks, "compute-plan").state, State::weaker);
  EXPECT_EQ(check_of(checks, "hooks").state, State::weaker);
  EXPECT_EQ(check_of(checks, "hooks").value, "1 can be installed, 0 absent, 1 with other types");
  EXPECT_EQ(checks.back().value,
            "-[_ANEClient doEvaluateDirectWithModel:options:request:qos:error:]");
  EXPECT_THAT(checks.back().meaning, HasSubstr("B@:@"));
}

TEST(DoctorChecks, AHostWithoutCoreMlPredicts) {
  const report::Host linux_host = {.os = "Debian GNU/Linux 12", .arch = "x86_64"};
  const auto checks = doctor_checks(linux_host, {}, false);
  EXPECT_FALSE(can_measure_here(checks));
  EXPECT_THAT(check_of(checks, "system").meaning, HasSubstr("prediction"));
  EXPECT_EQ(check_of(checks, "chip").value, "unknown");
}

TEST(DoctorChecks, FoldersThatAreNotThereYetTellTheSpaceOfTheirParent) {
  for (const auto& folder : doctor_folders())
    EXPECT_THAT(folder.value, HasSubstr(" free)"));
}

}  // namespace
}  // namespace anecompat::cli
