// The whole way of a measurement: a model file, a worker process in which Core ML (a fake one) runs
// it under our hooks, what that saw laid over the graph of our own reader, and the verdict in each
// form it is told in.
#include "cli/level_run.hpp"
#include "report/reporter.hpp"
#include "support/model_writer_mil.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace anecompat::test {
namespace {

using ane::Backend;
using ane::Evidence;
using ane::Level;
using evaluate::EvidenceWanted;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const Dims k_dims = {1, 4, 8, 8};

// x (fp32) → cast → conv → softmax → cast → y (fp32), as converters write models with fp32 ends.
Program network() {
  const Tensor half{MilType::float16, k_dims};
  const Tensor single{MilType::float32, k_dims};
  Program program("CoreML7");
  program.input("x", single);
  auto x = program.op("cast", "x_fp16",
                      {{"x", MilArgument::Names{"x"}}, {"dtype", std::string_view("fp16")}}, half);
  const auto weight = program.weight("w", {MilType::float16, {4, 4, 1, 1}}, 1);
  x = program.conv("features", x, weight, 1, half);
  x = program.op("softmax", "scores", {{"x", MilArgument::Names{x}}, {"axis", std::int64_t{1}}},
                 half);
  program.output(program.op(
      "cast", "y", {{"x", MilArgument::Names{x}}, {"dtype", std::string_view("fp32")}}, single));
  return program;
}

ModelParts parts(std::uint32_t type_field, Message type) {
  return {.spec_version = 8,
          .inputs = {array_feature("x", ArrayType::float32, k_dims)},
          .outputs = {array_feature("y", ArrayType::float32, k_dims)},
          .type_field = type_field,
          .type = std::move(type)};
}

Message network_model() {
  return model_message(parts(502, network().message()));
}

Message pipeline(const Message& second) {
  return model_message(
      parts(202, pipeline_message({{"first", network_model()}, {"second", second}})));
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class EndToEnd : public testing::Test {
 protected:
  // A model that the worker treats as its name says.
  std::string model(const std::string& name, const Message& message = network_model()) {
    const auto path = m_directory.file(name + ".mlpackage");
    auto program = network();
    write_package(path, message, program.weights());
    return path;
  }

  cli::LevelRun run_path(const std::string& path) {
    cli::LevelRequest request;
    request.model_path = path;
    request.evidence = evidence;
    request.log_directory = log;
    request.worker_program = APPLE_WORKER;
    auto run = cli::run_for_level(request, host);
    EXPECT_TRUE(run) << run.error().to_string();
    return run ? std::move(*run) : cli::LevelRun{};
  }

  cli::LevelRun run(const std::string& name) { return run_path(model(name)); }

  evaluate::HostAbility host{
      .ane = true, .virtual_machine = false, .family = ane::ChipFamily::h16, .why_not = {}};
  EvidenceWanted evidence = EvidenceWanted::automatic;
  std::string log;
  TempDir m_directory;
};

std::string reason_of(const cli::LevelRun& run) {
  return run.evaluation().reason ? run.evaluation().reason->code : "";
}

TEST_F(EndToEnd, Fp32EndsThatAreCastOnTheCpuDoNotSpoilFull) {
  const auto result = run("full");
  const auto& evaluation = result.evaluation();
  EXPECT_EQ(result.report.exit_code, 0);
  EXPECT_EQ(evaluation.level, Level::full);
  EXPECT_EQ(evaluation.evidence, Evidence::measured);
  EXPECT_EQ(evaluation.counts.ops, 4U);
  EXPECT_EQ(evaluation.counts.ane, 2U);
  EXPECT_EQ(evaluation.counts.cpu, 2U);
  EXPECT_EQ(evaluation.counts.boundary, 2U);
  ASSERT_EQ(evaluation.segments.size(), 3U);
  EXPECT_EQ(evaluation.segments[1].backend, Backend::ane);
  EXPECT_EQ(evaluation.segments[1].count, 2U);
  EXPECT_THAT(result.text, StartsWith("full\n"));
  EXPECT_THAT(result.text, HasSubstr("evidence: measured\n"));
}

TEST_F(EndToEnd, TheReportTellsPlanAndMeasurementOfEachOperation) {
  const auto result = run("full");
  const auto json = nlohmann::json::parse(report::to_json(result.report));
  const auto& evaluation = json.at("entries").at(0).at("evaluations").at(0);
  EXPECT_EQ(evaluation.at("level"), "full");
  EXPECT_EQ(evaluation.at("evidence"), "measured");
  EXPECT_EQ(evaluation.at("target"), "h16");
  ASSERT_EQ(evaluation.at("ops").size(), 4U);
  const auto& cast = evaluation.at("ops").at(0);
  EXPECT_EQ(cast.at("path"), "main/x_fp16");
  EXPECT_EQ(cast.at("placement"), "cpu");
  EXPECT_EQ(cast.at("reason").at("message"), "Unsupported tensor format: fp32.");
  EXPECT_EQ(evaluation.at("ops").at(1).at("placement"), "ane");
  EXPECT_EQ(evaluation.at("attempts").at(0).at("outcome"), "ok");
}

TEST_F(EndToEnd, SegmentsOfTheOlderEngineCoverTheModelWithoutAPlan) {
  const auto result = run("espresso");
  EXPECT_EQ(result.report.exit_code, 0);
  EXPECT_EQ(result.evaluation().counts.ane, 2U);
  EXPECT_EQ(result.evaluation().counts.unplaced, 2U);
}

TEST_F(EndToEnd, NilKeysAndNoNamesLeaveItToThePlan) {
  const auto result = run("nameless");
  EXPECT_EQ(result.report.exit_code, 0);
  EXPECT_EQ(result.evaluation().evidence, Evidence::measured);
}

TEST_F(EndToEnd, NamesAloneCoverTheModel) {
  EXPECT_EQ(run("planless").report.exit_code, 0);
}

TEST_F(EndToEnd, NeitherNamesNorAPlanProveNothing) {
  const auto result = run("unproven");
  EXPECT_EQ(result.report.exit_code, 1);
  EXPECT_EQ(reason_of(result), "coverage-unproven");
}

TEST_F(EndToEnd, AnOperationElsewhereMakesItPartialWithCoreMlsWords) {
  const auto result = run("partial");
  EXPECT_EQ(result.report.exit_code, 1);
  const auto& softmax = result.evaluation().ops.at(2);
  EXPECT_EQ(softmax.placement, Backend::cpu);
  ASSERT_TRUE(softmax.reason);
  EXPECT_EQ(softmax.reason->message, "softmax over this axis");
}

TEST_F(EndToEnd, NoCallOfTheAneIsNoneWithItsReason) {
  const auto result = run("unused");
  EXPECT_EQ(result.report.exit_code, 2);
  EXPECT_EQ(reason_of(result), "supported-not-preferred");
}

TEST_F(EndToEnd, WhatTheCompilerRefusedDidNotRun) {
  const auto result = run("refused");
  EXPECT_EQ(result.report.exit_code, 2);
  EXPECT_EQ(reason_of(result), "ane-compile-failed");
  EXPECT_EQ(result.evaluation().counts.ane, 0U);
}

TEST_F(EndToEnd, FailedEvaluationsDoNotCount) {
  const auto result = run("failing");
  EXPECT_EQ(result.report.exit_code, 2);
  EXPECT_EQ(reason_of(result), "ane-evaluation-failed");
  EXPECT_THAT(result.evaluation().reason->message, HasSubstr("status=0x16"));
}

TEST_F(EndToEnd, APlanThatIsNotKeptIsUnknown) {
  const auto result = run("mismatch");
  EXPECT_EQ(result.report.exit_code, 8);
  EXPECT_EQ(reason_of(result), "plan-run-mismatch");
}

TEST_F(EndToEnd, AVirtualMachineThatNobodyNoticedIsUnknown) {
  const auto result = run("vm");
  EXPECT_EQ(result.report.exit_code, 8);
  EXPECT_EQ(reason_of(result), "virtual-machine");
}

TEST_F(EndToEnd, WithoutAnAneMeasuringIsUnknownAndStartsNothing) {
  host.ane = false;
  host.why_not = "this host has no ANE";
  evidence = EvidenceWanted::measured;
  const auto result = run("crash");
  EXPECT_EQ(result.report.exit_code, 8);
  EXPECT_EQ(reason_of(result), "no-ane-host");
}

// What of a run is not a level has the original's numbers.
TEST_F(EndToEnd, AFileThatIsNoModelIsThree) {
  EXPECT_EQ(run_path(m_directory.file("none.mlmodel")).report.exit_code, 3);
  EXPECT_EQ(run_path(m_directory.write("full.mlmodel", "\xff\xff")).report.exit_code, 3);
}

TEST_F(EndToEnd, AModelThatCoreMlCannotCompileIsFour) {
  const auto result = run("uncompilable");
  EXPECT_EQ(result.report.exit_code, 4);
  EXPECT_THAT(result.text, HasSubstr("Failed to parse the model"));
}

TEST_F(EndToEnd, AModelThatCoreMlCannotLoadIsFour) {
  EXPECT_EQ(run("unloadable").report.exit_code, 4);
}

TEST_F(EndToEnd, AnInputThatCannotBeMadeIsFive) {
  EXPECT_EQ(run("unfed").report.exit_code, 5);
}

TEST_F(EndToEnd, APredictionThatFailsIsSix) {
  EXPECT_EQ(run("unrunnable").report.exit_code, 6);
}

TEST_F(EndToEnd, ACrashIsSevenAndSaysHowFarItCame) {
  const auto result = run("crash");
  EXPECT_EQ(result.report.exit_code, 7);
  EXPECT_THAT(result.text, HasSubstr("SIGSEGV"));
  EXPECT_THAT(result.text, HasSubstr("anecompat worker: predicting"));
}

TEST_F(EndToEnd, PlannedEvidenceAsksForThePlanAndRunsNothing) {
  evidence = EvidenceWanted::planned;
  log = m_directory.file("log");
  const auto result = run("crash");  // it would, if it ran
  EXPECT_EQ(result.report.exit_code, 0);
  EXPECT_EQ(result.evaluation().evidence, Evidence::planned);
  const auto measurement = nlohmann::json::parse(contents(log + "/measurement.json"));
  EXPECT_THAT(measurement.at("predictions"), IsEmpty());
  EXPECT_THAT(measurement.at("events"), IsEmpty());
  EXPECT_THAT(measurement.at("hooks"), IsEmpty());
}

TEST_F(EndToEnd, PlannedEvidenceWithoutAPlanIsUnknown) {
  evidence = EvidenceWanted::planned;
  const auto result = run("planless");
  EXPECT_EQ(result.report.exit_code, 8);
  EXPECT_EQ(reason_of(result), "no-evidence");
  EXPECT_THAT(result.evaluation().reason->message, HasSubstr("Failed to construct compute plan"));
}

TEST_F(EndToEnd, TheLogDirectoryHoldsAllThatWasSeen) {
  log = m_directory.file("log");
  run("full");
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(log)) {
    if (entry.is_regular_file())
      names.push_back(std::filesystem::relative(entry.path(), log).string());
  }
  EXPECT_THAT(names, IsSupersetOf({"report.json", "level.log", "run.log", "programs.txt",
                                   "surfaces.txt", "plan.tsv", "measurement.json"}));
  // The fake surfaces hold the names of what they carry. The plan's program came first.
  EXPECT_THAT(names, SizeIs(9));
  std::vector<std::string> kept;
  for (const auto& name : names) {
    if (name.starts_with("surfaces/"))
      kept.push_back(contents(log + "/" + name));
  }
  EXPECT_THAT(kept, testing::UnorderedElementsAre("x_fp16", "scores"));
  EXPECT_THAT(contents(log + "/surfaces.txt"), HasSubstr("6 B of 6 B in program-"));
  EXPECT_THAT(contents(log + "/plan.tsv"), HasSubstr("\tfeatures\t"));
}

TEST_F(EndToEnd, NothingIsLeftInTheTemporaryDirectory) {
  const auto old = std::string(getenv("TMPDIR") != nullptr ? getenv("TMPDIR") : "");
  const auto own = m_directory.file("tmp");
  std::filesystem::create_directory(own);
  setenv("TMPDIR", own.c_str(), 1);
  EXPECT_EQ(run("full").report.exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_empty(own));
  if (old.empty())
    unsetenv("TMPDIR");
  else
    setenv("TMPDIR", old.c_str(), 1);
}

// The level of a pipeline is that of its networks together.
TEST_F(EndToEnd, APipelineWhoseNetworksRunWholeIsFull) {
  const auto result = run_path(model("halves", pipeline(network_model())));
  EXPECT_EQ(result.report.exit_code, 0);
  EXPECT_EQ(result.evaluation().counts.ane, 4U);
  EXPECT_EQ(result.evaluation().segments.size(), 6U);
}

TEST_F(EndToEnd, SegmentsOfStagesWithTheSameNamesAreToldApart) {
  const auto result = run_path(model("namedhalves", pipeline(network_model())));
  EXPECT_EQ(result.report.exit_code, 0);
  EXPECT_EQ(result.evaluation().counts.ane, 4U);
}

TEST_F(EndToEnd, APipelineIsPartialWhenOneNetworkIs) {
  const auto result = run_path(model("onehalf", pipeline(network_model())));
  EXPECT_EQ(result.report.exit_code, 1);
  EXPECT_EQ(result.evaluation().ops.at(6).placement, Backend::cpu);
}

TEST_F(EndToEnd, StagesThatAreNoNetworksDoNotCount) {
  const auto result = run_path(model("pipeline", pipeline(model_message(parts(300, Message())))));
  EXPECT_EQ(result.report.exit_code, 0) << result.text;
  EXPECT_EQ(result.evaluation().counts.ane, 2U);
}

}  // namespace
}  // namespace anecompat::test
