#include "evaluate/measurement.hpp"

#include "evaluate/apple/apple_evaluator.hpp"
#include "evaluate/measurement_json.hpp"
#include "evaluate/measurement_log.hpp"

#include <gmock/gmock.h>

namespace anecompat::evaluate {
namespace {

using testing::HasSubstr;

Measurement sample() {
  Measurement measurement;
  measurement.host.arch = "arm64";
  measurement.host.compute_devices_known = measurement.host.neural_engine_listed = true;
  measurement.host.neural_engine_cores = 16;
  measurement.hooks = {{.id = "E1", .state = HookState::mismatch, .detail = "v@:"}};
  measurement.programs = {{.string_id = UINT64_MAX,
                           .key = "{}",
                           .identifier_source = -3,
                           .names = NameSource::symbols,
                           .procedures = {{.index = 1, .inputs = {"x"}, .outputs = {"y"}}}}};
  measurement.events = {{.kind = AneEventKind::chain_input,
                         .phase = Phase::warm_up,
                         .program = 0,
                         .status = 0x16,
                         .error = FrameworkError{"d", -8, "m"}}};
  measurement.tallies = {
      {.kind = AneEventKind::evaluate, .phase = Phase::predict, .program = 0, .succeeded = 4},
      {.kind = AneEventKind::evaluate, .phase = Phase::warm_up, .program = 0, .succeeded = 9}};
  measurement.plan = ComputePlan{{{.stage = "0/1",
                                   .function = "main",
                                   .name = "a",
                                   .preferred = ane::Backend::gpu,
                                   .supported = {ane::Backend::ane, ane::Backend::cpu},
                                   .weight = 0.25}}};
  measurement.predictions = {{.phase = Phase::warm_up, .ok = true},
                             {.phase = Phase::predict, .ok = true},
                             {.phase = Phase::predict, .ok = true},
                             {.phase = Phase::predict, .ok = false}};
  measurement.bundles = {"H16G main: ane"};
  measurement.reached = MeasureStep::done;
  return measurement;
}

TEST(Measurement, SurvivesJson) {
  const auto read = measurement_from_json(to_json(sample()));
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(*read, sample());
  const auto empty = measurement_from_json(to_json(Measurement{}));
  ASSERT_TRUE(empty);
  EXPECT_EQ(*empty, Measurement{});
}

TEST(Measurement, HostProbeSurvivesJson) {
  const auto read = host_probe_from_json(to_json(sample().host));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, sample().host);
}

TEST(Measurement, IsWrittenEvenWithTextThatIsNotUtf8) {
  auto measurement = sample();
  measurement.warnings = {"\xFF\xFE"};
  EXPECT_TRUE(measurement_from_json(to_json(measurement)));
}

TEST(Measurement, NonsenseOfAWorkerIsRefused) {
  const auto text = to_json(sample());
  const auto with = [&](std::string_view from, std::string_view to) {
    auto changed = text;
    const auto at = changed.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return changed.replace(at, from.size(), to);
  };
  for (const auto& bad :
       {std::string(), std::string("null"), std::string("[]"), std::string("{\"schema\":1}"),
        std::string("{\"schema\":\"1\"}"), text.substr(0, text.size() / 2),
        std::string(100000, '['), with("\"schema\":1", "\"schema\":2"),
        with("\"warm-up\"", "\"later\""), with("\"program\":0", "\"program\":7"),
        with("\"program\":0", "\"program\":-1"), with("\"program\":0", "\"program\":4294967296"),
        with("\"ok\":false", "\"ok\":0"), with("\"hooks\":", "\"hocks\":")}) {
    const auto read = measurement_from_json(bad);
    ASSERT_FALSE(read) << bad.substr(0, 60);
    EXPECT_EQ(read.error().kind, ErrorKind::unreadable);
  }
}

TEST(Measurement, NamesTheKeyThatIsWrong) {
  auto text = to_json(sample());
  const auto at = text.find("\"index\":1");
  text.replace(at, 9, "\"index\":{}");
  EXPECT_THAT(measurement_from_json(text).error().message,
              HasSubstr("programs[0].procedures[0].index"));
}

TEST(EvaluationsPerPrediction, CountsPredictionsThatReturnedAndNoWarmUp) {
  EXPECT_EQ(evaluations_per_prediction(sample()), 2);
  EXPECT_EQ(evaluations_per_prediction(Measurement{}), 0);
}

TEST(EvaluationsPerPrediction, CountsTheTwoHalvesOfAChainOnce) {
  auto measurement = sample();
  measurement.tallies = {
      {.kind = AneEventKind::chain, .phase = Phase::predict, .succeeded = 2},
      {.kind = AneEventKind::chain_input, .phase = Phase::predict, .succeeded = 2}};
  EXPECT_EQ(evaluations_per_prediction(measurement), 1);
}

TEST(HostProbe, IsAnAneHostByWhatCoreMlLists) {
  HostProbe host{.arch = "arm64", .compute_devices_known = true, .private_has_ane = true};
  EXPECT_FALSE(host.ane_host());
  host.neural_engine_listed = true;
  EXPECT_TRUE(host.ane_host());
  host.virtual_machine = true;
  EXPECT_FALSE(host.ane_host());
  host.virtual_machine = false;
  host.arch = "x86_64";
  EXPECT_FALSE(host.ane_host());
}

TEST(MeasurementLog, ShowsHostileNamesHarmlessly) {
  auto measurement = sample();
  measurement.inputs = {"x\x1b[31m"};
  EXPECT_THAT(describe(measurement), testing::Not(HasSubstr("\x1b")));
  EXPECT_THAT(describe(measurement), HasSubstr("status 0x16"));
}

#if !defined(__APPLE__)
TEST(Measuring, SaysWhyItIsNotAvailable) {
  EXPECT_FALSE(measuring_available());
  EXPECT_FALSE(probe_host().host.ane_host());
  EXPECT_TRUE(measure({}).failure);
}
#endif

}  // namespace
}  // namespace anecompat::evaluate
