#include "cli/source_resolver.hpp"

#include "source/fetcher.hpp"
#include "source/locator.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace anecompat::cli {

namespace {

constexpr std::chrono::milliseconds k_between_lines{200};

}  // namespace

void add_source_options(CLI::App& app, SourceSettings& settings) {
  app.add_flag("--offline", settings.offline, "Use downloads of earlier runs only");
  app.add_option("--allow-host", settings.allowed_hosts,
                 "Download from this host (or *.example.org) and no other; repeatable")
      ->type_name("HOST")
      ->allow_extra_args(false);
  app.add_flag("--allow-loopback", settings.allow_loopback)->group("");  // for tests
}

std::string download_line(std::string_view name, std::uint64_t done, std::uint64_t total) {
  auto line = fmt::format("downloading {}: {}", name, human_bytes(done));
  if (total == 0)
    return line;
  constexpr std::size_t k_width = 20;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto filled = static_cast<std::size_t>(share * k_width);
  return line + fmt::format(" of {} [{}{}] {:.0f} %", human_bytes(total), std::string(filled, '#'),
                            std::string(k_width - filled, '-'), share * 100);
}

Result<std::string> SourceResolver::resolve(const manifest::EntrySpec& spec) const {
  if (spec.source.kind == manifest::Source::Kind::path)
    return spec.source.resolved;

  auto locator = source::parse_locator(spec.source.text, m_settings.allow_loopback);
  if (!locator) {
    auto error = std::move(locator.error());
    error.kind = ErrorKind::download;  // the manifest is right, this run forbids it
    return fail(std::move(error));
  }
  source::FetchOptions options;
  options.offline = m_settings.offline;
  options.network.allow_loopback = m_settings.allow_loopback;
  options.network.allowed_hosts = m_settings.allowed_hosts;
  options.network.cancel = m_settings.cancel;

  using Clock = std::chrono::steady_clock;
  bool begun = false;
  auto last = Clock::time_point();
  const auto progress = [&](std::uint64_t done, std::uint64_t total) {
    const auto now = Clock::now();
    const bool due = m_progress == DownloadProgress::often && now - last >= k_between_lines;
    if (begun && !due)
      return;
    if (!begun && m_progress == DownloadProgress::once)
      m_say(fmt::format("downloading {}: {}", spec.name, spec.source.text));
    else
      m_say(download_line(spec.name, done, total));
    begun = true;
    last = now;
  };
  return source::fetch_model(*locator, spec.source.sha256, options, progress);
}

}  // namespace anecompat::cli
