// The system a model is to run on, as far as Core ML differs.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace anecompat::ane {

struct OsVersion {
  enum class Platform : std::uint8_t { ios, macos };

  Platform platform = Platform::ios;
  std::uint32_t major = 0;
  std::uint32_t minor = 0;

  // Systems with the same Core ML have the same number: 100 times iOS's major version, plus its
  // minor one; macOS 13.3 counts as iOS 16.3. From 26 on both are numbered alike
  // (coreml-formats 1.2).
  std::uint32_t core_ml() const;

  friend bool operator==(const OsVersion&, const OsVersion&) = default;
};

// "ios17", "macos14.4": the one spelling that reports and baselines are keyed by.
std::string to_string(const OsVersion& os);
// "iOS 17", "macOS 14.4"
std::string display_name(const OsVersion& os);

// Takes "ios17", "macOS 14.4", "iPadOS 17" in any case. Errors: usage; systems older than
// every chip family here and versions that were never released are refused.
Result<OsVersion> parse_os_version(std::string_view text);

}  // namespace anecompat::ane
