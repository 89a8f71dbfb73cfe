// Many threads in the hooks at once; also run under ThreadSanitizer.
#include "apple_test.hpp"
#include "evaluate/apple/hooks.hpp"
#include "fake_ane.hpp"

#include <thread>

namespace anecompat::test {
namespace {

using namespace evaluate;
using namespace evaluate::apple;

using Concurrency = AppleTest;

TEST_F(Concurrency, EvaluationsOnManyThreadsAreAllCounted) {
  one_segment({.route = Route::evaluate, .times = 50, .threads = 8});
  const auto measurement = run();
  EXPECT_EQ(evaluations_per_prediction(measurement), 400);
  EXPECT_EQ(evaluation_failures(measurement).count, 0U);
  std::set<std::uint32_t> threads;
  for (const auto& event : measurement.events)
    threads.insert(event.thread);
  EXPECT_GT(threads.size(), 1U);
}

TEST_F(Concurrency, FailuresOnManyThreadsAreAllCounted) {
  one_segment({.evaluate = Act::fail, .times = 25, .threads = 8});
  const auto measurement = run();
  EXPECT_EQ(evaluations_per_prediction(measurement), 0);
  EXPECT_EQ(evaluation_failures(measurement).count, 3U * 200U);
}

TEST_F(Concurrency, SegmentsDoNotMix) {
  one_segment();
  scenario().segments = {FakeSegment{.outputs = {"a"}, .times = 20, .threads = 4},
                         FakeSegment{.inputs = {"a"}, .times = 10, .threads = 4}};
  const auto measurement = run();
  std::map<std::uint32_t, std::uint64_t> by_program;
  for (const auto& row : measurement.tallies) {
    if (row.kind == AneEventKind::evaluate && row.phase == Phase::predict)
      by_program[row.program.value()] += row.succeeded;
  }
  ASSERT_EQ(by_program.size(), 2U);
  EXPECT_EQ(by_program.begin()->second, 160U);
  EXPECT_EQ(by_program.rbegin()->second, 80U);
}

TEST_F(Concurrency, HooksComeAndGoWhileCallsAreUnderWay) {
  one_segment();
  const auto segment = scenario().segments[0];
  _ANEModel* model = make_ane_model(segment, 0);
  std::atomic<bool> stop{false};
  std::atomic<int> calls{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      GSRegisterCurrentThread();
      while (!stop) {
        @autoreleasepool {
          calls += evaluate_segment(model, segment) ? 1 : 0;
        }
      }
      GSUnregisterCurrentThread();
    });
  std::uint64_t counted = 0;
  for (int i = 0; i < 50; ++i) {
    const auto recorder = std::make_shared<Recorder>();
    {
      const auto hooks = Hooks::install(recorder);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    Measurement measurement;
    recorder->report(measurement);
    for (const auto& row : measurement.tallies) {
      counted += row.succeeded;
      EXPECT_EQ(row.failed, 0U);
    }
  }
  stop = true;
  for (auto& thread : threads)
    thread.join();
  EXPECT_GT(counted, 0U);
  EXPECT_LE(counted, static_cast<std::uint64_t>(calls.load()));
}

TEST_F(Concurrency, ReportsCanBeTakenWhileItRuns) {
  const auto recorder = std::make_shared<Recorder>();
  std::thread writer([&] {
    for (int i = 0; i < 2000; ++i)
      recorder->add({.kind = AneEventKind::evaluate, .ok = true});
  });
  for (int i = 0; i < 50; ++i) {
    recorder->set_phase(i % 2 == 0 ? Phase::warm_up : Phase::predict);
    Measurement measurement;
    recorder->report(measurement);
  }
  writer.join();
  Measurement measurement;
  recorder->report(measurement);
  EXPECT_EQ(tally(measurement, AneEventKind::evaluate, Phase::warm_up) +
                tally(measurement, AneEventKind::evaluate, Phase::predict) +
                tally(measurement, AneEventKind::evaluate, Phase::idle),
            2000U);
}

}  // namespace
}  // namespace anecompat::test
