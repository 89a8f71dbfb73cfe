#include "evaluate/apple/model_run.hpp"

#include "evaluate/apple/input_values.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::evaluate::apple {

namespace {

NSArray* sorted_keys(NSDictionary* dictionary) {
  return [[dictionary allKeys] sortedArrayUsingSelector:@selector(compare:)];
}

FrameworkError own_error(const Error& error) {
  return {"", 0, error.to_string()};
}

// The shapes of the request that no input took: a name that is wrong must not pass silently.
std::optional<FrameworkError> unknown_input(const MeasureRequest& request, NSDictionary* inputs) {
  for (const auto& [name, shape] : request.shapes) {
    if ([inputs objectForKey:ns_string(name)] != nil)
      continue;
    std::vector<std::string> names;
    for (id key in sorted_keys(inputs))
      names.push_back(printable(text_of(key)));
    return FrameworkError{"", 0,
                          fmt::format("shapes: the model has no input {}; it has {}",
                                      printable(name), join(names, ", "))};
  }
  return std::nullopt;
}

}  // namespace

std::optional<FrameworkError> ModelRun::load(const std::string& compiled,
                                             MLModelConfiguration* configuration) {
  std::optional<FrameworkError> failure;
  const auto raised = guarded([&] {
    @autoreleasepool {
      NSError* error = nil;
      id model = [MLModel modelWithContentsOfURL:file_url(compiled)
                                   configuration:configuration
                                           error:&error];
      if (model == nil) {
        failure = framework_error_or(error, "Core ML gave no reason");
        return;
      }
      m_model = Retained<MLModel*>::share(model);
      for (id name in sorted_keys([[m_model.get() modelDescription] outputDescriptionsByName]))
        m_outputs.push_back(text_of(name));
    }
  });
  return raised ? raised : failure;
}

std::optional<FrameworkError> ModelRun::make_inputs(const MeasureRequest& request) {
  std::optional<FrameworkError> failure;
  const auto raised = guarded([&] {
    @autoreleasepool {
      failure = feed(request);
    }
  });
  return raised ? raised : failure;
}

std::optional<FrameworkError> ModelRun::feed(const MeasureRequest& request) {
  MLModelDescription* description = [m_model.get() modelDescription];
  NSDictionary* inputs = [description inputDescriptionsByName];
  if (auto unknown = unknown_input(request, inputs))
    return unknown;
  RandomData random(request.seed);
  NSMutableDictionary* values = [NSMutableDictionary dictionary];
  for (id key in sorted_keys(inputs)) {
    MLFeatureDescription* input = [inputs objectForKey:key];
    const auto shape = request.shapes.find(text_of(key));
    const bool wanted = shape != request.shapes.end();
    // An optional input has a default value, and models are deployed with it.
    if ([input isOptional] && !wanted && [inputs count] > 1)
      continue;
    auto value = make_input(input, wanted ? shape->second : Dimensions{}, random);
    if (!value)
      return own_error(value.error());
    [values setObject:value->value.get() forKey:key];
    m_inputs.push_back(std::move(value->description));
  }
  NSError* error = nil;
  m_features = Retained<id<MLFeatureProvider>>::adopt(
      [[MLDictionaryFeatureProvider alloc] initWithDictionary:values error:&error]);
  if (!m_features)
    return framework_error_or(error, "Core ML took no inputs");
  // macOS 15 and later; by convention a method named new… gives its reference away.
  if ([as_dictionary(object_property(description, @selector(stateDescriptionsByName))) count] != 0)
    m_state = Retained<id>::adopt(object_property(m_model.get(), @selector(newState)));
  return std::nullopt;
}

std::optional<FrameworkError> ModelRun::run_once() {
  NSError* error = nil;
  id outputs = nil;
  const SEL with_state = @selector(predictionFromFeatures:usingState:error:);
  if (m_state && has_method(m_model.get(), with_state, "@@:@@^@")) {
    Method method = class_getInstanceMethod(object_getClass(m_model.get()), with_state);
    using Function = id (*)(id, SEL, id, id, NSError**);
    outputs = reinterpret_cast<Function>(method_getImplementation(method))(
        m_model.get(), with_state, m_features.get(), m_state.get(), &error);
  } else {
    outputs = [m_model.get() predictionFromFeatures:m_features.get() error:&error];
  }
  if (outputs == nil)
    return framework_error_or(error, "Core ML gave no reason");
  return std::nullopt;
}

std::optional<FrameworkError> ModelRun::predict() {
  std::optional<FrameworkError> failure;
  const auto raised = guarded([&] {
    @autoreleasepool {
      failure = run_once();
    }
  });
  return raised ? raised : failure;
}

}  // namespace anecompat::evaluate::apple
