#include "evaluate/apple/plan.hpp"

#include "evaluate/apple/plan_walk.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>

namespace anecompat::evaluate::apple {

namespace {

// Where the completion handler leaves its answer. Shared: it may come after the deadline.
struct Answer {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  Retained<id> plan;
  FrameworkError failure;
};

using Handler = void (^)(id plan, NSError* error);

}  // namespace

Result<ComputePlan> load_plan(const std::string& compiled, MLModelConfiguration* configuration,
                              std::chrono::milliseconds timeout) {
  const auto unreadable = [&](std::string message) {
    return fail({.kind = ErrorKind::unreadable, .message = std::move(message), .file = compiled});
  };
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(compiled) / "coremldata.bin", error))
    return unreadable("not a compiled model: it has no coremldata.bin");
  Class plan_class = objc_getClass("MLComputePlan");
  const SEL selector = @selector(loadContentsOfURL:configuration:completionHandler:);
  if (!has_method(plan_class, selector, "v@:@@@?"))
    return fail({.kind = ErrorKind::unsupported,
                 .message = "this macOS has no compute plan",
                 .advice = "macOS 14.4 and later have it"});
  const auto answer = std::make_shared<Answer>();
  const auto raised = guarded([&] {
    @autoreleasepool {
      // A block that is given away must own what it uses: `answer` is only a reference in here.
      const std::shared_ptr<Answer> own = answer;
      // Not copied here: who answers later copies what it is given.
      Handler handler = ^(id plan, NSError* failure) {
        const std::lock_guard lock(own->mutex);
        if (plan != nil)
          own->plan = Retained<id>::share(plan);
        else
          own->failure = framework_error_or(failure, "Core ML gave no reason");
        own->done = true;
        own->changed.notify_all();
      };
      Method method = class_getInstanceMethod(object_getClass(plan_class), selector);
      reinterpret_cast<void (*)(id, SEL, id, id, Handler)>(method_getImplementation(method))(
          plan_class, selector, file_url(compiled), configuration, handler);
    }
  });
  if (raised)
    return unreadable(fmt::format("loading the compute plan raised: {}", to_string(*raised)));
  std::unique_lock lock(answer->mutex);
  if (!answer->changed.wait_for(lock, timeout, [&] { return answer->done; }))
    return fail({.kind = ErrorKind::interrupted,
                 .message = fmt::format("no compute plan after {} ms", timeout.count())});
  if (!answer->plan)
    return unreadable(fmt::format("Core ML has no compute plan: {}", to_string(answer->failure)));
  ComputePlan plan;
  const auto trouble = guarded([&] {
    @autoreleasepool {
      plan = walk_plan(answer->plan.get());
    }
  });
  if (trouble)
    return unreadable(fmt::format("reading the compute plan raised: {}", to_string(*trouble)));
  return plan;
}

}  // namespace anecompat::evaluate::apple
