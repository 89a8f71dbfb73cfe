// Values the kernel keeps about the machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace anecompat::evaluate::apple {

// Empty or nullopt when the system has no such value.
std::string system_text(const char* name);
std::optional<std::int64_t> system_number(const char* name);

// "arm64" also in a process that Rosetta translates.
std::string machine_architecture();

}  // namespace anecompat::evaluate::apple
