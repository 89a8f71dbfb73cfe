#include "apple_test.hpp"

#include <filesystem>
#include <thread>

namespace anecompat::test {
namespace {

using namespace evaluate;
using ane::Backend;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Plan : public AppleTest {
 protected:
  std::vector<PlannedOp> ops(FakeStructure structure) {
    scenario().structure = std::move(structure);
    const auto measurement = run();
    EXPECT_TRUE(measurement.plan) << measurement.plan_error;
    return measurement.plan ? measurement.plan->ops : std::vector<PlannedOp>();
  }

  static std::vector<std::string> names(const std::vector<PlannedOp>& ops) {
    std::vector<std::string> list;
    for (const auto& op : ops)
      list.push_back(op.stage + "|" + op.function + "|" + op.name);
    return list;
  }
};

TEST_F(Plan, TellsTheDeviceOfEveryOperation) {
  const auto list = ops({.functions = {{"main",
                                        {{.name = "c", .type = "const", .preferred = ""},
                                         {.name = "a", .preferred = "ane"},
                                         {.name = "b",
                                          .type = "ios17.topk",
                                          .preferred = "cpu",
                                          .supported = {"cpu", "gpu"}}}}}});
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].preferred, std::nullopt);
  EXPECT_THAT(list[0].supported, IsEmpty());
  EXPECT_EQ(list[1].preferred, Backend::ane);
  EXPECT_THAT(list[1].supported, ElementsAre(Backend::ane, Backend::cpu));
  EXPECT_EQ(list[1].weight, 0.25);
  EXPECT_EQ(list[2].preferred, Backend::cpu);
  EXPECT_THAT(list[2].supported, ElementsAre(Backend::cpu, Backend::gpu));
  EXPECT_EQ(list[2].type, "ios17.topk");
}

TEST_F(Plan, GoesIntoBlocks) {
  const auto list =
      ops({.functions = {{"main",
                          {{.name = "c",
                            .type = "cond",
                            .blocks = {{{.name = "t"}}, {{.name = "f", .preferred = "cpu"}}}},
                           {.name = "y"}}}}});
  EXPECT_THAT(names(list), ElementsAre("|main|c", "|main|t", "|main|f", "|main|y"));
  EXPECT_EQ(list[1].depth, 1U);
  EXPECT_EQ(list[3].depth, 0U);
}

TEST_F(Plan, GoesIntoEveryFunction) {
  EXPECT_THAT(names(ops({.functions = {{"decode", {{.name = "d"}}}, {"main", {{.name = "m"}}}}})),
              ElementsAre("|decode|d", "|main|m"));
}

TEST_F(Plan, GoesIntoPipelines) {
  const FakeStructure network{.layers = {{.name = "l", .type = "convolution"}}};
  const FakeStructure program{.functions = {{"main", {{.name = "p"}}}}};
  const FakeStructure inner{.stages = {program, network}};
  EXPECT_THAT(names(ops({.stages = {network, inner}})),
              ElementsAre("0|main|l", "1/0|main|p", "1/1|main|l"));
}

TEST_F(Plan, ReadsLayersOfNetworks) {
  const auto list = ops({.layers = {{.name = "conv1", .type = "convolution"}}});
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0].name, "conv1");
  EXPECT_EQ(list[0].type, "convolution");
  EXPECT_EQ(list[0].weight, std::nullopt);
}

TEST_F(Plan, DoesNotFollowEndlessNesting) {
  FakeOp op{.name = "bottom"};
  for (int i = 0; i < 200; ++i)
    op = FakeOp{.name = "n", .blocks = {{op}}};
  EXPECT_LT(ops({.functions = {{"main", {op}}}}).size(), 100U);
}

TEST_F(Plan, AddsWhyTheAneDoesNotTakeAnOperation) {
  const auto list = ops({.functions = {{"main",
                                        {{.name = "a"},
                                         {.name = "b",
                                          .preferred = "cpu",
                                          .supported = {"cpu"},
                                          .message = "Unsupported tensor format: fp32."}}}}});
  EXPECT_EQ(list.at(0).ane_message, "");
  EXPECT_EQ(list.at(1).ane_message, "Unsupported tensor format: fp32.");
}

TEST_F(Plan, DoesWithoutReasonsWhereThereAreNone) {
  one_segment();
  scenario().profiling = false;
  const auto measurement = run();
  EXPECT_TRUE(measurement.plan);
  EXPECT_THAT(measurement.warnings, testing::Contains(HasSubstr("analytics")));
}

TEST_F(Plan, IsNotAskedForReasonsWhenNobodyWantsThem) {
  one_segment();
  request.analytics = false;
  run();
  // Once for the plan and once to run it.
  EXPECT_EQ(seen().models_loaded, 2);
}

TEST_F(Plan, ThatFailsDoesNotStopTheRun) {
  one_segment();
  scenario().plan = PlanAct::fail;
  const auto measurement = run();
  EXPECT_FALSE(measurement.plan);
  EXPECT_THAT(measurement.plan_error, HasSubstr("Failed to construct compute plan"));
  EXPECT_EQ(evaluations_per_prediction(measurement), 1);
}

TEST_F(Plan, ThatRaisesDoesNotStopTheRun) {
  one_segment();
  scenario().plan = PlanAct::raise;
  EXPECT_THAT(run().plan_error, HasSubstr("no plan today"));
}

TEST_F(Plan, ThatNeverComesIsGivenUp) {
  one_segment();
  scenario().plan = PlanAct::hang;
  request.plan_timeout = std::chrono::milliseconds(30);
  const auto measurement = run();
  EXPECT_THAT(measurement.plan_error, HasSubstr("30 ms"));
  EXPECT_EQ(measurement.reached, MeasureStep::done);
}

TEST_F(Plan, ThatComesTooLateDoesNoHarm) {
  one_segment();
  scenario().plan = PlanAct::late;
  request.plan_timeout = std::chrono::milliseconds(20);
  EXPECT_FALSE(run().plan);
  while (seen().plans_loaded == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

// An .mlpackage ends the real process; the fake aborts, too.
TEST_F(Plan, IsOnlyLoadedFromACompiledModel) {
  one_segment();
  request.model_path = directory.file("model.mlpackage");
  const auto measurement = run();
  EXPECT_TRUE(measurement.plan) << measurement.plan_error;
}

}  // namespace
}  // namespace anecompat::test
