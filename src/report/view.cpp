#include "report/view.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

namespace anecompat::report {

namespace {

// Rules in the order in which somebody who has time for ten lines wants to read them.
constexpr std::array<std::string_view, 16> k_importance = {
    "evaluation-failed", "expectation-not-met", "level-regressed",     "ops-left-ane",
    "new-ineligible-op", "budget-exceeded",     "ane-share-dropped",   "segments-increased",
    "level-unknown",     "evidence-too-weak",   "suppression-expired", "baseline-missing",
    "baseline-stale",    "model-risk",          "suppression-unused",  "improved"};

std::size_t importance(const Finding& finding) {
  return static_cast<std::size_t>(std::ranges::find(k_importance, std::string_view(finding.rule)) -
                                  k_importance.begin());
}

void append_count(std::string& text, std::uint32_t count, std::string_view word) {
  if (count == 0)
    return;
  if (!text.empty())
    text += ", ";
  text += fmt::format("{} {}", count, word);
}

}  // namespace

std::vector<const Finding*> ranked_findings(const Report& report, Suppressed suppressed) {
  auto findings = all_findings(report);
  std::erase_if(findings, [&](const Finding* finding) {
    return finding->severity == Severity::off ||
           (finding->suppressed && suppressed == Suppressed::left_out);
  });
  const auto key = [](const Finding* finding) {
    return std::tuple(finding->suppressed.has_value(), -static_cast<int>(finding->severity),
                      importance(*finding));
  };
  std::ranges::stable_sort(findings, {}, key);
  return findings;
}

bool concerns(const Finding& finding, const evaluate::Evaluation& evaluation) {
  return finding.target.empty() || finding.target == evaluation.target;
}

bool failure_tolerated(const Report& report, const Entry& entry,
                       const evaluate::Evaluation& evaluation) {
  bool mentioned = false;
  for (const auto& finding : entry.findings) {
    if (finding.rule != "evaluation-failed" || !concerns(finding, evaluation))
      continue;
    if (finding.severity == Severity::error && !finding.suppressed)
      return false;
    mentioned = true;
  }
  // A policy that switches the rule off leaves no finding, but then the run passes.
  return mentioned || report.exit_code == 0;
}

std::string_view verdict(int exit_code) {
  switch (exit_code) {
    case 0:
      return "PASSED";
    case 1:
      return "FAILED";
    case 2:
      return "BAD INPUT";
    case 3:
      return "NOT EVALUATED";
    case 4:
      return "NOTHING TO CHECK";
    default:
      return "FAILED";
  }
}

std::string evaluations_in_words(const Totals& totals) {
  std::string levels;
  append_count(levels, totals.full, "full");
  append_count(levels, totals.partial, "partial");
  append_count(levels, totals.none, "none");
  append_count(levels, totals.unknown, "unknown");
  append_count(levels, totals.failed, "failed");
  append_count(levels, totals.skipped, "skipped");
  return fmt::format("{}, {}{}{}", counted(totals.entries, "model"),
                     counted(totals.evaluations, "evaluation"), levels.empty() ? "" : ": ", levels);
}

std::string findings_in_words(const Totals& totals) {
  std::string text;
  append_count(text, totals.errors, totals.errors == 1 ? "error" : "errors");
  append_count(text, totals.warnings, totals.warnings == 1 ? "warning" : "warnings");
  append_count(text, totals.notices, totals.notices == 1 ? "notice" : "notices");
  append_count(text, totals.suppressed, "suppressed");
  return text.empty() ? "no findings" : text;
}

std::string summary_line(const Report& report) {
  return fmt::format("{} · {} → {} (exit {})", evaluations_in_words(report.totals),
                     findings_in_words(report.totals), verdict(report.exit_code), report.exit_code);
}

std::string subject(const Finding& finding) {
  if (finding.entry.empty())
    return "the whole run";
  if (finding.target.empty())
    return finding.entry;
  return fmt::format("{} on {}", finding.entry, finding.target);
}

std::string location(const Finding& finding) {
  if (finding.file.empty())
    return {};
  return finding.line == 0 ? finding.file : fmt::format("{}:{}", finding.file, finding.line);
}

std::string percent(std::optional<double> share) {
  if (!share)
    return "–";
  auto tenths = std::round(*share * 1000);
  if (tenths >= 1000 && *share < 1)
    tenths = 999;
  if (tenths <= 0 && *share > 0)
    tenths = 1;
  return std::fmod(tenths, 10) == 0 ? fmt::format("{:.0f} %", tenths / 10)
                                    : fmt::format("{:.1f} %", tenths / 10);
}

std::string seconds(std::chrono::microseconds duration) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return fmt::format("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
}

std::vector<ReasonGroup> reason_groups(const evaluate::Evaluation& evaluation) {
  std::map<std::string_view, std::size_t> index;
  std::vector<ReasonGroup> groups;
  for (std::size_t i = 0; i < evaluation.ops.size(); ++i) {
    const auto& op = evaluation.ops[i];
    if (!op.reason || op.placement == ane::Backend::ane)
      continue;
    const auto [found, added] = index.try_emplace(op.reason->code, groups.size());
    if (added)
      groups.push_back({.reason = *op.reason, .ops = {}});
    groups[found->second].ops.push_back(i);
  }
  // What the ANE does not take comes before what does not pay: it is what can be changed.
  const auto taken = [&](const ReasonGroup& group) {
    const auto& eligible = evaluation.ops[group.ops.front()].eligible;
    return std::ranges::find(eligible, ane::Backend::ane) != eligible.end();
  };
  std::ranges::stable_sort(groups, [&](const ReasonGroup& a, const ReasonGroup& b) {
    const bool a_taken = taken(a);
    const bool b_taken = taken(b);
    return a_taken != b_taken ? b_taken : a.ops.size() > b.ops.size();
  });
  return groups;
}

std::string why(const evaluate::Evaluation& evaluation) {
  if (evaluation.error) {
    if (evaluation.error->message.empty())
      return evaluation.error->kind;
    return fmt::format("{}: {}", evaluation.error->kind, evaluation.error->message);
  }
  std::string text;
  if (evaluation.reason) {
    text = evaluation.reason->code;
    if (!evaluation.reason->message.empty())
      text += ": " + evaluation.reason->message;
  } else if (const auto groups = reason_groups(evaluation); !groups.empty()) {
    text = fmt::format("{} ×{}", groups[0].reason.code, groups[0].ops.size());
    if (groups.size() > 1)
      text += fmt::format(", {} more", counted(groups.size() - 1, "reason"));
  }
  if (evaluation.eligible_level != evaluation.level &&
      evaluation.eligible_level != ane::Level::unknown && evaluation.level != ane::Level::unknown)
    text += fmt::format("{}eligible for {}", text.empty() ? "" : "; ",
                        ane::to_string(evaluation.eligible_level));
  return text;
}

std::string_view level_word(const evaluate::Evaluation& evaluation) {
  return evaluation.error ? "failed" : ane::to_string(evaluation.level);
}

}  // namespace anecompat::report
