#include "gate/baseline_checks.hpp"

#include "ane/target.hpp"
#include "gate/op_diff.hpp"
#include "report/comparison_view.hpp"
#include "report/view.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace anecompat::gate {

namespace {

using ane::Level;
using evaluate::Comparison;
using evaluate::Evaluation;
using evaluate::OpChange;
using report::Entry;

constexpr std::size_t k_kept_changes = 200;  // in a report, for each evaluation
constexpr std::size_t k_named_changes = 10;  // in a finding
constexpr std::size_t k_named_records = 10;
// Recorded shares are rounded to four decimals.
constexpr double k_rounding = 0.0001;

Draft draft(std::string_view rule, const Evaluation& evaluation, std::string message) {
  Draft result;
  result.finding.rule = rule;
  result.finding.target = evaluation.target;
  result.finding.message = std::move(message);
  return result;
}

std::string quoted(const Entry& entry) {
  return fmt::format("\"{}\"", printable(entry.name));
}

// Words that a shell takes as they are.
std::string shell_word(const std::string& text) {
  constexpr std::string_view k_plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./@:+=,";
  if (!text.empty() && text.find_first_not_of(k_plain) == std::string::npos)
    return text;
  std::string word = "'";
  for (const char c : text)
    word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

bool worse(Level now, Level before) {
  return now != Level::unknown && before != Level::unknown && now > before;
}

double drop(const std::optional<double>& before, const std::optional<double>& after) {
  return before && after ? *before - *after : 0;
}

// What is told of a comparison with every finding that comes from it.
void add_comparison(Draft& result, const Comparison& comparison) {
  auto& details = result.finding.details;
  if (auto shares = report::share_change(comparison); !shares.empty())
    details.push_back(fmt::format("{}; {}", shares, report::segment_change(comparison)));
  else
    details.push_back(report::segment_change(comparison));
  if (!comparison.note.empty())
    details.push_back(printable(comparison.note));
}

bool concerns_placement(const OpChange& change) {
  return change.kind == OpChange::Kind::left || change.pulled > 0;
}

template <typename Predicate>
void add_changes(Draft& result, const Comparison& comparison, Predicate wanted) {
  std::size_t named = 0;
  std::size_t more = 0;
  for (const auto& change : comparison.changes) {
    if (!wanted(change))
      continue;
    if (named < k_named_changes) {
      result.finding.details.push_back(report::change_line(change));
      ++named;
    } else {
      ++more;
    }
  }
  if (more > 0)
    result.finding.details.push_back(fmt::format("and {}", counted(more, "more op")));
}

}  // namespace

BaselineChecks::BaselineChecks(const Reference* reference, const report::Report& report,
                               const manifest::Manifest& manifest)
    : m_reference(reference), m_report(report), m_manifest(manifest) {}

namespace {

// The findings about one evaluation and its record.
class Findings {
 public:
  Findings(const Entry& entry, const Evaluation& evaluation, const Comparison& comparison,
           const Policy& policy, std::vector<Draft>& drafts)
      : m_entry(entry),
        m_evaluation(evaluation),
        m_comparison(comparison),
        m_policy(policy),
        m_drafts(drafts) {}

  void level() {
    const auto& was = m_comparison.before;
    if (!worse(m_evaluation.level, was.level))
      return;
    auto result = make(
        "level-regressed",
        fmt::format("{} is {} on {}, and was {} in {}", quoted(m_entry),
                    ane::to_string(m_evaluation.level), ane::describe_target(m_evaluation.target),
                    ane::to_string(was.level), printable(m_comparison.with)));
    add_comparison(result, m_comparison);
    add_changes(result, m_comparison, concerns_placement);
    result.keys = {std::string(ane::to_string(was.level)),
                   std::string(ane::to_string(m_evaluation.level))};
    add_ops(result, concerns_placement);
    m_regressed = true;
    m_drafts.push_back(std::move(result));
  }

  // The fingerprint is of the operations that left, so that accepting one never hides the next.
  void ops_left(const std::vector<std::string>& paths) {
    if (m_comparison.left == 0)
      return;
    m_regressed = true;
    if (m_comparison.left <= m_policy.threshold("ops-left-ane.more_than"))
      return;
    const auto share = report::share_change(m_comparison);
    auto result =
        make("ops-left-ane",
             fmt::format("{} of {} left the ANE on {}{}{}", counted(m_comparison.left, "op"),
                         quoted(m_entry), ane::describe_target(m_evaluation.target),
                         share.empty() ? "" : ": ", share));
    add_changes(result, m_comparison, concerns_placement);
    result.finding.details.push_back(fmt::format("{}; compared with {}",
                                                 report::segment_change(m_comparison),
                                                 report::compared_with(m_comparison)));
    result.finding.details.push_back(
        fmt::format("`anecompat explain {} --target {}` says what to change",
                    printable(m_entry.source), printable(m_evaluation.target)));
    result.ops = paths;
    result.keys = paths;
    std::ranges::sort(result.keys);
    m_drafts.push_back(std::move(result));
  }

