#include "evaluate/apple/probe.hpp"

#include "evaluate/apple/hooks.hpp"
#include "evaluate/apple/objc_support.hpp"
#include "evaluate/apple/system_info.hpp"

#import <CoreML/CoreML.h>
#include <fmt/format.h>

#include <array>

namespace anecompat::evaluate::apple {

namespace {

// A getter or call that a measured run uses beyond the hooks. All are optional: without one the
// answer has less detail.
struct OptionalMethod {
  const char* class_name;
  SEL selector;
  bool class_method;
};

std::array<OptionalMethod, 15> optional_methods() {
  return {{
      {"_ANEModel", @selector(key), false},
      {"_ANEModel", @selector(modelAttributes), false},
      {"_ANEModel", @selector(modelURL), false},
      {"_ANEModel", @selector(cacheURLIdentifier), false},
      {"_ANEModel", @selector(string_id), false},
      {"_ANEModel", @selector(UUID), false},
      {"_ANERequest", @selector(procedureIndex), false},
      {"_ANERequest", @selector(inputArray), false},
      {"_ANERequest", @selector(outputArray), false},
      {"_ANEDeviceInfo", @selector(hasANE), true},
      {"_ANEDeviceInfo", @selector(aneArchitectureType), true},
      {"MLModel", @selector(availableComputeDevices), true},
      {"MLModel", @selector(newState), false},
      {"MLComputePlan", @selector(loadContentsOfURL:configuration:completionHandler:), true},
      {"MLE5ProgramLibrary", @selector(segmentationAnalyticsAndReturnError:), false},
  }};
}

void list_missing(HostProbe& host) {
  for (const auto& method : optional_methods()) {
    Class cls = objc_getClass(method.class_name);
    const bool found =
        cls != nil && class_getInstanceMethod(method.class_method ? object_getClass(cls) : cls,
                                              method.selector) != nullptr;
    if (!found)
      host.missing.push_back(fmt::format("{}[{} {}]", method.class_method ? '+' : '-',
                                         method.class_name, sel_getName(method.selector)));
  }
}

void ask_system(HostProbe& host) {
  host.os_version = system_text("kern.osproductversion");
  host.os_build = system_text("kern.osversion");
  host.hardware_model = system_text("hw.model");
  host.chip_name = system_text("machdep.cpu.brand_string");
  host.arch = machine_architecture();
  host.virtual_machine = system_number("kern.hv_vmm_present").value_or(0) != 0 ||
                         host.hardware_model.starts_with("VirtualMac");
}

// Core ML's own list of devices, macOS 14 and later.
void ask_core_ml(HostProbe& host) {
  NSArray* devices = as_array(object_property([MLModel class], @selector(availableComputeDevices)));
  if (devices != nil) {
    host.compute_devices_known = true;
    Class neural_engine = objc_getClass("MLNeuralEngineComputeDevice");
    for (id device in devices) {
      if (neural_engine == nil || ![device isKindOfClass:neural_engine])
        continue;
      host.neural_engine_listed = true;
      host.neural_engine_cores = integer_property(device, @selector(totalCoreCount));
    }
  }
  host.compute_plan =
      has_method(objc_getClass("MLComputePlan"),
                 @selector(loadContentsOfURL:configuration:completionHandler:), "v@:@@@?");
}

// The class methods of _ANEDeviceInfo return scalars as often as objects.
void ask_private(HostProbe& host) {
  id info = objc_getClass("_ANEDeviceInfo");
  if (const auto has = integer_property(info, @selector(hasANE)))
    host.private_has_ane = *has != 0;
  host.ane_architecture = text_of(object_property(info, @selector(aneArchitectureType)));
  if (integer_property(info, @selector(isVirtualMachine)).value_or(0) != 0)
    host.virtual_machine = true;
  if (const auto cores = integer_property(info, @selector(numANECores));
      cores && !host.neural_engine_cores)
    host.neural_engine_cores = cores;
}

}  // namespace

HostProbe probe() {
  HostProbe host;
  ask_system(host);
  host.framework_loaded = objc_getClass("_ANEClient") != nil;
  const auto ask = [&](void (*question)(HostProbe&), const char* whom) {
    const auto raised = guarded([&] {
      @autoreleasepool {
        question(host);
      }
    });
    if (raised)
      host.warnings.push_back(fmt::format("asking {} raised: {}", whom, to_string(*raised)));
  };
  ask(ask_core_ml, "Core ML");
  ask(ask_private, "AppleNeuralEngine");
  list_missing(host);
  if (host.compute_devices_known && host.private_has_ane &&
      *host.private_has_ane != host.neural_engine_listed)
    host.warnings.push_back(
        fmt::format("Core ML {} a Neural Engine, and AppleNeuralEngine says there is {}",
                    host.neural_engine_listed ? "lists" : "does not list",
                    *host.private_has_ane ? "one" : "none"));
  return host;
}

}  // namespace anecompat::evaluate::apple
