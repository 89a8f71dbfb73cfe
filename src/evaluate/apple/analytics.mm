#include "evaluate/apple/analytics.hpp"

#include <map>

namespace anecompat::evaluate::apple {

namespace {

// Bit 0 makes Core ML keep its segmenter's notes.
constexpr long long k_keep_analytics = 1;

bool enable_profiling(MLModelConfiguration* configuration) {
  const SEL setter = @selector(setProfilingOptions:);
  const auto options = integer_property(configuration, @selector(profilingOptions));
  if (!options ||
      !(has_method(configuration, setter, "v@:q") || has_method(configuration, setter, "v@:Q")))
    return false;
  Method method = class_getInstanceMethod(object_getClass(configuration), setter);
  reinterpret_cast<void (*)(id, SEL, long long)>(method_getImplementation(method))(
      configuration, setter, *options | k_keep_analytics);
  return true;
}

NSDictionary* segmentation(id model) {
  id library =
      object_property(object_property(model, @selector(program)), @selector(programLibrary));
  const SEL selector = @selector(segmentationAnalyticsAndReturnError:);
  if (!has_method(library, selector, "@@:^@"))
    return nil;
  Method method = class_getInstanceMethod(object_getClass(library), selector);
  id error = nil;
  return as_dictionary(reinterpret_cast<id (*)(id, SEL, id*)>(method_getImplementation(method))(
      library, selector, &error));
}

// The ANE's message by the output that ends an operation's path.
std::map<std::string, std::string> read(NSDictionary* analytics) {
  std::map<std::string, std::string> messages;
  NSArray* places = [[analytics allKeys] sortedArrayUsingSelector:@selector(compare:)];
  for (id place in places) {
    NSDictionary* entry = as_dictionary([analytics objectForKey:place]);
    NSArray* path = as_array([entry objectForKey:@"OpPath"]);
    const auto name = text_of(as_string([path lastObject]));
    if (name.empty())
      continue;
    NSDictionary* by_backend = as_dictionary([entry objectForKey:@"ValidationMessages"]);
    messages[name] = text_of(as_string([by_backend objectForKey:@"ane"]));
  }
  return messages;
}

}  // namespace

bool add_analytics(const std::string& compiled, MLModelConfiguration* configuration,
                   ComputePlan& plan, std::string& why_not) {
  bool added = false;
  const auto raised = guarded([&] {
    @autoreleasepool {
      auto profiling = Retained<MLModelConfiguration*>::adopt([configuration copy]);
      if (!enable_profiling(profiling.get())) {
        why_not = "this macOS has no profiling options";
        return;
      }
      NSError* error = nil;
      id model = [MLModel modelWithContentsOfURL:file_url(compiled)
                                   configuration:profiling.get()
                                           error:&error];
      if (model == nil) {
        why_not = to_string(framework_error_or(error, "the model did not load"));
        return;
      }
      NSDictionary* analytics = segmentation(model);
      if ([analytics count] == 0) {
        why_not = "Core ML kept no segmentation analytics";
        return;
      }
      const auto messages = read(analytics);
      for (auto& op : plan.ops) {
        if (const auto found = messages.find(op.name); found != messages.end())
          op.ane_message = found->second;
      }
      added = true;
    }
  });
  if (raised)
    why_not = to_string(*raised);
  return added;
}

}  // namespace anecompat::evaluate::apple
