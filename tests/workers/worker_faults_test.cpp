#include "cli/check_run.hpp"
#include "cli/evidence_choice.hpp"
#include "evaluate/measured_evaluator.hpp"
#include "evaluate/predictor.hpp"
#include "evaluate/worker_evaluator.hpp"
#include "report/reporter.hpp"
#include "support/corpus.hpp"
#include "support/subprocess.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace anecompat::evaluate {
namespace {

using ane::ChipFamily;
using ane::Level;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using namespace std::chrono_literals;

// Long enough for a worker that means well on a busy machine.
constexpr auto k_patience = 60s;

// Processes that run this program, dead ones that nobody has collected yet apart.
std::vector<std::string> running(const std::string& program) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const auto target = std::filesystem::read_symlink(entry.path() / "exe", error);
    if (!error && target == program)
      found.push_back(entry.path().filename());
  }
  return found;
}

// Killed processes take a moment to go.
std::vector<std::string> still_running(const std::string& program) {
  auto found = running(program);
  for (int i = 0; i < 500 && !found.empty(); ++i) {
    std::this_thread::sleep_for(10ms);
    found = running(program);
  }
  return found;
}

class WorkerFaults : public testing::Test {
 protected:
  // A readable model that a fault worker treats as its name says.
  std::string model(const std::string& name) {
    const auto path = m_directory.file(name + ".mlmodel");
    std::filesystem::copy_file(EXAMPLES "/FaceMatcher.mlmodel", path,
                               std::filesystem::copy_options::overwrite_existing);
    return path;
  }

  WorkerEvaluatorOptions options() {
    WorkerEvaluatorOptions options;
    options.worker.command = {FAULT_WORKER};
    options.worker.max_answer = 8U << 20U;
    return options;
  }

  Evaluation evaluate(const std::string& name, std::chrono::milliseconds timeout = k_patience,
                      unsigned retries = 0) {
    auto chosen = options();
    chosen.worker.retries = retries;
    const auto evaluator = make_worker_evaluator(chosen);
    auto answer = evaluator->evaluate(
        {.model_path = model(name), .targets = {ChipFamily::h16}, .timeout = timeout});
    EXPECT_EQ(answer.evaluations.size(), 1U);
    return answer.evaluations.empty() ? Evaluation{} : std::move(answer.evaluations[0]);
  }

  test::TempDir m_directory;
};

TEST_F(WorkerFaults, AGoodWorkerAnswersAsThePredictorDoes) {
  const auto predictor = make_predictor({});
  ASSERT_TRUE(predictor);
  const Request request{.model_path = model("good"), .targets = {ChipFamily::h13, ChipFamily::h18}};
  const auto here = (*predictor)->evaluate(request);
  const auto there = make_worker_evaluator(options())->evaluate(request);
  EXPECT_EQ(here.model.digest, there.model.digest);
  report::Entry a;
  a.evaluations = here.evaluations;
  report::Entry b;
  b.evaluations = there.evaluations;
  EXPECT_EQ(report::to_json(a), report::to_json(b));
  EXPECT_GT(there.evaluations.at(0).ops.size(), 0U);
}

TEST_F(WorkerFaults, ACrashNamesItsSignalAndTheEndOfItsLog) {
  const auto evaluation = evaluate("crash");
  ASSERT_TRUE(evaluation.error);
  EXPECT_EQ(evaluation.level, Level::unknown);
  EXPECT_EQ(evaluation.error->kind, "crash");
  EXPECT_EQ(evaluation.error->signal, SIGSEGV);
  EXPECT_THAT(evaluation.error->message, StartsWith("the worker process was ended by SIGSEGV\n"));
  EXPECT_THAT(evaluation.error->message, HasSubstr("\n  about to crash"));
}

TEST_F(WorkerFaults, ItsLogCannotDriveATerminal) {
  const auto evaluation = evaluate("crash");
  ASSERT_TRUE(evaluation.error);
  EXPECT_THAT(evaluation.error->message, Not(HasSubstr("\x1b")));
  EXPECT_THAT(evaluation.error->message, HasSubstr("\\x1b[31m"));
}

