#include "evaluate/apple/bundle_cache.hpp"

#include "support/subprocess.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace anecompat::evaluate::apple {

namespace {

namespace fs = std::filesystem;

// A cache of years has hundreds of bundles; what comes after is not looked at.
constexpr std::size_t k_max_directories = 20000;

class Scan {
 public:
  explicit Scan(fs::file_time_type since) : m_since(since) {}

  void cache(const fs::path& root) {
    for (const auto& build : directories(root)) {
      for (const auto& hash : directories(build)) {
        for (const auto& bundle : directories(hash)) {
          std::error_code error;
          const auto written = fs::last_write_time(bundle, error);
          if (!error && written >= m_since && bundle.extension() == ".bundle")
            chips(bundle);
        }
      }
    }
    std::ranges::sort(m_lines);
    m_lines.erase(std::unique(m_lines.begin(), m_lines.end()), m_lines.end());
  }

  std::vector<std::string> take() { return std::move(m_lines); }

 private:
  // Real ones only: a link may lead anywhere.
  std::vector<fs::path> directories(const fs::path& parent) {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::directory_iterator entry(parent, error), end; !error && entry != end;
         entry.increment(error)) {
      std::error_code ignored;
      if (entry->is_symlink(ignored) || !entry->is_directory(ignored))
        continue;
      if (++m_seen > k_max_directories)
        break;
      found.push_back(entry->path());
    }
    return found;
  }

  void chips(const fs::path& bundle) {
    for (const auto& chip : directories(bundle)) {
      if (chip.extension() != ".bundle")
        continue;
      for (const auto& function : directories(chip))
        add(chip.stem().string(), function);
    }
  }

  void add(const std::string& chip, const fs::path& function) {
    const auto name = function.filename().string();
    std::vector<std::string> devices;
    for (const auto& part : directories(function)) {
      const auto own = part.filename().string();
      if (own.size() > name.size() + 1 && own.starts_with(name + "_"))
        devices.push_back(printable(own.substr(name.size() + 1)));
    }
    if (devices.empty())
      return;
    std::ranges::sort(devices);
    m_lines.push_back(
        fmt::format("{} {}: {}", printable(chip), printable(name), join(devices, ", ")));
  }

  fs::file_time_type m_since;
  std::size_t m_seen = 0;
  std::vector<std::string> m_lines;
};

}  // namespace

fs::path own_bundle_cache() {
  const char* home = std::getenv("HOME");
  const auto program = own_executable();
  if (home == nullptr || *home == '\0' || !program)
    return {};
  return fs::path(home) / "Library/Caches" / fs::path(*program).filename() /
         "com.apple.e5rt.e5bundlecache";
}

std::vector<std::string> bundles_since(const fs::path& cache, fs::file_time_type since) {
  Scan scan(since);
  scan.cache(cache);
  return scan.take();
}

}  // namespace anecompat::evaluate::apple