  void segments() {
    const auto before = m_comparison.before.segments;
    const auto after = m_comparison.after.segments;
    if (after <= before)
      return;
    m_regressed = true;
    if (after - before <= m_policy.threshold("segments-increased.more_than"))
      return;
    auto result =
        make("segments-increased",
             fmt::format("{} is cut into {} on {}, and was into {} in {}", quoted(m_entry),
                         counted(after, "segment"), ane::describe_target(m_evaluation.target),
                         before, printable(m_comparison.with)));
    add_comparison(result, m_comparison);
    m_drafts.push_back(std::move(result));
  }

  void shares() {
    share("ops", "ops", m_comparison.before.ops_share, m_comparison.after.ops_share);
    share("cost", "estimated time", m_comparison.before.cost_share, m_comparison.after.cost_share);
  }

  void new_ineligible(const std::vector<OpChange>& changes) {
    std::vector<const OpChange*> added;
    for (const auto& change : changes) {
      if (change.kind == OpChange::Kind::added && !change.eligible && !change.boundary &&
          (change.after || change.reason))
        added.push_back(&change);
    }
    if (added.empty())
      return;
    auto result =
        make("new-ineligible-op", fmt::format("{} has {} that the ANE of {} cannot take",
                                              quoted(m_entry), counted(added.size(), "new op"),
                                              ane::describe_target(m_evaluation.target)));
    for (std::size_t i = 0; i < added.size(); ++i) {
      if (i < k_named_changes)
        result.finding.details.push_back(report::change_line(*added[i]));
      result.ops.push_back(added[i]->path);
    }
    if (added.size() > k_named_changes)
      result.finding.details.push_back(
          fmt::format("and {}", counted(added.size() - k_named_changes, "more op")));
    result.keys = result.ops;
    std::ranges::sort(result.keys);
    m_drafts.push_back(std::move(result));
  }

  void stale(const std::string& digest) {
    if (digest.empty() || m_entry.digest.empty() || digest == m_entry.digest)
      return;
    auto result =
        make("baseline-stale", fmt::format("the model of {} changed since {} was made",
                                           quoted(m_entry), printable(m_comparison.with)));
    result.finding.details.push_back(fmt::format("{}; {}", report::op_counts(m_comparison),
                                                 report::segment_change(m_comparison)));
    m_drafts.push_back(std::move(result));
  }

  // The ratchet: only what got better and nothing that got worse.
  void improved(const std::string& command) {
    const auto& was = m_comparison.before;
    const auto& now = m_comparison.after;
    std::vector<std::string> gains;
    if (worse(was.level, now.level))
      gains.push_back(fmt::format("level {}", report::level_change(m_comparison)));
    if (worse(was.eligible_level, now.eligible_level) && gains.empty()) {
      gains.push_back(fmt::format("eligible level {} → {}", ane::to_string(was.eligible_level),
                                  ane::to_string(now.eligible_level)));
    }
    if (drop(now.ops_share, was.ops_share) > k_rounding ||
        drop(now.cost_share, was.cost_share) > k_rounding)
      gains.push_back(report::share_change(m_comparison));
    if (now.segments < was.segments && now.level != Level::none)
      gains.push_back(report::segment_change(m_comparison));
    if (gains.empty() || m_regressed)
      return;
    auto result = make("improved", fmt::format("{} is better on {} than in {}: {}", quoted(m_entry),
                                               ane::describe_target(m_evaluation.target),
                                               printable(m_comparison.with), join(gains, "; ")));
    result.finding.details.push_back(fmt::format("tighten the baseline: `{}`", command));
    m_drafts.push_back(std::move(result));
  }

 private:
  Draft make(std::string_view rule, std::string message) const {
    return draft(rule, m_evaluation, std::move(message));
  }

  template <typename Predicate>
  void add_ops(Draft& result, Predicate wanted) const {
    for (const auto& change : m_comparison.changes) {
      if (wanted(change))
        result.ops.push_back(change.path);
    }
  }

  void share(std::string_view key, std::string_view of, const std::optional<double>& before,
             const std::optional<double>& after) {
    const auto lost = drop(before, after);
    if (lost <= k_rounding)
      return;
    m_regressed = true;
    if (lost <= m_policy.threshold("ane-share-dropped.more_than") + k_rounding)
      return;
    auto result = make("ane-share-dropped",
                       fmt::format("the ANE's share of the {} of {} on {} fell from {} to {}", of,
                                   quoted(m_entry), ane::describe_target(m_evaluation.target),
                                   report::percent(before), report::percent(after)));
    add_comparison(result, m_comparison);
    add_changes(result, m_comparison, concerns_placement);
    result.keys = {std::string(key)};
    m_drafts.push_back(std::move(result));
  }