TEST_F(WorkerFaults, EachWayToFailHasItsKind) {
  struct Row {
    const char* fault;
    const char* kind;
    const char* message;
  };
  for (const auto& row : {
           Row{"abort", "crash", "ended by SIGABRT"},
           Row{"killed", "crash", "ended by SIGKILL, which systems send when memory runs out"},
           Row{"teardown", "crash", "ended by SIGABRT"},
           Row{"exit", "crash", "exited with code 7 before it answered"},
           Row{"silent", "crash", "exited with code 0 before it answered"},
           Row{"garbage", "protocol", "it is not one whole JSON object"},
           Row{"truncated", "protocol", "it is not one whole JSON object"},
           Row{"deep", "protocol", "it nests deeper than 32 levels"},
           Row{"foreign", "protocol", "not those of the targets asked for"},
           Row{"newer", "protocol", "it speaks protocol 99, not 1"},
           Row{"flood", "protocol", "was stopped after it wrote"},
       }) {
    const auto evaluation = evaluate(row.fault);
    ASSERT_TRUE(evaluation.error) << row.fault;
    EXPECT_EQ(evaluation.error->kind, row.kind) << row.fault;
    EXPECT_THAT(evaluation.error->message, HasSubstr(row.message)) << row.fault;
    EXPECT_THAT(evaluation.ops, IsEmpty()) << row.fault;
  }
}

TEST_F(WorkerFaults, AHangIsStoppedAtTheDeadlineWithAllItStarted) {
  for (const auto* fault : {"hang", "late"}) {
    const auto began = std::chrono::steady_clock::now();
    const auto evaluation = evaluate(fault, 2s);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 20s);
    ASSERT_TRUE(evaluation.error);
    EXPECT_EQ(evaluation.error->kind, "timeout");
    EXPECT_THAT(evaluation.error->message, StartsWith("no answer within 2.0 s"));
  }
  EXPECT_THAT(still_running(FAULT_WORKER), IsEmpty());
}

TEST_F(WorkerFaults, ARetryThatSucceedsIsNotHidden) {
  const auto evaluation = evaluate("flaky", k_patience, 2);
  EXPECT_FALSE(evaluation.error) << evaluation.error->message;
  ASSERT_EQ(evaluation.attempts.size(), 2U);
  EXPECT_EQ(evaluation.attempts[0].outcome, "crash");
  EXPECT_THAT(evaluation.attempts[0].message, HasSubstr("SIGSEGV"));
  EXPECT_EQ(evaluation.attempts[1].outcome, "ok");
  ASSERT_FALSE(evaluation.risks.empty());
  EXPECT_EQ(evaluation.risks.back().code, "flaky-evaluation");
}

TEST_F(WorkerFaults, RetriesEndAndEachIsKept) {
  const auto evaluation = evaluate("exit", k_patience, 2);
  ASSERT_TRUE(evaluation.error);
  ASSERT_EQ(evaluation.attempts.size(), 3U);
  for (const auto& attempt : evaluation.attempts)
    EXPECT_EQ(attempt.outcome, "crash");
}

TEST_F(WorkerFaults, AnUnreadableModelIsNotTriedAgain) {
  const auto path = m_directory.write("good_but_empty.mlmodel", "");
  auto chosen = options();
  chosen.worker.retries = 3;
  const auto answer = make_worker_evaluator(chosen)->evaluate(
      {.model_path = path, .targets = {ChipFamily::h16}, .timeout = k_patience});
  ASSERT_EQ(answer.evaluations.size(), 1U);
  ASSERT_TRUE(answer.evaluations[0].error);
  EXPECT_EQ(answer.evaluations[0].error->kind, "unreadable");
  ASSERT_EQ(answer.evaluations[0].attempts.size(), 1U);
  EXPECT_EQ(answer.evaluations[0].attempts[0].outcome, "error");
}

