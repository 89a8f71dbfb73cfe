#include "cli/command_check.hpp"

#include "cli/check_outputs.hpp"
#include "cli/check_run.hpp"
#include "cli/console.hpp"
#include "cli/evidence_choice.hpp"
#include "cli/interrupt.hpp"
#include "cli/parse_values.hpp"
#include "cli/rule_texts.hpp"
#include "cli/saved_report.hpp"
#include "cli/shard_plan.hpp"
#include "cli/source_resolver.hpp"
#include "gate/gate.hpp"
#include "support/duration.hpp"
#include "support/files.hpp"
#include "support/sha256.hpp"
#include "support/status_line.hpp"
#include "support/terminal.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

namespace anecompat::cli {

namespace {

constexpr const char* k_examples =
    "Examples:\n"
    "  anecompat check\n"
    "  anecompat check models.yml --target m1 --target m4\n"
    "  anecompat check --report text --report junit=out/anecompat.xml --report "
    "json=out/report.json\n"
    "  anecompat check --filter 'detector*' --policy strict\n"
    "\n"
    "Exit codes: 0 passed, 1 the gate failed, 2 the command line, manifest or policy is wrong,\n"
    "3 something could not be evaluated, 4 nothing to check.";

struct Options {
  std::string manifest = "anecompat.yml";
  std::vector<std::string> reports;
  std::string policy;
  std::string baseline;
  bool fail_on_improvement = false;
  std::vector<std::string> targets;
  std::string evidence = "auto";
  std::string compute_units = "cpu_and_ne";
  std::vector<std::string> filters;
  std::string shard;
  std::string shards_from;
  SourceSettings sources;
  unsigned jobs = 0;
  std::string timeout = "5m";
  std::string rules;
  bool isolate = false;
  unsigned retries = 0;
  std::string memory = "4GB";
  std::string color = "auto";
  bool quiet = false;
  bool verbose = false;
};

// A filter that matches nothing is a mistake more often than not.
void warn_of_idle_filters(const manifest::Manifest& manifest,
                          const std::vector<std::string>& filters) {
  std::vector<std::string_view> names;
  for (const auto& entry : manifest.entries)
    names.push_back(entry.name);
  for (const auto& filter : filters) {
    if (std::ranges::any_of(names, [&](auto name) { return glob_match(filter, name); }))
      continue;
    const auto meant = did_you_mean(filter, names);
    fmt::print(stderr, "anecompat: warning: --filter {} matches no entry{}\n", printable(filter),
               meant ? fmt::format(" (did you mean `{}`?)", printable(*meant)) : std::string());
  }
}

class CheckCommand : public Command {
 public:
  void setup(CLI::App& app) override;
  int run() override;

 private:
  // Everything that can be wrong before the first model is opened.
  struct Plan {
    std::vector<report::Output> outputs;
    RunSettings settings;
    Shard shard;
    RunTimes times;  // to balance shards by
    bool color = false;
    gate::Policy policy;
    manifest::Manifest manifest;
    std::optional<gate::Reference> reference;
    std::unique_ptr<evaluate::Evaluator> evaluator;
  };
  tl::expected<Plan, std::vector<Error>> make_plan() const;
  Result<void> read_options(Plan& plan) const;
  Result<Selection> select(const Plan& plan) const;
  report::Report evaluate(const Plan& plan, const Selection& selection) const;

