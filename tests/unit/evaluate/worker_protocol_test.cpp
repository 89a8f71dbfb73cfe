#include "evaluate/worker_protocol.hpp"

#include "evaluate/evaluation_json.hpp"
#include "evaluate/worker.hpp"

#include <gmock/gmock.h>

namespace anecompat::evaluate {
namespace {

using ane::ChipFamily;
using testing::ElementsAre;
using testing::HasSubstr;

WorkerRequest some_request() {
  WorkerRequest request;
  request.mode = WorkerMode::measure;
  request.request = {.model_path = "dir/m\"odel.mlpackage",
                     .function = "main",
                     .targets = {ChipFamily::h13, ChipFamily::h17},
                     .compute_units = ane::ComputeUnits::all,
                     .timeout = std::chrono::milliseconds(1234),
                     .shapes = {{"x", {1, 3, 224}}},
                     .reshape_frequency = ane::ReshapeFrequency::infrequent};
  request.rules_directory = "rules";
  request.what_if = {"main/*"};
  request.memory_limit = 5'000'000'000;
  request.log_directory = "log";
  return request;
}

TEST(WorkerProtocol, ARequestArrivesAsItWasSent) {
  const auto text = to_json(some_request());
  ASSERT_TRUE(text);
  const auto read = read_worker_request(*text);
  ASSERT_TRUE(read) << read.error().to_string();
  EXPECT_EQ(read->mode, WorkerMode::measure);
  EXPECT_EQ(read->request.model_path, "dir/m\"odel.mlpackage");
  EXPECT_EQ(read->request.function, "main");
  EXPECT_THAT(read->request.targets, ElementsAre(ChipFamily::h13, ChipFamily::h17));
  EXPECT_EQ(read->request.compute_units, ane::ComputeUnits::all);
  EXPECT_EQ(read->request.timeout, std::chrono::milliseconds(1234));
  EXPECT_THAT(read->request.shapes.at("x"), ElementsAre(1, 3, 224));
  EXPECT_EQ(read->request.reshape_frequency, ane::ReshapeFrequency::infrequent);
  EXPECT_EQ(read->rules_directory, "rules");
  EXPECT_THAT(read->what_if, ElementsAre("main/*"));
  EXPECT_EQ(read->memory_limit, 5'000'000'000U);
  EXPECT_EQ(read->log_directory, "log");
}

TEST(WorkerProtocol, EachModeArrives) {
  for (const auto mode : {WorkerMode::predict, WorkerMode::measure, WorkerMode::plan}) {
    auto request = some_request();
    request.mode = mode;
    const auto read = read_worker_request(to_json(request).value());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->mode, mode);
  }
}

TEST(WorkerProtocol, APathThatIsNotTextIsRefusedRatherThanChanged) {
  WorkerRequest request;
  request.request.model_path = "bad\xff.mlmodel";
  const auto text = to_json(request);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ErrorKind::unsupported);
  EXPECT_THAT(text.error().to_string(), HasSubstr("bad\\xff.mlmodel"));
}

TEST(WorkerProtocol, WrongRequestsNameWhatIsWrong) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"", "it is empty"},
           {"nonsense", "not one whole JSON object"},
           {R"({"protocol":1,"mode":"predict","model":"m","targets":[]} {})", "whole"},
           {R"({"protocol":2})", "it speaks protocol 2, not 1"},
           {R"({"protocol":1,"mode":"guess"})", "mode: unknown value \"guess\""},
           {R"({"protocol":1,"mode":"predict"})", "\"model\" is missing"},
           {R"({"protocol":1,"mode":"predict","model":"m","targets":["m4"]})", "targets[0]"},
           {R"({"protocol":1,"mode":"predict","model":"m","targets":["h16"],)"
            R"("compute_units":"all","reshape_frequency":"frequent","shapes":{"x":["1"]}})",
            "shapes.x[0]: must be a whole number"},
           {std::string(100'000, '['), "nests deeper"},
       }) {
    const auto read = read_worker_request(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::usage);
    EXPECT_THAT(read.error().message, HasSubstr(message));
  }
}

