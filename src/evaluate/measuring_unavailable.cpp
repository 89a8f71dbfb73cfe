// Stands in for evaluate/apple/ where there is no Core ML.
#include "evaluate/apple/apple_evaluator.hpp"

#if !defined(__APPLE__)

#include <sys/utsname.h>

namespace anecompat::evaluate {

bool measuring_available() {
  return false;
}

HostReport probe_host() {
  HostReport report;
  utsname name{};
  if (uname(&name) == 0) {
    report.host.arch = name.machine;
    report.host.os_version = std::string(name.sysname) + " " + name.release;
  }
  report.host.warnings.emplace_back(
      "this is not macOS: models are judged by prediction, and nothing can be measured");
  return report;
}

Measurement measure(const MeasureRequest&) {
  Measurement measurement;
  measurement.host = probe_host().host;
  measurement.failure = FrameworkError{"", 0, "measuring needs macOS on Apple silicon"};
  return measurement;
}

}  // namespace anecompat::evaluate

#endif
