#include "cli/host_info.hpp"

#include "support/files.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>

#ifdef __APPLE__
#include <sys/sysctl.h>
#endif

#include <cstdio>
#include <string_view>

namespace anecompat::cli {

namespace {

// The value after the first line's `key` and separator; empty when there is none.
std::string value_of(std::string_view text, std::string_view key, char separator) {
  for (const auto line : split(text, '\n')) {
    const auto at = line.find(separator);
    if (at != std::string_view::npos && trim(line.substr(0, at)) == key)
      return std::string(trim(line.substr(at + 1)));
  }
  return {};
}

#ifdef __APPLE__

std::string sysctl_text(const char* name) {
  std::size_t size = 0;
  if (::sysctlbyname(name, nullptr, &size, nullptr, 0) != 0 || size == 0)
    return {};
  std::string value(size, '\0');
  if (::sysctlbyname(name, value.data(), &size, nullptr, 0) != 0)
    return {};
  return value.c_str();
}

bool sysctl_flag(const char* name) {
  int value = 0;
  std::size_t size = sizeof value;
  return ::sysctlbyname(name, &value, &size, nullptr, 0) == 0 && value != 0;
}

void fill_platform(report::Host& host) {
  host.os = "macOS " + sysctl_text("kern.osproductversion");
  host.build = sysctl_text("kern.osversion");
  host.chip = sysctl_text("machdep.cpu.brand_string");
  host.vm = sysctl_flag("kern.hv_vmm_present");
  // Every Apple silicon Mac has an ANE; a virtual machine does not get to see it.
  host.ane = host.arch == "arm64" && !host.vm;
}

#else

void fill_platform(report::Host& host) {
  if (const auto release = read_text_file("/etc/os-release"))
    host.os = os_release_name(*release);
  // /proc files report no size, so they are read through the C library.
  if (auto* file = std::fopen("/proc/cpuinfo", "re")) {
    std::string text(1U << 16U, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), file));
    std::fclose(file);
    host.chip = value_of(text, "model name", ':');
    host.vm = (" " + value_of(text, "flags", ':') + " ").find(" hypervisor ") != std::string::npos;
  }
}

#endif

}  // namespace

std::string os_release_name(const std::string& text) {
  const auto unquoted = [](std::string value) {
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front())
      return value.substr(1, value.size() - 2);
    return value;
  };
  auto name = unquoted(value_of(text, "PRETTY_NAME", '='));
  return name.empty() ? unquoted(value_of(text, "NAME", '=')) : name;
}

report::Host host_info() {
  report::Host host;
  utsname names = {};
  if (::uname(&names) == 0) {
    host.os = names.sysname;
    host.arch = names.machine;
    if (host.arch == "aarch64")
      host.arch = "arm64";
  }
  fill_platform(host);
  return host;
}

std::optional<ane::ChipFamily> host_family() {
  return family_of(host_info());
}

std::optional<ane::ChipFamily> family_of(const report::Host& host) {
  constexpr std::string_view k_vendor = "Apple ";
  if (!host.chip.starts_with(k_vendor))
    return std::nullopt;
  const auto family = ane::parse_chip(std::string_view(host.chip).substr(k_vendor.size()));
  if (!family)
    return std::nullopt;
  return *family;
}

ane::ChipFamily default_target() {
  return host_family().value_or(ane::ChipFamily::h16);
}

std::string why_no_ane(const report::Host& host) {
  if (host.ane)
    return {};
  const auto* reason = host.vm && host.arch == "arm64" && host.os.starts_with("macOS")
                           ? "is a virtual machine, which gets no ANE"
                           : "has no ANE";
  return fmt::format("this host ({}, {}) {}", host.os.empty() ? "unknown system" : host.os,
                     host.arch, reason);
}

report::Tool tool_info() {
  return {.version = std::string(k_version), .commit = std::string(k_commit)};
}

}  // namespace anecompat::cli