TEST_F(WorkerFaults, CancellingStopsAWorkerAndItsRetries) {
  std::atomic<bool> cancel = false;
  auto chosen = options();
  chosen.worker.cancel = &cancel;
  chosen.worker.retries = 5;
  const auto evaluator = make_worker_evaluator(chosen);
  std::thread interrupter([&] {
    std::this_thread::sleep_for(300ms);
    cancel = true;
  });
  const auto answer = evaluator->evaluate(
      {.model_path = model("hang"), .targets = {ChipFamily::h16}, .timeout = k_patience});
  interrupter.join();
  ASSERT_TRUE(answer.evaluations.at(0).error);
  EXPECT_EQ(answer.evaluations[0].error->kind, "interrupted");
  EXPECT_EQ(answer.evaluations[0].attempts.size(), 1U);
  EXPECT_THAT(still_running(FAULT_WORKER), IsEmpty());
}

TEST_F(WorkerFaults, AWorkerThatCannotBeStartedIsAnError) {
  auto chosen = options();
  chosen.worker.command = {m_directory.file("no such program")};
  const auto answer = make_worker_evaluator(chosen)->evaluate(
      {.model_path = model("good"), .targets = {ChipFamily::h16}, .timeout = k_patience});
  ASSERT_TRUE(answer.evaluations.at(0).error);
  EXPECT_EQ(answer.evaluations[0].error->kind, "system");
  EXPECT_THAT(answer.evaluations[0].error->message, HasSubstr("no such program"));
}

TEST_F(WorkerFaults, WhatAWorkerMeasuredIsJudgedHere) {
  const auto measured =
      make_measured_evaluator(make_predictor({}).value(), {.worker = options().worker});
  const auto ask = [&](const std::string& name) {
    return measured->evaluate(
        {.model_path = model(name), .targets = {ChipFamily::h16}, .timeout = k_patience});
  };
  const auto answer = ask("measured");
  const auto& evaluation = answer.evaluations.at(0);
  EXPECT_FALSE(evaluation.error) << evaluation.error->message;
  EXPECT_EQ(evaluation.evidence, ane::Evidence::measured);
  EXPECT_EQ(evaluation.level, Level::partial);
  ASSERT_TRUE(evaluation.reason);
  EXPECT_EQ(evaluation.reason->code, "coverage-unproven");
  EXPECT_GT(evaluation.counts.ops, 0U);
  EXPECT_THAT(answer.model.digest, StartsWith("sha256:"));

  const auto lost = ask("crash").evaluations.at(0);
  ASSERT_TRUE(lost.error);
  EXPECT_EQ(lost.error->kind, "crash");
  EXPECT_EQ(lost.evidence, ane::Evidence::measured);
  EXPECT_THAT(lost.ops, IsEmpty());
  const auto garbage = ask("garbage").evaluations.at(0);
  ASSERT_TRUE(garbage.error);
  EXPECT_EQ(garbage.error->kind, "protocol");
}

// 200 entries of which five in six lose their worker.
TEST_F(WorkerFaults, ABatchOfTwoHundredIsCompleteAndRightAndLeavesNothingRunning) {
  const std::map<std::string, std::pair<std::string, std::optional<int>>> expected = {
      {"crash", {"crash", SIGSEGV}}, {"hang", {"timeout", {}}}, {"killed", {"crash", SIGKILL}},
      {"garbage", {"protocol", {}}}, {"exit", {"crash", {}}},   {"good", {"", {}}},
  };
  std::vector<std::string> faults;
  for (const auto& [fault, result] : expected)
    faults.push_back(fault);
  std::vector<manifest::EntrySpec> specs(200);
  for (std::size_t i = 0; i < specs.size(); ++i) {
    auto& spec = specs[i];
    spec.name = faults[i % faults.size()] + "_" + std::to_string(i);
    spec.source.text = spec.name + ".mlmodel";
    spec.source.resolved = model(spec.name);
    spec.targets = {ChipFamily::h13, ChipFamily::h16};
    spec.timeout = faults[i % faults.size()] == "hang" ? 300ms : k_patience;
  }
  std::size_t reported = 0;
  cli::RunSettings settings;
  settings.jobs = 8;
  settings.progress = [&](std::size_t done, const report::Entry&) { EXPECT_EQ(done, ++reported); };
  const auto began = std::chrono::steady_clock::now();
  const auto evaluator = make_worker_evaluator(options());
  const auto entries = cli::evaluate_entries("anecompat.yml", specs, *evaluator, settings);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 60s);
  EXPECT_THAT(still_running(FAULT_WORKER), IsEmpty());

  EXPECT_EQ(reported, specs.size());
  ASSERT_EQ(entries.size(), specs.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].name, specs[i].name);
    ASSERT_EQ(entries[i].evaluations.size(), 2U);
    const auto& [kind, signal] = expected.at(faults[i % faults.size()]);
    for (const auto& evaluation : entries[i].evaluations) {
      EXPECT_EQ(evaluation.error ? evaluation.error->kind : "", kind) << entries[i].name;
      EXPECT_EQ(evaluation.error ? evaluation.error->signal : std::nullopt, signal);
      EXPECT_EQ(evaluation.error.has_value(), evaluation.level == Level::unknown);
      EXPECT_EQ(evaluation.attempts.size(), 1U);
    }
  }
}