  const Entry& m_entry;
  const Evaluation& m_evaluation;
  const Comparison& m_comparison;
  const Policy& m_policy;
  std::vector<Draft>& m_drafts;
  bool m_regressed = false;
};

std::vector<std::string> paths_of_left(const Comparison& comparison) {
  std::vector<std::string> paths;
  for (const auto& change : comparison.changes) {
    if (change.kind == OpChange::Kind::left && !change.boundary)
      paths.push_back(change.path);
  }
  return paths;
}

std::string update_command(const report::Report& report, const std::string& manifest,
                           const Reference& reference, const std::string& entry) {
  auto command =
      fmt::format("anecompat baseline update {}",
                  shell_word(printable(report.manifest.empty() ? manifest : report.manifest)));
  // A baseline that was read from a commit is tightened in the work tree.
  const auto colon = reference.name.find(':');
  const auto path = colon == std::string::npos || reference.exists == false
                        ? reference.name
                        : reference.name.substr(colon + 1);
  command += fmt::format(" --baseline {}", shell_word(printable(path)));
  if (!entry.empty())
    command += fmt::format(" --filter {}", shell_word(printable(entry)));
  return command + " --reason '…'";
}

}  // namespace

void BaselineChecks::check_evaluation(Entry& entry, Evaluation& evaluation, const Policy& policy,
                                      std::vector<Draft>& drafts) const {
  if (evaluation.error || evaluation.level == Level::unknown)
    return;
  const auto command = update_command(m_report, m_manifest.path, *m_reference, entry.name);
  const auto* record = find_record(m_reference->baseline, entry.name, evaluation);
  if (record == nullptr) {
    auto result = draft("baseline-missing", evaluation,
                        fmt::format("{} has no {} {} on {}", printable(m_reference->name),
                                    ane::to_string(evaluation.evidence), quoted(entry),
                                    ane::describe_target(evaluation.target)));
    result.finding.details.push_back(fmt::format("record it: `{}`", command));
    drafts.push_back(std::move(result));
    return;
  }
  auto all = compare_evaluations(record->evaluation, evaluation);
  all.with = m_reference->name;
  all.digest = record->digest;
  all.note = comparison_note(*record, m_report.host, evaluation);

  Findings findings(entry, evaluation, all, policy, drafts);
  findings.level();
  findings.ops_left(paths_of_left(all));
  findings.segments();
  findings.shares();
  findings.new_ineligible(all.changes);
  findings.stale(record->digest);
  findings.improved(command);

  if (all.changes.size() > k_kept_changes) {
    all.more_changes += static_cast<std::uint32_t>(all.changes.size() - k_kept_changes);
    all.changes.resize(k_kept_changes);
  }
  evaluation.comparison = std::move(all);
}

std::vector<Draft> BaselineChecks::check(Entry& entry, const Policy& policy) const {
  std::vector<Draft> drafts;
  for (auto& evaluation : entry.evaluations)
    evaluation.comparison.reset();
  if (m_reference == nullptr || !m_reference->exists || entry.skipped)
    return drafts;
  for (auto& evaluation : entry.evaluations)
    check_evaluation(entry, evaluation, policy, drafts);
  return drafts;
}

std::vector<Draft> BaselineChecks::check_run() const {
  if (m_reference == nullptr)
    return {};
  Draft result;
  result.finding.file = m_manifest.path;
  if (!m_reference->exists) {
    result.finding.rule = "baseline-missing";
    result.finding.message = fmt::format("there is no baseline {}", printable(m_reference->name));
    result.finding.details.push_back(
        fmt::format("make it: `{}`", update_command(m_report, m_manifest.path, *m_reference, {})));
    result.keys = {"file"};
    return {std::move(result)};
  }
  const auto gone = gone_records(m_reference->baseline, m_manifest);
  if (gone.empty())
    return {};
  result.finding.rule = "baseline-stale";
  result.finding.message = fmt::format(
      "{} has {} that the manifest does not have any more", printable(m_reference->name),
      gone.size() == 1 ? "1 entry" : fmt::format("{} entries", gone.size()));
  for (std::size_t i = 0; i < std::min(gone.size(), k_named_records); ++i)
    result.finding.details.push_back(title_of(*gone[i]));
  if (gone.size() > k_named_records)
    result.finding.details.push_back(fmt::format("and {} more", gone.size() - k_named_records));
  result.finding.details.push_back(fmt::format(
      "`anecompat baseline prune {}` takes them out",
      shell_word(printable(m_report.manifest.empty() ? m_manifest.path : m_report.manifest))));
  result.keys = {"gone"};
  return {std::move(result)};
}

}  // namespace anecompat::gate
