#include "cli/gate_inputs.hpp"

#include "cli/check_run.hpp"
#include "cli/host_info.hpp"
#include "evaluate/predictor.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

namespace anecompat::cli {

std::string baseline_path(const std::string& option, const manifest::Manifest& manifest) {
  if (!option.empty())
    return option;
  if (!manifest.baseline.empty())
    return manifest.baseline;
  return (std::filesystem::path(manifest.path).parent_path() / "anecompat.baseline.json").string();
}

Result<report::Report> evaluate_now(const manifest::Manifest& manifest, const FreshRun& run) {
  ANECOMPAT_TRY_ASSIGN(const auto evaluator,
                       evaluate::make_predictor({.rules_directory = run.rules, .what_if = {}}));
  std::vector<manifest::EntrySpec> chosen;
  for (const auto& entry : manifest.entries) {
    const auto matches = [&](const std::string& filter) { return glob_match(filter, entry.name); };
    if (run.filters.empty() || std::ranges::any_of(run.filters, matches))
      chosen.push_back(entry);
  }
  RunSettings settings;
  settings.jobs = run.jobs != 0 ? run.jobs : std::max(1U, std::thread::hardware_concurrency());
  report::Report report;
  report.tool = tool_info();
  report.host = host_info();
  report.manifest = run.manifest_path;
  report.entries = evaluate_entries(run.manifest_path, chosen, *evaluator, settings);
  return report;
}

}  // namespace anecompat::cli
