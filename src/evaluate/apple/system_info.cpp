#include "evaluate/apple/system_info.hpp"

#include <sys/types.h>
#include <sys/utsname.h>

#include <cstring>

// Declared here because it is all of <sys/sysctl.h> that is used.
extern "C" int sysctlbyname(const char* name, void* old_value, std::size_t* old_size,
                            void* new_value, std::size_t new_size);

namespace anecompat::evaluate::apple {

std::string system_text(const char* name) {
  char buffer[256] = {};
  std::size_t size = sizeof buffer - 1;
  if (sysctlbyname(name, buffer, &size, nullptr, 0) != 0)
    return "";
  return {buffer, strnlen(buffer, sizeof buffer)};
}

std::optional<std::int64_t> system_number(const char* name) {
  std::int64_t wide = 0;
  std::size_t size = sizeof wide;
  if (sysctlbyname(name, &wide, &size, nullptr, 0) != 0)
    return std::nullopt;
  if (size == sizeof wide)
    return wide;
  std::int32_t narrow = 0;
  if (size != sizeof narrow)
    return std::nullopt;
  std::memcpy(&narrow, &wide, sizeof narrow);
  return narrow;
}

std::string machine_architecture() {
  if (system_number("hw.optional.arm64").value_or(0) == 1)
    return "arm64";
  utsname name{};
  return uname(&name) == 0 ? name.machine : "";
}

}  // namespace anecompat::evaluate::apple
