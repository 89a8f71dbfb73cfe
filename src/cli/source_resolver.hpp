// From what a manifest names to a model on this machine.
#pragma once

#include "manifest/manifest.hpp"
#include "support/result.hpp"

#include <CLI/CLI.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::cli {

// Downloads of a run. Where they are kept is the cache's to say (source/cache.hpp).
struct SourceSettings {
  bool offline = false;
  std::vector<std::string> allowed_hosts;  // empty: every public host
  bool allow_loopback = false;             // for tests against a server on this machine
  const std::atomic<bool>* cancel = nullptr;
};

// Declares --offline, --allow-host and, for tests, --allow-loopback.
void add_source_options(CLI::App& app, SourceSettings& settings);

// How often progress is told.
enum class DownloadProgress : std::uint8_t {
  once,   // when a download begins; for logs
  often,  // several times a second; for a line that changes in place
};

// Safe to use from several threads at once.
class SourceResolver {
 public:
  using Say = std::function<void(std::string_view)>;

  // `say` gets a line on each download as it goes on, also from several threads at once.
  SourceResolver(SourceSettings settings, DownloadProgress progress, Say say)
      : m_settings(std::move(settings)), m_progress(progress), m_say(std::move(say)) {}

  // The path of the entry's model, downloaded if it must be. Errors: download, unreadable, system,
  // interrupted.
  Result<std::string> resolve(const manifest::EntrySpec& spec) const;

 private:
  SourceSettings m_settings;
  DownloadProgress m_progress;
  Say m_say;
};

// "downloading encoder: 12.5 MB of 50 MB [#####---------------] 25 %"; without a bar while the
// total is 0, which is unknown.
std::string download_line(std::string_view name, std::uint64_t done, std::uint64_t total);

}  // namespace anecompat::cli
