#include "ane/os_version.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace anecompat::ane {

namespace {

using Platform = OsVersion::Platform;

struct PlatformInfo {
  std::string_view name;
  Platform platform;
};

constexpr std::array k_platforms = {PlatformInfo{"macos", Platform::macos},
                                    PlatformInfo{"ipados", Platform::ios},
                                    PlatformInfo{"ios", Platform::ios}};

// The systems that the oldest chips rules are known for, A14 and M1, came with.
constexpr std::uint32_t k_oldest_ios = 14;
constexpr std::uint32_t k_oldest_macos = 11;
// macOS 11 came with the Core ML of iOS 14; the distance stays until both take the year's number.
constexpr std::uint32_t k_macos_distance = 3;
constexpr std::uint32_t k_last_ios_of_old_numbers = 18;
constexpr std::uint32_t k_last_macos_of_old_numbers = 15;
constexpr std::uint32_t k_first_of_new_numbers = 26;
constexpr std::uint32_t k_largest_number = 99;

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || value > k_largest_number)
    return std::nullopt;
  return value;
}

auto unknown(std::string_view text, std::string why) {
  return fail({.kind = ErrorKind::usage,
               .message = fmt::format("unknown system \"{}\"", printable(text)),
               .advice = std::move(why)});
}

}  // namespace

std::uint32_t OsVersion::core_ml() const {
  const bool old_macos = platform == Platform::macos && major < k_first_of_new_numbers;
  return (old_macos ? major + k_macos_distance : major) * 100 + minor;
}

std::string to_string(const OsVersion& os) {
  auto text = fmt::format("{}{}", os.platform == Platform::macos ? "macos" : "ios", os.major);
  if (os.minor != 0)
    text += fmt::format(".{}", os.minor);
  return text;
}

std::string display_name(const OsVersion& os) {
  auto text = fmt::format("{} {}", os.platform == Platform::macos ? "macOS" : "iOS", os.major);
  if (os.minor != 0)
    text += fmt::format(".{}", os.minor);
  return text;
}

Result<OsVersion> parse_os_version(std::string_view text) {
  const auto lower = to_lower(trim(text));
  std::string_view rest = lower;
  std::optional<Platform> platform;
  for (const auto& info : k_platforms) {
    if (rest.starts_with(info.name)) {
      platform = info.platform;
      rest = trim(rest.substr(info.name.size()));
      break;
    }
  }
  if (!platform)
    return unknown(text, "write it as macos14 or ios17.4");
  OsVersion os{.platform = *platform};
  const auto parts = split(rest, '.');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = number_of(parts[i]);
    // Of 15.6.1 the last part changes nothing in Core ML that is known.
    if (!number || i > 2)
      return unknown(text, "write it as macos14 or ios17.4");
    if (i < 2)
      (i == 0 ? os.major : os.minor) = *number;
  }
  const bool macos = os.platform == Platform::macos;
  if (os.major < (macos ? k_oldest_macos : k_oldest_ios))
    return unknown(text, "the oldest are iOS 14 and macOS 11, which A14 and M1 came with");
  const auto last = macos ? k_last_macos_of_old_numbers : k_last_ios_of_old_numbers;
  if (os.major > last && os.major < k_first_of_new_numbers)
    return unknown(text, fmt::format("{} {} is followed by {}", macos ? "macOS" : "iOS", last,
                                     k_first_of_new_numbers));
  return os;
}

}  // namespace anecompat::ane