TEST(WorkerProtocol, AnAnswerArrivesExactly) {
  Answer answer;
  answer.model = {.digest = "sha256:1",
                  .format = "mil",
                  .type = "mlProgram",
                  .spec_version = 9,
                  .size = 1U << 20U};
  Evaluation evaluation;
  evaluation.target = "h16";
  evaluation.level = ane::Level::partial;
  evaluation.shares.ops = 0.979'951'234'567;
  evaluation.counts.ops = 1;
  evaluation.ops.push_back({.path = "main/x", .type = "conv", .cost_us = 1.0 / 3});
  evaluation.ops[0].reason = Reason{"dim-limit", "too wide"};
  evaluation.segments.push_back({.backend = ane::Backend::gpu, .first = 0, .count = 1});
  answer.evaluations = {evaluation};
  const auto document = read_worker_document(result_document(to_json(answer)));
  ASSERT_TRUE(document) << document.error().to_string();
  ASSERT_FALSE(document->error);
  JsonProblem problem;
  const auto read = read_answer(JsonCursor(document->result, problem));
  EXPECT_FALSE(problem.found()) << problem.message();
  EXPECT_EQ(read.model.size, 1U << 20U);
  // To the last digit: 0.97995 must not become 0.98 on its way to a budget of 0.98.
  EXPECT_EQ(read.evaluations.at(0).shares.ops, evaluation.shares.ops);
  EXPECT_EQ(to_json(read.evaluations[0], Numbers::exact), to_json(evaluation, Numbers::exact));
}

TEST(WorkerProtocol, AnErrorArrivesAsAnError) {
  const auto document = read_worker_document(
      error_document({.kind = "memory", .signal = {}, .message = "too \xff big"}));
  ASSERT_TRUE(document);
  ASSERT_TRUE(document->error);
  EXPECT_EQ(document->error->kind, "memory");
}

TEST(WorkerProtocol, ASegmentBeyondTheOperationsIsRefused) {
  const std::string text =
      R"({"protocol":1,"result":{"model":{"digest":"","format":"","type":"","spec_version":1,)"
      R"("size":1},"evaluations":[{"target":"h16","evidence":"predicted","confidence":"low",)"
      R"("level":"full","eligible_level":"full","segments":[{"backend":"ane","first":4294967295,)"
      R"("count":4294967295}],"counts":{"ops":1,"ane":1,"cpu":0,"gpu":0},"ops":[]}]}})";
  const auto document = read_worker_document(text);
  ASSERT_TRUE(document);
  JsonProblem problem;
  read_answer(JsonCursor(document->result, problem));
  EXPECT_THAT(problem.message(), HasSubstr("a segment ends after the last of 1 operation"));
}

TEST(AnswerRequest, AModelThatIsNotThereIsAnAnswer) {
  WorkerRequest request;
  request.request = {.model_path = "/no/such.mlmodel", .targets = {ChipFamily::h16}};
  const auto answer = answer_request(to_json(request).value());
  ASSERT_TRUE(answer);
  EXPECT_THAT(*answer, HasSubstr(R"("kind":"not-found")"));
}

TEST(AnswerRequest, WrongRulesAreAnErrorOfTheWholeRequest) {
  WorkerRequest request;
  request.request = {.model_path = "/no/such.mlmodel", .targets = {ChipFamily::h16}};
  request.rules_directory = "/no/such/rules";
  const auto answer = answer_request(to_json(request).value());
  ASSERT_TRUE(answer);
  const auto document = read_worker_document(*answer);
  ASSERT_TRUE(document);
  ASSERT_TRUE(document->error);
  EXPECT_THAT(document->error->message, HasSubstr("/no/such/rules"));
}

}  // namespace
}  // namespace anecompat::evaluate
