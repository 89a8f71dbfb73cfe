#include "evaluate/apple/hooks.hpp"

#include "apple_test.hpp"
#include "evaluate/apple/hook_functions.hpp"
#include "evaluate/apple/objc_support.hpp"
#include "fake_ane.hpp"

#include <chrono>
#include <thread>

namespace anecompat::test {
namespace {

using namespace evaluate;
using namespace evaluate::apple;

using HooksTest = AppleTest;

IMP implementation(const char* cls, const char* selector) {
  return method_getImplementation(
      class_getInstanceMethod(objc_getClass(cls), sel_registerName(selector)));
}

std::vector<IMP> all_implementations() {
  std::vector<IMP> list;
  for (const auto& row : hook_table()) {
    Class cls = objc_getClass(row.class_name);
    Method method =
        cls != nil ? class_getInstanceMethod(cls, sel_registerName(row.selector)) : nullptr;
    list.push_back(method != nullptr ? method_getImplementation(method) : nullptr);
  }
  return list;
}

constexpr const char* k_direct = "doEvaluateDirectWithModel:options:request:qos:error:";

TEST_F(HooksTest, InstallWhereClassSelectorAndTypesMatch) {
  const auto hooks = Hooks::install(std::make_shared<Recorder>());
  ASSERT_EQ((*hooks)->status().size(), k_hook_count);
  std::size_t installed = 0;
  for (const auto& status : (*hooks)->status()) {
    EXPECT_NE(status.state, HookState::mismatch) << status.id << " " << status.detail;
    installed += status.state == HookState::installed ? 1 : 0;
  }
  // The fakes have no loadModelNewInstance: and no virtual compileModel:.
  EXPECT_EQ(installed, k_hook_count - 2);
}

TEST_F(HooksTest, AreGoneWithoutATrace) {
  const auto before = all_implementations();
  {
    const auto hooks = Hooks::install(std::make_shared<Recorder>());
    EXPECT_NE(all_implementations(), before);
  }
  EXPECT_EQ(all_implementations(), before);
  EXPECT_FALSE(has_recorder());
}

TEST_F(HooksTest, DoNotPileUpOverManyModels) {
  const auto before = all_implementations();
  one_segment();
  run();
  const auto first_objects = live_objects();
  for (int i = 0; i < 20; ++i) {
    @autoreleasepool {
      EXPECT_EQ(evaluations_per_prediction(run()), 1);
    }
  }
  EXPECT_EQ(all_implementations(), before);
  // The plan is loaded on a thread of Core ML's, which may let go of its last objects a little
  // later.
  for (int i = 0; i < 200 && live_objects() > first_objects + 5; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_LE(live_objects(), first_objects + 5);
}

TEST_F(HooksTest, AreOneSetAtATime) {
  const auto hooks = Hooks::install(std::make_shared<Recorder>());
  const auto second = Hooks::install(std::make_shared<Recorder>());
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, testing::HasSubstr("another measurement"));
  EXPECT_TRUE(has_recorder());
}

TEST_F(HooksTest, PassEverythingThrough) {
  one_segment({.evaluate = Act::fail});
  _ANEModel* model = make_ane_model(scenario().segments[0], 0);
  const auto hooks = Hooks::install(std::make_shared<Recorder>());
  id error = nil;
  EXPECT_FALSE([[_ANEClient sharedConnection] doEvaluateDirectWithModel:model
                                                                options:nil
                                                                request:nil
                                                                    qos:33
                                                                  error:&error]);
  ASSERT_NE(error, nil);
  EXPECT_EQ([static_cast<NSError*>(error) code], 8);
}

TEST_F(HooksTest, TakeACallerThatWantsNoError) {
  one_segment({.evaluate = Act::fail});
  _ANEModel* model = make_ane_model(scenario().segments[0], 0);
  const auto recorder = std::make_shared<Recorder>();
  {
    const auto hooks = Hooks::install(recorder);
    EXPECT_FALSE([[_ANEClient sharedConnection] doEvaluateDirectWithModel:model
                                                                  options:nil
                                                                  request:nil
                                                                      qos:33
                                                                    error:nullptr]);
  }
  Measurement measurement;
  recorder->report(measurement);
  ASSERT_EQ(measurement.events.size(), 1U);
  // The text is known although the caller did not ask for it.
  ASSERT_TRUE(measurement.events[0].error);
  EXPECT_EQ(measurement.events[0].error->code, 8);
}

TEST_F(HooksTest, LetAnExceptionOfTheFrameworkPass) {
  one_segment({.evaluate = Act::raise});
  _ANEModel* model = make_ane_model(scenario().segments[0], 0);
  const auto recorder = std::make_shared<Recorder>();
  const auto call = [&] {
    return guarded([&] {
      [[_ANEClient sharedConnection] doEvaluateDirectWithModel:model
                                                       options:nil
                                                       request:nil
                                                           qos:33
                                                         error:nullptr];
    });
  };
  {
    const auto hooks = Hooks::install(recorder);
    const auto raised = call();
    ASSERT_TRUE(raised);
    EXPECT_EQ(raised->domain, "NSInternalInconsistencyException");
    // The next call is an outermost one again.
    call();
  }
  Measurement measurement;
  recorder->report(measurement);
  ASSERT_EQ(measurement.events.size(), 2U);
  EXPECT_FALSE(measurement.events[0].ok);
  EXPECT_FALSE(measurement.events[1].ok);
}

bool g_other_called = false;
IMP g_other_original = nullptr;
bool other_hook(id self, SEL selector, id model, id options, id request, unsigned int qos,
                id* error) {
  g_other_called = true;
  using Function = bool (*)(id, SEL, id, id, id, unsigned int, id*);
  return reinterpret_cast<Function>(g_other_original)(self, selector, model, options, request, qos,
                                                      error);
}

TEST_F(HooksTest, LeaveOthersHooksInPlace) {
  one_segment();
  Method method = class_getInstanceMethod(objc_getClass("_ANEClient"), sel_registerName(k_direct));
  const IMP before = method_getImplementation(method);
  {
    const auto hooks = Hooks::install(std::make_shared<Recorder>());
    g_other_original = method_setImplementation(method, reinterpret_cast<IMP>(other_hook));
  }
  EXPECT_EQ(method_getImplementation(method), reinterpret_cast<IMP>(other_hook));
  // Measuring again goes through both, once each, and does not run in circles.
  g_other_called = false;
  EXPECT_EQ(evaluations_per_prediction(run()), 1);
  EXPECT_TRUE(g_other_called);
  // When the other one leaves, so do we.
  method_setImplementation(method, g_other_original);
  EXPECT_EQ(evaluations_per_prediction(run()), 1);
  EXPECT_EQ(implementation("_ANEClient", k_direct), before);
}

TEST_F(HooksTest, KeepWorkingForACallThatBeganBefore) {
  one_segment();
  _ANEModel* model = make_ane_model(scenario().segments[0], 0);
  IMP hooked = nullptr;
  {
    const auto hooks = Hooks::install(std::make_shared<Recorder>());
    hooked = implementation("_ANEClient", k_direct);
  }
  // A thread that had fetched the hook before it was taken back calls it now.
  using Function = bool (*)(id, SEL, id, id, id, unsigned int, id*);
  id error = nil;
  EXPECT_TRUE(reinterpret_cast<Function>(hooked)(
      [_ANEClient sharedConnection], sel_registerName(k_direct), model, nil, nil, 33, &error));
}

TEST_F(HooksTest, AreOnlyLookedAtByInspection) {
  const auto before = all_implementations();
  EXPECT_EQ(inspect_hooks().size(), k_hook_count);
  EXPECT_EQ(all_implementations(), before);
}

TEST(PlainEncoding, DropsOffsetsQualifiersAndNames) {
  EXPECT_EQ(plain_encoding("B52@0:8@16@24@32I40^@44"), "B@:@@@I^@");
  EXPECT_EQ(plain_encoding("B76@0:8@16@24I32Q36Q44@52^I60^@68"), "B@:@@IQQ@^I^@");
  EXPECT_EQ(plain_encoding("v24@0:8r@\"NSString\"16"), "v@:@");
  EXPECT_EQ(plain_encoding("@\"unterminated"), "@");
  EXPECT_EQ(plain_encoding(nullptr), "");
}

TEST(HookTable, HasTheRealEncodings) {
  // As a macOS 27 runtime reports them.
  const std::map<std::string, std::string> known = {
      {"doEvaluateDirectWithModel:options:request:qos:error:", "B52@0:8@16@24@32I40^@44"},
      {"evaluateWithModel:options:request:qos:error:", "B52@0:8@16@24@32I40^@44"},
      {"evaluateRealTimeWithModel:options:request:error:", "B48@0:8@16@24@32^@40"},
      {"compileModel:options:qos:error:", "B44@0:8@16@24I32^@36"},
      {"doLoadModel:options:qos:error:", "B44@0:8@16@24I32^@36"},
      {"loadModel:options:qos:error:", "B44@0:8@16@24I32^@36"},
      {"evaluateWithQoS:options:request:error:", "B44@0:8I16@20@28^@36"},
      {"processRequest:model:qos:qIndex:modelStringID:options:returnValue:error:",
       "B76@0:8@16@24I32Q36Q44@52^I60^@68"}};
  std::size_t checked = 0;
  for (const auto& row : hook_table()) {
    if (const auto found = known.find(row.selector); found != known.end()) {
      EXPECT_EQ(plain_encoding(found->second.c_str()), row.plain_types) << row.id;
      ++checked;
    }
  }
  EXPECT_EQ(checked, 10U);
}

}  // namespace
}  // namespace anecompat::test
