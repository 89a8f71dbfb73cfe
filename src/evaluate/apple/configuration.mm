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
  return configuration;
}

}  // namespace anecompat::evaluate::apple
