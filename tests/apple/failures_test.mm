// What goes wrong, and that none of it passes for a success.
#include "apple_test.hpp"

#include <signal.h>
#include <unistd.h>

#include <filesystem>

namespace anecompat::test {
namespace {

using namespace evaluate;
using testing::HasSubstr;

class Failures : public AppleTest {
 protected:
  MeasuredFacts facts(const Measurement& measurement) {
    return {
        .ane_host = measurement.host.ane_host(),
        .virtual_machine = measurement.host.virtual_machine,
        .hooks_installed = true,
        .predicted = measurement.reached == MeasureStep::done,
        .evaluations = evaluations_per_prediction(measurement),
        .compile_failures = static_cast<std::uint32_t>(program_failures(measurement).count),
        .evaluation_failures = static_cast<std::uint32_t>(evaluation_failures(measurement).count),
        .failure = program_failures(measurement).text + evaluation_failures(measurement).text,
        .plan = std::nullopt,
        .coverage = Coverage::unknown};
  }
};

TEST_F(Failures, OfTheAneCompilerMeanNone) {
  one_segment({.compile = Act::fail});
  const auto measurement = run();
  EXPECT_EQ(measurement.reached, MeasureStep::done);
  EXPECT_EQ(evaluations_per_prediction(measurement), 0);
  EXPECT_EQ(program_failures(measurement).count, 1U);
  const auto verdict = decide(facts(measurement));
  EXPECT_EQ(verdict.level, ane::Level::none);
  EXPECT_EQ(verdict.reason->code, "ane-compile-failed");
  EXPECT_THAT(verdict.reason->message, HasSubstr("ANECCompile() FAILED"));
}

TEST_F(Failures, OfPlanningAreNotFailuresOfTheModel) {
  one_segment({.compile = Act::fail});
  const auto measurement = run();
  EXPECT_GT(tally(measurement, AneEventKind::compile, Phase::plan, false), 0U);
  EXPECT_EQ(program_failures(measurement).count, 1U);
}

TEST_F(Failures, OfLoadingMeanNone) {
  one_segment({.load = Act::fail});
  const auto measurement = run();
  EXPECT_EQ(program_failures(measurement).count, 1U);
  EXPECT_EQ(decide(facts(measurement)).level, ane::Level::none);
}

class FailedEvaluations : public Failures, public testing::WithParamInterface<Act> {};

TEST_P(FailedEvaluations, DoNotCount) {
  one_segment({.evaluate = GetParam()});
  const auto measurement = run();
  EXPECT_EQ(evaluations_per_prediction(measurement), 0);
  EXPECT_EQ(evaluation_failures(measurement).count, 3U);
  const auto verdict = decide(facts(measurement));
  EXPECT_EQ(verdict.level, ane::Level::none);
  EXPECT_EQ(verdict.reason->code, "ane-evaluation-failed");
  EXPECT_THAT(verdict.reason->message, HasSubstr("0x16"));
}

INSTANTIATE_TEST_SUITE_P(Failures, FailedEvaluations,
                         testing::Values(Act::fail, Act::fail_silently, Act::succeed_with_error));

TEST_F(Failures, AfterTheWarmUpStillCount) {
  one_segment({.evaluate = Act::fail, .fail_from = 1});
  const auto measurement = run();
  EXPECT_EQ(tally(measurement, AneEventKind::evaluate, Phase::warm_up), 1U);
  EXPECT_EQ(evaluations_per_prediction(measurement), 0);
  EXPECT_EQ(decide(facts(measurement)).level, ane::Level::none);
}

TEST_F(Failures, WithANilModelAreRecorded) {
  one_segment({.route = Route::no_model});
  const auto measurement = run();
  EXPECT_EQ(evaluations_per_prediction(measurement), 0);
  EXPECT_EQ(evaluation_failures(measurement).count, 3U);
  EXPECT_FALSE(measurement.events.back().program);
}

TEST_F(Failures, ThatRaiseEndThePredictionWithTheirReason) {
  one_segment({.evaluate = Act::raise});
  const auto measurement = run();
  EXPECT_EQ(measurement.reached, MeasureStep::predict);
  ASSERT_TRUE(measurement.failure);
  EXPECT_EQ(measurement.failure->domain, "NSInternalInconsistencyException");
  EXPECT_EQ(evaluation_failures(measurement).count, 1U);
}

TEST_F(Failures, OfTheCompileStepSayWhy) {
  one_segment();
  scenario().compile_model = Act::fail;
  request.model_path = directory.file("model.mlpackage");
  const auto measurement = run();
  EXPECT_EQ(measurement.reached, MeasureStep::compile);
  EXPECT_THAT(measurement.failure->message, HasSubstr("Failed to parse the model"));
  EXPECT_TRUE(!std::filesystem::exists(request.temp_directory) ||
              std::filesystem::is_empty(request.temp_directory));
}

TEST_F(Failures, ThatRaiseInTheCompileStepAreCaught) {
  one_segment();
  scenario().compile_model = Act::raise;
  request.model_path = directory.file("model.mlpackage");
  EXPECT_EQ(run().reached, MeasureStep::compile);
}

TEST_F(Failures, OfTheLoadSayWhy) {
  one_segment();
  scenario().load_model = Act::fail;
  const auto measurement = run();
  EXPECT_EQ(measurement.reached, MeasureStep::load);
  EXPECT_EQ(measurement.failure->domain, "com.apple.CoreML");
  scenario().load_model = Act::fail_silently;
  EXPECT_THAT(run().failure->message, HasSubstr("no reason"));
  scenario().load_model = Act::raise;
  EXPECT_EQ(run().failure->domain, "NSInternalInconsistencyException");
}

TEST_F(Failures, OfThePredictionSayWhy) {
  one_segment();
  scenario().predict = Act::fail;
  const auto measurement = run();
  EXPECT_EQ(measurement.reached, MeasureStep::predict);
  ASSERT_EQ(measurement.predictions.size(), 1U);
  EXPECT_FALSE(measurement.predictions[0].ok);
  EXPECT_EQ(decide(facts(measurement)).reason->code, "no-prediction");
}

TEST_F(Failures, OfAMissingModelSayWhere) {
  request.model_path = directory.file("none.mlmodelc");
  EXPECT_THAT(run().failure->message, HasSubstr("none.mlmodelc"));
  directory.write("empty.mlmodelc/x", "");
  request.model_path = directory.file("empty.mlmodelc");
  EXPECT_THAT(run().failure->message, HasSubstr("coremldata.bin"));
}

TEST_F(Failures, OfTheLogDirectoryAreWarnings) {
  one_segment();
  directory.write("file", "");
  request.log_directory = directory.file("file") + "/below";
  EXPECT_FALSE(run().warnings.empty());
}

TEST_F(Failures, CompiledModelsAreRemovedAfterwards) {
  one_segment();
  request.model_path = directory.file("model.mlpackage");
  EXPECT_EQ(run().reached, MeasureStep::done);
  EXPECT_EQ(seen().compiled_models, 1);
  EXPECT_TRUE(std::filesystem::is_empty(request.temp_directory));
}

// What nothing in the process can stop: the parent has to.
using Deaths = Failures;

TEST_F(Deaths, CrashesEndTheProcess) {
  EXPECT_EXIT(
      {
        one_segment({.evaluate = Act::crash});
        signal(SIGSEGV, SIG_DFL);
        run();
      },
      testing::KilledBySignal(SIGSEGV), "");
}

TEST_F(Deaths, AbortsEndTheProcess) {
  EXPECT_EXIT(
      {
        one_segment({.compile = Act::abort});
        run();
      },
      testing::KilledBySignal(SIGABRT), "");
}

TEST_F(Deaths, AHangCanBeKilled) {
  EXPECT_EXIT(
      {
        one_segment({.evaluate = Act::hang});
        alarm(1);
        run();
      },
      testing::KilledBySignal(SIGALRM), "");
}

TEST_F(Deaths, StepsShowHowFarALostProcessCame) {
  EXPECT_EXIT(
      {
        one_segment({.evaluate = Act::abort});
        request.on_step = [](MeasureStep step) {
          if (step == MeasureStep::predict)
            (void)write(2, "predicting", 10);
        };
        run();
      },
      testing::KilledBySignal(SIGABRT), "predicting");
}

}  // namespace
}  // namespace anecompat::test
