#include "gate/suppressions.hpp"

#include "support/date.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace anecompat::gate {

namespace {

using manifest::Suppression;

bool matches_name(const std::string& pattern, const std::string& name) {
  return pattern.empty() || pattern == name || glob_match(pattern, name);
}

bool matches(const Suppression& suppression, const Draft& draft) {
  const auto& finding = draft.finding;
  if (!suppression.rule.empty() && suppression.rule != finding.rule)
    return false;
  if (!suppression.fingerprint.empty() && suppression.fingerprint != finding.fingerprint)
    return false;
  if (!suppression.target.empty() && suppression.target != finding.target)
    return false;
  if (!matches_name(suppression.model, finding.entry))
    return false;
  return suppression.op.empty() ||
         (!draft.ops.empty() && std::ranges::all_of(draft.ops, [&](const std::string& op) {
           return matches_name(suppression.op, op);
         }));
}

// "ops-left-ane of detector on h16, ops decoder/*"
std::string scope_of(const Suppression& suppression) {
  std::string text = suppression.rule.empty() ? "findings" : suppression.rule;
  if (!suppression.model.empty())
    text += fmt::format(" of {}", printable(suppression.model));
  if (!suppression.target.empty())
    text += fmt::format(" on {}", suppression.target);
  if (!suppression.op.empty())
    text += fmt::format(", ops {}", printable(suppression.op));
  if (!suppression.fingerprint.empty())
    text += fmt::format(", fingerprint {}", suppression.fingerprint);
  return text;
}

Draft draft(std::string_view rule, const manifest::Manifest& manifest,
            const Suppression& suppression, std::string message) {
  Draft result;
  result.finding.rule = rule;
  result.finding.file = manifest.path;
  result.finding.line = suppression.position.line;
  result.finding.message = std::move(message);
  result.finding.details.push_back(fmt::format("reason: {}", printable(suppression.reason)));
  result.finding.details.push_back(fmt::format("owner: {}", printable(suppression.owner)));
  result.keys = {suppression.rule, suppression.model, suppression.target, suppression.op,
                 suppression.fingerprint};
  return result;
}

bool has_target(const report::Entry& entry, const std::string& target) {
  return std::ranges::find(entry.evaluations, target, &evaluate::Evaluation::target) !=
         entry.evaluations.end();
}

bool failed(const report::Entry& entry) {
  return entry.evaluations.empty() ||
         std::ranges::any_of(entry.evaluations,
                             [](const auto& evaluation) { return evaluation.error.has_value(); });
}

}  // namespace

Suppressions::Suppressions(const manifest::Manifest& manifest, std::chrono::year_month_day today)
    : m_manifest(manifest), m_today(today), m_used(manifest.suppressions.size()) {}

bool Suppressions::expired(const Suppression& suppression) const {
  return std::chrono::sys_days(m_today) > std::chrono::sys_days(suppression.expires);
}

void Suppressions::apply(Draft& draft) {
  for (std::size_t i = 0; i < m_manifest.suppressions.size(); ++i) {
    const auto& suppression = m_manifest.suppressions[i];
    if (expired(suppression) || !matches(suppression, draft))
      continue;
    m_used[i] = true;
    if (!draft.finding.suppressed)
      draft.finding.suppressed = suppression.reason;
  }
}

bool Suppressions::could_have_matched(const Suppression& suppression,
                                      const EntriesByName& entries) const {
  const auto target = ane::parse_target(suppression.target);
  return std::ranges::all_of(m_manifest.entries, [&](const manifest::EntrySpec& spec) {
    if (!matches_name(suppression.model, spec.name))
      return true;
    const auto found = entries.find(spec.name);
    // Left out by a filter or another shard's, or without a result: it may match yet.
    if (found == entries.end() || found->second->skipped || failed(*found->second))
      return false;
    const bool asked = target && std::ranges::find(spec.targets, *target) != spec.targets.end();
    return suppression.target.empty() || !asked || has_target(*found->second, suppression.target);
  });
}

std::vector<Draft> Suppressions::findings(const report::Report& report) const {
  EntriesByName entries;
  for (const auto& entry : report.entries)
    entries.emplace(entry.name, &entry);
  std::vector<Draft> drafts;
  for (std::size_t i = 0; i < m_manifest.suppressions.size(); ++i) {
    const auto& suppression = m_manifest.suppressions[i];
    if (expired(suppression)) {
      drafts.push_back(draft("suppression-expired", m_manifest, suppression,
                             fmt::format("the suppression of {} expired on {}",
                                         scope_of(suppression), to_string(suppression.expires))));
      drafts.back().finding.details.emplace_back(
          "repair what it accepted and remove it, or agree on a new date with its owner");
    } else if (!m_used[i] && could_have_matched(suppression, entries)) {
      drafts.push_back(
          draft("suppression-unused", m_manifest, suppression,
                fmt::format("the suppression of {} accepts nothing", scope_of(suppression))));
      drafts.back().finding.details.emplace_back("remove it from the manifest");
    }
  }
  return drafts;
}

}  // namespace anecompat::gate
