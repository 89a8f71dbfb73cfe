#include "gate/gate.hpp"

#include "gate/baseline_checks.hpp"
#include "gate/checks.hpp"
#include "gate/draft.hpp"
#include "gate/suppressions.hpp"
#include "manifest/rule_catalogue.hpp"
#include "support/date.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

namespace anecompat::gate {

namespace {

using report::Entry;
using report::Finding;
using report::Report;
using report::Severity;

constexpr std::string_view k_not_evaluated = "evaluation-failed";

std::size_t rule_rank(std::string_view rule) {
  const auto rules = manifest::gate_rules();
  return static_cast<std::size_t>(std::ranges::find(rules, rule, &manifest::GateRule::id) -
                                  rules.begin());
}

// Findings about the entry as a whole come first, then target by target.
std::size_t target_rank(const Entry& entry, const std::string& target) {
  if (target.empty())
    return 0;
  const auto found = std::ranges::find(entry.evaluations, target, &evaluate::Evaluation::target);
  return 1 + static_cast<std::size_t>(found - entry.evaluations.begin());
}

void complete(Entry& entry, const manifest::Manifest& manifest, const manifest::EntrySpec* spec) {
  if (entry.manifest_file.empty())
    entry.manifest_file = manifest.path;
  if (spec == nullptr)
    return;
  if (entry.manifest_line == 0)
    entry.manifest_line = spec->position.line;
  entry.expectation.expect = spec->expect ? manifest::to_string(*spec->expect) : "";
  entry.expectation.expect_eligible =
      spec->expect_eligible ? manifest::to_string(*spec->expect_eligible) : "";
}

void judge_entry(Entry& entry, const Policy& policy, const manifest::EntrySpec* spec,
                 const BaselineChecks& baseline, Suppressions& suppressions) {
  auto drafts = check_entry(entry, spec, policy);
  std::ranges::move(baseline.check(entry, policy), std::back_inserter(drafts));
  std::ranges::stable_sort(drafts, {}, [&](const Draft& draft) {
    return std::pair(target_rank(entry, draft.finding.target), rule_rank(draft.finding.rule));
  });
  entry.findings.clear();
  for (auto& draft : drafts) {
    auto& finding = draft.finding;
    finding.entry = entry.name;
    finding.file = entry.manifest_file;
    finding.line = entry.manifest_line;
    finding.fingerprint = fingerprint(finding, draft.keys);
    finding.severity = policy.severity(finding.rule);
    suppressions.apply(draft);  // also when it is off: the suppression is of use then, too
    if (finding.severity != Severity::off)
      entry.findings.push_back(std::move(finding));
  }
}

void add_of_run(Report& report, std::vector<Draft> drafts, const Policy& policy,
                Suppressions* suppressions) {
  for (auto& draft : drafts) {
    auto& finding = draft.finding;
    finding.fingerprint = fingerprint(finding, draft.keys);
    finding.severity = policy.severity(finding.rule);
    if (suppressions != nullptr)
      suppressions->apply(draft);
    if (finding.severity != Severity::off)
      report.findings.push_back(std::move(finding));
  }
}

ExitCode exit_code(const Report& report, const Policy& policy) {
  bool failed = false;
  for (const auto* finding : report::all_findings(report)) {
    if (finding->suppressed || finding->severity != Severity::error)
      continue;
    if (finding->rule == k_not_evaluated && policy.fail_on_unevaluated)
      return ExitCode::not_evaluated;
    failed = true;
  }
  if (failed)
    return ExitCode::failed;
  const bool nothing = std::ranges::all_of(
      report.entries, [](const Entry& entry) { return entry.skipped.has_value(); });
  return nothing ? ExitCode::nothing_to_check : ExitCode::passed;
}

}  // namespace

void judge(Report& report, const manifest::Manifest& manifest, const Policy& policy,
           std::chrono::year_month_day today, const Reference* reference) {
  std::map<std::string_view, const manifest::EntrySpec*> specs;
  for (const auto& spec : manifest.entries)
    specs.emplace(spec.name, &spec);
  if (report.policy.empty())
    report.policy = policy.name;

  report.baseline = reference == nullptr ? std::string() : reference->name;
  report.findings.clear();
  Suppressions suppressions(manifest, today);
  const BaselineChecks baseline(reference, report, manifest);
  add_of_run(report, baseline.check_run(), policy, &suppressions);
  for (auto& entry : report.entries) {
    const auto found = specs.find(entry.name);
    const auto* spec = found == specs.end() ? nullptr : found->second;
    complete(entry, manifest, spec);
    if (spec == nullptr || spec->rules.empty()) {
      judge_entry(entry, policy, spec, baseline, suppressions);
      continue;
    }
    auto own = policy;
    own.override_with(spec->rules);
    judge_entry(entry, own, spec, baseline, suppressions);
  }
  // Nothing suppresses what is said about suppressions.
  add_of_run(report, suppressions.findings(report), policy, nullptr);
  report.totals = report::count_totals(report);
  report.exit_code = static_cast<int>(exit_code(report, policy));
}

void judge(Report& report, const manifest::Manifest& manifest, const Policy& policy,
           const Reference* reference) {
  judge(report, manifest, policy, anecompat::today(), reference);
}

}  // namespace anecompat::gate