// The program that ships, as `check --isolate` starts it.
class ShippedWorker : public testing::Test {
 protected:
  Answer evaluate(const std::string& path, WorkerEvaluatorOptions options = {}) {
    options.worker.command = {ANECOMPAT_PROGRAM, "worker"};
    return make_worker_evaluator(std::move(options))
        ->evaluate({.model_path = path, .targets = {ChipFamily::h16}, .timeout = k_patience});
  }

  test::TempDir m_directory;
};

TEST_F(ShippedWorker, AnswersEveryCorpusModelAsThePredictorDoes) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto predictor = make_predictor({});
  ASSERT_TRUE(predictor);
  for (const auto& model : test::corpus_models()) {
    const auto here =
        (*predictor)->evaluate({.model_path = model.path, .targets = {ChipFamily::h16}});
    const auto there = evaluate(model.path);
    report::Entry a;
    a.evaluations = here.evaluations;
    report::Entry b;
    b.evaluations = there.evaluations;
    EXPECT_EQ(report::to_json(a), report::to_json(b)) << model.name;
    EXPECT_EQ(here.model.digest, there.model.digest);
  }
}

TEST_F(ShippedWorker, RunningOutOfMemoryIsAnAnswer) {
#if defined(__SANITIZE_ADDRESS__) || defined(__APPLE__)
  GTEST_SKIP() << "no limit on address space can be set here";
#endif
  // Less than the program has already: the next larger allocation fails.
  WorkerEvaluatorOptions options;
  options.memory_limit = 1;
  const auto answer = evaluate(EXAMPLES "/FaceMatcher.mlmodel", options);
  ASSERT_TRUE(answer.evaluations.at(0).error);
  EXPECT_EQ(answer.evaluations[0].error->kind, "memory");
  EXPECT_THAT(answer.evaluations[0].error->message, HasSubstr("more than the 1 B"));
}

TEST_F(ShippedWorker, EndsWhenItsParentIsGone) {
  // A worker in a session of its own, where no signal for the group reaches it, with a request that
  // never ends: it holds the other end of its input itself. Only the result channel tells it.
  const auto marker = m_directory.file("pid");
  const auto script = "mkfifo '" + marker + ".fifo' && exec 4<>'" + marker +
                      ".fifo' && { setsid '" ANECOMPAT_PROGRAM "' worker <&4 & echo $! > '" +
                      marker + "'; sleep 1; kill -0 $!; }";
  const auto result = run_process({.arguments = {"/bin/bash", "-c", script}, .deadline = 20s});
  ASSERT_TRUE(result);
  ASSERT_EQ(result->exit_code, 0) << result->log;
  pid_t worker = 0;
  std::ifstream(marker) >> worker;
  ASSERT_GT(worker, 0);
  for (int i = 0; i < 1000 && ::kill(worker, 0) == 0; ++i)
    std::this_thread::sleep_for(10ms);
  std::ifstream status("/proc/" + std::to_string(worker) + "/stat");
  std::string text;
  if (std::getline(status, text)) {
    EXPECT_THAT(text, HasSubstr(") Z"));
  }
}

}  // namespace
}  // namespace anecompat::evaluate
