#include "cli/gate_inputs.hpp"

#include "cli/check_run.hpp"
#include "cli/interrupt.hpp"
#include "cli/shard_plan.hpp"
#include "evaluate/predictor.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

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
  const InterruptGuard guard;
  auto sources = run.sources;
  sources.cancel = &InterruptGuard::flag();
  const SourceResolver resolver(sources, DownloadProgress::once,
                                [](std::string_view line) { fmt::print(stderr, "{}\n", line); });
  RunSettings settings;
  settings.jobs = jobs_wanted(run.jobs);
  settings.interrupted = InterruptGuard::interrupted;
  settings.locate = [&](const manifest::EntrySpec& spec) { return resolver.resolve(spec); };
  auto report = begin_report(run.manifest_path);
  report.entries = evaluate_entries(run.manifest_path, filtered(manifest.entries, run.filters),
                                    *evaluator, settings);
  if (InterruptGuard::interrupted()) {
    return fail({.kind = ErrorKind::interrupted,
                 .message = "interrupted before all models were evaluated",
                 .advice = "nothing was changed; start again"});
  }
  return report;
}

}  // namespace anecompat::cli
