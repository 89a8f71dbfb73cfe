#include "support/subprocess.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <fstream>
#include <thread>

namespace anecompat {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using Outcome = ProcessResult::Outcome;
using namespace std::chrono_literals;

ProcessResult run_shell(const std::string& script, ProcessOptions options = {}) {
  options.arguments = {"/bin/sh", "-c", script};
  auto result = run_process(options);
  EXPECT_TRUE(result) << result.error().to_string();
  return result.value_or(ProcessResult{});
}

TEST(RunProcess, KeepsResultAndLogApart) {
  const auto result = run_shell("echo noise; echo trouble >&2; echo '{}' >&3; exit 7");
  EXPECT_EQ(result.outcome, Outcome::exited);
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.result, "{}\n");
  EXPECT_EQ(result.log, "noise\ntrouble\n");
}

TEST(RunProcess, GivesInputAndEnvironment) {
  const auto result =
      run_shell("cat >&3; printf %s \"$COLOUR\" >&3",
                {.input = std::string(300'000, 'x'), .environment = {{"COLOUR", "red"}}});
  EXPECT_EQ(result.result.size(), 300'003U);
  EXPECT_THAT(result.result, EndsWith("xred"));
}

TEST(RunProcess, SurvivesAChildThatDoesNotReadItsInput) {
  const auto result = run_shell("exec <&-; echo done >&3", {.input = std::string(300'000, 'x')});
  EXPECT_EQ(result.outcome, Outcome::exited);
  EXPECT_EQ(result.result, "done\n");
}

TEST(RunProcess, NamesTheSignalThatEndedIt) {
  const auto result = run_shell("kill -SEGV $$");
  EXPECT_EQ(result.outcome, Outcome::signaled);
  EXPECT_EQ(result.signal, SIGSEGV);
  EXPECT_EQ(signal_name(result.signal), "SIGSEGV");
}

TEST(RunProcess, KillsTheWholeGroupAtTheDeadline) {
  test::TempDir directory;
  const auto file = directory.file("pid");
  const auto result =
      run_shell("sleep 60 & echo $! > " + file + "; echo partial >&3; wait", {.deadline = 300ms});
  EXPECT_EQ(result.outcome, Outcome::timed_out);
  EXPECT_EQ(result.result, "partial\n");
  pid_t grandchild = 0;
  std::ifstream(file) >> grandchild;
  ASSERT_GT(grandchild, 0);
  // It is gone, or a zombie that init has not reaped yet: either way it runs no more.
  for (int i = 0; i < 100 && ::kill(grandchild, 0) == 0; ++i)
    std::this_thread::sleep_for(10ms);
  std::ifstream status("/proc/" + std::to_string(grandchild) + "/stat");
  std::string text;
  if (std::getline(status, text)) {
    EXPECT_THAT(text, HasSubstr(") Z"));
  }
}

TEST(RunProcess, DoesNotWaitForAGrandchildThatHoldsTheChannels) {
  const auto result = run_shell("sleep 60 & echo early >&3; exit 0", {.deadline = 20s});
  EXPECT_EQ(result.outcome, Outcome::exited);
  EXPECT_EQ(result.result, "early\n");
  EXPECT_LT(result.duration, 10s);
}

TEST(RunProcess, StopsWhenCancelled) {
  std::atomic<bool> cancel = false;
  std::thread canceller([&] {
    std::this_thread::sleep_for(100ms);
    cancel = true;
  });
  const auto result = run_shell("sleep 60", {.cancel = &cancel});
  canceller.join();
  EXPECT_EQ(result.outcome, Outcome::cancelled);
}

TEST(RunProcess, StopsAFlood) {
  const auto result = run_shell("yes >&3", {.max_result = 100'000});
  EXPECT_EQ(result.outcome, Outcome::flooded);
}

TEST(RunProcess, KeepsTheEndOfALongLog) {
  const auto result =
      run_shell("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done", {.max_log = 1000});
  EXPECT_LE(result.log.size(), 1000U);
  EXPECT_THAT(result.log, EndsWith("line 4999\n"));
}

TEST(RunProcess, SaysWhenTheProgramCannotStart) {
  const auto result = run_process({.arguments = {"/no/such/program"}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::system);
  EXPECT_THAT(result.error().message, HasSubstr("/no/such/program"));
}

TEST(RunProcess, RunsFromManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&good, i] {
      for (int round = 0; round < 5; ++round) {
        const auto result = run_shell("echo " + std::to_string(i) + " >&3");
        if (result.result == std::to_string(i) + "\n")
          ++good;
      }
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(good, 40);
}

TEST(OwnExecutable, IsThisTest) {
  const auto path = own_executable();
  ASSERT_TRUE(path);
  EXPECT_THAT(*path, EndsWith("unit_support"));
}

}  // namespace
}  // namespace anecompat
