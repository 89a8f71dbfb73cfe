// What a run sees of evaluations that work, over every route they can take.
#include "apple_test.hpp"

namespace anecompat::test {
namespace {

using namespace evaluate;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

using Evaluation = AppleTest;

TEST_F(Evaluation, CountsOnePerPredictionOfAOneSegmentModel) {
  one_segment();
  request.predictions = 5;
  const auto seen_run = run();
  EXPECT_EQ(seen_run.reached, MeasureStep::done);
  EXPECT_FALSE(seen_run.failure) << seen_run.failure->message;
  EXPECT_EQ(seen_run.predictions.size(), 5U);
  EXPECT_EQ(evaluations_per_prediction(seen_run), 1);
  EXPECT_EQ(tally(seen_run, AneEventKind::evaluate, Phase::predict), 4U);
}

TEST_F(Evaluation, KeepsTheWarmUpApart) {
  one_segment();
  const auto seen_run = run();
  EXPECT_EQ(seen_run.predictions.front().phase, Phase::warm_up);
  EXPECT_EQ(tally(seen_run, AneEventKind::evaluate, Phase::warm_up), 1U);
}

TEST_F(Evaluation, RunsTwiceAtLeast) {
  one_segment();
  request.predictions = 0;
  EXPECT_THAT(run().predictions, SizeIs(2));
}

TEST_F(Evaluation, CountsEverySegment) {
  one_segment();
  scenario().segments = {FakeSegment{.outputs = {"a"}}, FakeSegment{.inputs = {"b"}, .times = 2}};
  const auto seen_run = run();
  EXPECT_EQ(evaluations_per_prediction(seen_run), 3);
}

class Routes : public AppleTest,
               public testing::WithParamInterface<std::pair<Route, const char*>> {};

TEST_P(Routes, CountOneEvaluationWhateverCallsWhat) {
  one_segment({.route = GetParam().first});
  const auto seen_run = run();
  EXPECT_EQ(evaluations_per_prediction(seen_run), 1);
  EXPECT_EQ(evaluation_failures(seen_run).count, 0U);
  for (const auto& event : seen_run.events) {
    if (event.phase == Phase::predict) {
      EXPECT_EQ(event.hook, GetParam().second);
      break;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Evaluation, Routes,
                         testing::Values(std::pair(Route::direct, "E1.doEvaluateDirect"),
                                         std::pair(Route::evaluate, "E3.evaluate"),
                                         std::pair(Route::real_time, "E3.evaluateRealTime"),
                                         std::pair(Route::in_memory, "E3.inMemory"),
                                         std::pair(Route::program, "E2.processRequest"),
                                         std::pair(Route::virtual_client, "E1.doEvaluateDirect"),
                                         std::pair(Route::chaining, "E4.doBuffersReady"),
                                         std::pair(Route::enqueue_only, "E4.doEnqueueSets")),
                         [](const auto& row) {
                           std::string name = row.param.second;
                           std::erase(name, '.');
                           return name + std::to_string(row.index);
                         });

TEST_F(Evaluation, RecordsRequestAndRawStatus) {
  one_segment({.inputs = {"x", "w"}, .outputs = {"y"}});
  const auto seen_run = run();
  const auto& event = seen_run.events.back();
  EXPECT_EQ(event.inputs, 2U);
  EXPECT_EQ(event.outputs, 1U);
  EXPECT_EQ(event.status, 0U);
  ASSERT_TRUE(event.program);
  EXPECT_LT(*event.program, seen_run.programs.size());
}

TEST_F(Evaluation, DescribesSurfacesOncePerProcedure) {
  one_segment();
  request.predictions = 4;
  EXPECT_THAT(run().surfaces, SizeIs(2));
}

TEST_F(Evaluation, SeesCompilationsAndLoads) {
  one_segment();
  scenario().plan = PlanAct::fail;
  const auto seen_run = run();
  EXPECT_EQ(tally(seen_run, AneEventKind::compile, Phase::load), 1U);
  // loadModel: calls doLoadModel:, which is one load.
  EXPECT_EQ(tally(seen_run, AneEventKind::load, Phase::load), 1U);
}

TEST_F(Evaluation, NeedsNoCompilationWhenTheProgramIsCached) {
  one_segment();
  scenario().cached = true;
  const auto seen_run = run();
  EXPECT_EQ(tally(seen_run, AneEventKind::compile, Phase::load), 0U);
  EXPECT_EQ(evaluations_per_prediction(seen_run), 1);
}

TEST_F(Evaluation, KeepsWhatPlanningDoesApart) {
  one_segment();
  request.analytics = false;
  const auto seen_run = run();
  EXPECT_EQ(tally(seen_run, AneEventKind::compile, Phase::plan), 1U);
  EXPECT_EQ(tally(seen_run, AneEventKind::compile, Phase::load), 1U);
}

TEST_F(Evaluation, CapsEventsButNotCounts) {
  one_segment({.times = 3000});
  const auto seen_run = run();
  EXPECT_EQ(evaluations_per_prediction(seen_run), 3000);
  EXPECT_LE(seen_run.events.size(), 2000U);
  EXPECT_GT(seen_run.events_dropped, 0U);
}

TEST_F(Evaluation, AsksForCpuAndNeuralEngine) {
  one_segment();
  run();
  EXPECT_EQ(seen().compute_units, 3);
  request.compute_units = ane::ComputeUnits::all;
  run();
  EXPECT_EQ(seen().compute_units, 2);
}

TEST_F(Evaluation, PicksTheFunction) {
  one_segment();
  request.function = "decode";
  EXPECT_EQ(run().reached, MeasureStep::done);
  EXPECT_EQ(seen().function, "decode");
}

TEST_F(Evaluation, SaysThatShapesChangeSeldomOnlyWhenAsked) {
  one_segment();
  EXPECT_EQ(run().reached, MeasureStep::done);
  EXPECT_EQ(seen().reshape_frequency, 0);
  request.reshape_frequency = ane::ReshapeFrequency::infrequent;
  EXPECT_EQ(run().reached, MeasureStep::done);
  EXPECT_EQ(seen().reshape_frequency, 1);
}

TEST_F(Evaluation, TellsEachStepAsItBegins) {
  one_segment();
  std::vector<MeasureStep> steps;
  request.on_step = [&](MeasureStep step) { steps.push_back(step); };
  run();
  EXPECT_THAT(steps, ElementsAre(MeasureStep::probe, MeasureStep::compile, MeasureStep::load,
                                 MeasureStep::input, MeasureStep::predict, MeasureStep::done));
}

TEST_F(Evaluation, WritesWhatItSawToTheLogDirectory) {
  one_segment({.key = Key::espresso});
  request.log_directory = directory.file("log");
  run();
  for (const auto* name :
       {"run.log", "programs.txt", "surfaces.txt", "plan.tsv", "measurement.json"}) {
    std::ifstream file(request.log_directory + "/" + name);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    EXPECT_FALSE(text.empty()) << name;
    if (std::string(name) == "programs.txt") {
      EXPECT_THAT(text, HasSubstr("isegment"));
    }
  }
}

TEST_F(Evaluation, RunsStatefulModelsWithTheirState) {
  one_segment();
  scenario().stateful = true;
  EXPECT_EQ(run().reached, MeasureStep::done);
  EXPECT_EQ(seen().stateful_predictions, 3);
}

}  // namespace
}  // namespace anecompat::test
