#include "evaluate/apple/configuration.hpp"

namespace anecompat::evaluate::apple {

namespace {

// macOS 15 and later.
bool set_function(MLModelConfiguration* configuration, const std::string& function) {
  const SEL selector = @selector(setFunctionName:);
  if (!has_method(configuration, selector, "v@:@"))
    return false;
  Method method = class_getInstanceMethod(object_getClass(configuration), selector);
  reinterpret_cast<void (*)(id, SEL, id)>(method_getImplementation(method))(configuration, selector,
                                                                            ns_string(function));
  return true;
}

// macOS 14.4 and later: flexible shapes that change seldom may be specialised for the ANE.
bool expect_infrequent_reshapes(MLModelConfiguration* configuration) {
  const Class hints_class = objc_getClass("MLOptimizationHints");
  const SEL set_hints = @selector(setOptimizationHints:);
  const SEL set_frequency = @selector(setReshapeFrequency:);
  if (hints_class == nil || !has_method(configuration, set_hints, "v@:@"))
    return false;
  const auto hints = Retained<id>::adopt([[hints_class alloc] init]);
  if (!has_method(hints.get(), set_frequency, "v@:q"))
    return false;
  constexpr NSInteger k_infrequent = 1;  // MLReshapeFrequencyHintInfrequent
  Method frequency = class_getInstanceMethod(hints_class, set_frequency);
  reinterpret_cast<void (*)(id, SEL, NSInteger)>(method_getImplementation(frequency))(
      hints.get(), set_frequency, k_infrequent);
  Method setter = class_getInstanceMethod(object_getClass(configuration), set_hints);
  reinterpret_cast<void (*)(id, SEL, id)>(method_getImplementation(setter))(configuration,
                                                                            set_hints, hints.get());
  return true;
}

}  // namespace

Result<Retained<MLModelConfiguration*>> make_configuration(const MeasureRequest& request) {
  auto configuration = Retained<MLModelConfiguration*>::adopt([[MLModelConfiguration alloc] init]);
  [configuration.get() setComputeUnits:request.compute_units == ane::ComputeUnits::all
                                           ? MLComputeUnitsAll
                                           : MLComputeUnitsCPUAndNeuralEngine];
  if (!request.function.empty() && !set_function(configuration.get(), request.function))
    return fail({.kind = ErrorKind::unsupported,
                 .message = "this macOS cannot pick a function of a model",
                 .advice = "measure on macOS 15 or later, or leave `function` out"});
  if (request.reshape_frequency == ane::ReshapeFrequency::infrequent &&
      !expect_infrequent_reshapes(configuration.get()))
    return fail({.kind = ErrorKind::unsupported,
                 .message = "this macOS cannot be told how often shapes change",
                 .advice = "measure on macOS 14.4 or later, or leave `reshape_frequency` out"});
  return configuration;
}

}  // namespace anecompat::evaluate::apple