  Options m_options;
};

void CheckCommand::setup(CLI::App& app) {
  auto& o = m_options;
  app.add_option("MANIFEST", o.manifest, "The models to check (default: anecompat.yml)");
  app.add_option("--report", o.reports,
                 "Write a report; repeatable. FORMAT is text, junit, github, summary, json, "
                 "markdown, sarif "
                 "or html; "
                 "without PATH it goes to standard output (default: text; in GitHub Actions also "
                 "github and summary)")
      ->type_name("FORMAT[=PATH]")
      ->allow_extra_args(false);
  app.add_option("--policy", o.policy,
                 "pre-merge, strict, nightly, advisory or a file (default: the manifest's, else "
                 "pre-merge)")
      ->type_name("NAME|PATH");
  app.add_option(
         "--baseline", o.baseline,
         "Compare with this record instead of the manifest's: a file, or GITREF:PATH, as in "
         "origin/main:anecompat.baseline.json")
      ->type_name("PATH|GITREF:PATH");
  app.add_flag("--fail-on-improvement", o.fail_on_improvement,
               "Fail when a model is better than its baseline, so that the gain gets recorded");
  app.add_option("--target", o.targets,
                 "Answer for this chip instead of the manifest's; repeatable. A family (h16), a "
                 "marketing name (m4, a17pro) or host; with its system where that is old, as "
                 "m1@macos13")
      ->type_name("CHIP[@OS]")
      ->allow_extra_args(false);
  app.add_option("--evidence", o.evidence,
                 "auto, measured, planned or predicted: the kind of evidence to gather; auto takes "
                 "the best this host has")
      ->type_name("KIND");
  app.add_option("--compute-units", o.compute_units,
                 "cpu_and_ne or all: the compute units to answer for (default: cpu_and_ne)")
      ->type_name("UNITS");
  app.add_option("--filter", o.filters, "Check only entries whose name matches; repeatable")
      ->type_name("GLOB")
      ->allow_extra_args(false);
  auto* shard = app.add_option("--shard", o.shard, "Check only the I-th of N parts of the manifest")
                    ->type_name("I/N");
  app.add_option("--shards-from", o.shards_from,
                 "The report.json that `anecompat shards --from` balanced by")
      ->type_name("REPORT")
      ->needs(shard);
  add_source_options(app, o.sources);
  app.add_option("--jobs,-j", o.jobs, "Evaluate so many models at a time (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1U, 1024U).description(""));
  app.add_option("--timeout", o.timeout,
                 "How long one model may take, unless the manifest says so (default: 5m)")
      ->type_name("DURATION");
  app.add_flag("--isolate", o.isolate,
               "Evaluate each model in a process of its own, also where nothing is run; what hangs "
               "is then stopped at the timeout");
  app.add_option("--retries", o.retries,
                 "Try so many times more when a process crashes, hangs or gives no proper answer; "
                 "a later success is reported as flaky (default: 0)")
      ->type_name("N")
      ->check(CLI::Range(0U, 10U).description(""));
  app.add_option("--memory", o.memory,
                 "How much memory the prediction of one model may take with --isolate, on systems "
                 "that can limit it (default: 4GB)")
      ->type_name("SIZE");
  app.add_option("--rules", o.rules, "Use the op rules in this directory, not the built-in ones")
      ->type_name("DIR");
  app.add_option("--color", o.color, "auto, always or never (default: auto)")->type_name("WHEN");
  auto* quiet = app.add_flag("--quiet,-q", o.quiet, "Print failures and the last line only");
  app.add_flag("--verbose,-v", o.verbose, "Print details of what passed, too")->excludes(quiet);
  app.footer(k_examples);
}

Result<void> CheckCommand::read_options(Plan& plan) const {
  const auto& o = m_options;
  ANECOMPAT_TRY_ASSIGN(plan.outputs, parse_outputs(o.reports));
  ANECOMPAT_TRY_ASSIGN(plan.settings.targets, parse_targets(o.targets));
  EvaluatorChoice choice;
  ANECOMPAT_TRY_ASSIGN(choice.evidence, parse_evidence_wanted(o.evidence));
  ANECOMPAT_TRY_ASSIGN(plan.settings.compute_units, parse_units(o.compute_units));
  auto timeout = parse_duration(o.timeout);
  if (!timeout) {
    timeout.error().message = "--timeout: " + timeout.error().message;
    return fail(std::move(timeout.error()));
  }
  plan.settings.timeout = *timeout;
  if (!o.shard.empty()) {
    ANECOMPAT_TRY_ASSIGN(plan.shard, parse_shard(o.shard));
  }
  if (!o.shards_from.empty()) {
    ANECOMPAT_TRY_ASSIGN(const auto report, load_report(o.shards_from));
    plan.times = run_times(report);
  }
  ANECOMPAT_TRY_ASSIGN(const auto when, parse_color_when(o.color));
  plan.color = color_wanted(when, is_terminal(STDOUT_FILENO));
  plan.settings.jobs = jobs_wanted(o.jobs);
  choice.rules_directory = o.rules;
  choice.isolate = o.isolate;
  choice.retries = o.retries;
  ANECOMPAT_TRY_ASSIGN(choice.memory_limit, parse_memory(o.memory));
  choice.cancel = &InterruptGuard::flag();
  ANECOMPAT_TRY_ASSIGN(plan.evaluator, make_evaluator(choice));
  return {};
}

tl::expected<CheckCommand::Plan, std::vector<Error>> CheckCommand::make_plan() const {
  Plan plan;
  if (auto read = read_options(plan); !read)
    return tl::unexpected(std::vector{std::move(read.error())});
  auto manifest = manifest::load_manifest(m_options.manifest);
  if (!manifest)
    return tl::unexpected(std::move(manifest.error()));
  plan.manifest = std::move(*manifest);
  if (!m_options.policy.empty())
    plan.manifest.policy = m_options.policy;
  auto policy = gate::load_policy(plan.manifest.policy);
  if (!policy)
    return tl::unexpected(std::move(policy.error()));
  plan.policy = std::move(*policy);
  if (m_options.fail_on_improvement)
    plan.policy.severities["improved"] = report::Severity::error;
  if (!m_options.baseline.empty())
    plan.manifest.baseline = m_options.baseline;
  if (!plan.manifest.baseline.empty()) {
    auto reference = gate::load_baseline(plan.manifest.baseline, m_options.manifest);
    if (!reference)
      return tl::unexpected(std::vector{std::move(reference.error())});
    plan.reference = std::move(*reference);
  }
  return plan;
}

// The entries this run is about.
Result<Selection> CheckCommand::select(const Plan& plan) const {
  auto entries = filtered(plan.manifest.entries, m_options.filters);
  if (m_options.shard.empty())
    return Selection{.entries = std::move(entries), .part = std::nullopt};
  ANECOMPAT_TRY_ASSIGN(const auto text, read_text_file(m_options.manifest));
  const auto shards = plan_shards(entries, sizes_on_disk(entries), plan.times, plan.shard.count);
  return select_shard(entries, shards, plan.shard.index, sha256_hex(text));
}

report::Report CheckCommand::evaluate(const Plan& plan, const Selection& selection) const {
  const auto began = std::chrono::steady_clock::now();
  const auto& entries = selection.entries;

  auto report = begin_report(m_options.manifest);
  report.run.shard = m_options.shard;
  report.run.part = selection.part;
  report.policy = plan.policy.name;

  const auto style = m_options.quiet              ? StatusLine::Style::silent
                     : is_terminal(STDERR_FILENO) ? StatusLine::Style::in_place
                                                  : StatusLine::Style::plain;
  StatusLine status(style, terminal_width(STDERR_FILENO), [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  });
  auto settings = plan.settings;
  settings.interrupted = InterruptGuard::interrupted;
  auto sources = m_options.sources;
  sources.cancel = &InterruptGuard::flag();
  const SourceResolver resolver(
      sources,
      style == StatusLine::Style::in_place ? DownloadProgress::often : DownloadProgress::once,
      [&](std::string_view line) { status.update(line); });
  settings.locate = [&](const manifest::EntrySpec& spec) { return resolver.resolve(spec); };
  settings.progress = [&](std::size_t done, const report::Entry& entry) {
    status.update(
        fmt::format("[{}/{}] {}: {}", done, entries.size(), entry.name, outcome_of(entry)));
  };
  report.entries = evaluate_entries(m_options.manifest, entries, *plan.evaluator, settings);
  report.run.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  return report;
}

int CheckCommand::run() {
  const InterruptGuard guard;
  auto plan = make_plan();
  if (!plan) {
    print_errors(plan.error());
    return k_exit_usage;
  }
  warn_of_idle_filters(plan->manifest, m_options.filters);
  const auto selection = select(*plan);
  if (!selection)
    return fail_with(selection.error());
  auto report = evaluate(*plan, *selection);
  gate::judge(report, plan->manifest, plan->policy, plan->reference ? &*plan->reference : nullptr);
  if (InterruptGuard::interrupted())
    report.exit_code = k_exit_not_evaluated;

  const auto rules = rule_texts();
  const auto written = write_outputs(report, plan->outputs,
                                     {.color = plan->color,
                                      .verbose = m_options.verbose,
                                      .quiet = m_options.quiet,
                                      .width = terminal_width(STDOUT_FILENO),
                                      .rules = rules});
  return written ? report.exit_code : k_exit_usage;
}

}  // namespace

std::unique_ptr<Command> make_check_command() {
  return std::make_unique<CheckCommand>();
}

}  // namespace anecompat::cli
