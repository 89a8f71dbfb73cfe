#include "cli/command_merge.hpp"

#include "cli/check_outputs.hpp"
#include "cli/console.hpp"
#include "cli/merge_reports.hpp"
#include "cli/parse_values.hpp"
#include "cli/rule_texts.hpp"
#include "cli/saved_report.hpp"
#include "gate/gate.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/terminal.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace anecompat::cli {

namespace {

constexpr const char* k_examples =
    "Examples:\n"
    "  anecompat merge shards/*.json -o report.json\n"
    "  anecompat merge shards/*.json -o report.json --report summary --report junit=out/a.xml\n"
    "\n"
    "The result is what an unsharded check would have written, but for `run`. What concerns the\n"
    "run as a whole (suppressions that nothing needs, the exit code) is judged anew, which takes\n"
    "the manifest and the names of its models: a checkout without Git LFS is enough.\n"
    "\n"
    "Exit codes: as of check; 2 also when shards are missing, twice there or of different runs.";

std::string baseline_in_words(const std::string& baseline) {
  return baseline.empty() ? "no baseline" : printable(baseline);
}

class MergeCommand : public Command {
 public:
  void setup(CLI::App& app) override;
  int run() override;

 private:
  Result<MergedReport> merged() const;
  // Errors are printed. Returns whether it could be judged.
  bool judge(report::Report& report, const std::string& manifest_sha256) const;

  std::vector<std::string> m_reports;
  std::string m_output;
  std::string m_manifest;
  std::string m_policy;
  std::string m_baseline;
  bool m_fail_on_improvement = false;
  std::vector<std::string> m_outputs;
  std::string m_color = "auto";
};

void MergeCommand::setup(CLI::App& app) {
  app.add_option("REPORTS", m_reports, "The report.json of each shard")
      ->type_name("REPORT.json")
      ->required();
  app.add_option("--output,-o", m_output, "Where the whole report.json goes")
      ->type_name("PATH")
      ->required();
  app.add_option("--report", m_outputs,
                 "Write another report, too, as check does; repeatable (default: as of check)")
      ->type_name("FORMAT[=PATH]")
      ->allow_extra_args(false);
  app.add_option("--manifest", m_manifest, "The manifest (default: the path the shards name)")
      ->type_name("PATH");
  app.add_option("--policy", m_policy, "As given to check")->type_name("NAME|PATH");
  app.add_option("--baseline", m_baseline, "As given to check")->type_name("PATH|GITREF:PATH");
  app.add_flag("--fail-on-improvement", m_fail_on_improvement, "As given to check");
  app.add_option("--color", m_color, "auto, always or never (default: auto)")->type_name("WHEN");
  app.footer(k_examples);
}

Result<MergedReport> MergeCommand::merged() const {
  std::vector<SavedReport> shards;
  for (const auto& path : m_reports) {
    ANECOMPAT_TRY_ASSIGN(auto report, load_report(path));
    shards.push_back({.path = path, .report = std::move(report)});
  }
  return merge_reports(std::move(shards));
}

bool MergeCommand::judge(report::Report& report, const std::string& manifest_sha256) const {
  const auto& path = m_manifest.empty() ? report.manifest : m_manifest;
  const auto text = read_text_file(path);
  if (!text) {
    auto error = text.error();
    error.advice =
        "merge judges the run as a whole and needs the manifest: check out the same commit";
    print_error(error);
    return false;
  }
  if (sha256_hex(*text) != manifest_sha256) {
    print_error({.kind = ErrorKind::manifest,
                 .message = "is not the manifest the shards were checked with",
                 .file = path,
                 .advice = "check out the same commit as their jobs"});
    return false;
  }
  auto manifest = manifest::load_manifest(path);
  if (!manifest) {
    print_errors(manifest.error());
    return false;
  }
  manifest->path = report.manifest;
  auto policy = gate::load_policy(m_policy.empty() ? manifest->policy : m_policy);
  if (!policy) {
    print_errors(policy.error());
    return false;
  }
  if (policy->name != report.policy) {
    print_error({.kind = ErrorKind::usage,
                 .message = fmt::format("the shards were judged by policy {}, this is {}",
                                        printable(report.policy), printable(policy->name)),
                 .advice = "give merge the --policy that check got"});
    return false;
  }
  if (m_fail_on_improvement)
    policy->severities["improved"] = report::Severity::error;
  if (!m_baseline.empty())
    manifest->baseline = m_baseline;
  if (manifest->baseline != report.baseline) {
    print_error({.kind = ErrorKind::usage,
                 .message = fmt::format("the shards were compared with {}, this is {}",
                                        baseline_in_words(report.baseline),
                                        baseline_in_words(manifest->baseline)),
                 .advice = "give merge the --baseline that check got"});
    return false;
  }
  if (manifest->baseline.empty()) {
    gate::judge(report, *manifest, *policy);
    return true;
  }
  const auto reference = gate::load_baseline(manifest->baseline, path);
  if (!reference) {
    print_error(reference.error());
    return false;
  }
  gate::judge(report, *manifest, *policy, &*reference);
  return true;
}

int MergeCommand::run() {
  const auto when = parse_color_when(m_color);
  if (!when)
    return fail_with(when.error());
  auto outputs = parse_outputs(m_outputs);
  if (!outputs)
    return fail_with(outputs.error());

  auto report = merged();
  if (!report) {
    print_error(report.error());
    return k_exit_usage;
  }
  if (!judge(report->report, report->manifest_sha256))
    return k_exit_usage;

  outputs->push_back({.format = report::Format::json, .dialect = {}, .path = m_output});
  const auto rules = rule_texts();
  const bool written = write_outputs(report->report, *outputs,
                                     {.color = color_wanted(*when, is_terminal(STDOUT_FILENO)),
                                      .width = terminal_width(STDOUT_FILENO),
                                      .rules = rules});
  return written ? report->report.exit_code : k_exit_usage;
}

}  // namespace

std::unique_ptr<Command> make_merge_command() {
  return std::make_unique<MergeCommand>();
}

}  // namespace anecompat::cli
