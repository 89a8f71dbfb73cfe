#include "gate/baseline.hpp"

#include "support/files.hpp"
#include "support/git.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

namespace anecompat::gate {

namespace {

using ane::Evidence;
using evaluate::Evaluation;

constexpr std::uint64_t k_largest_file = 1U << 29U;

std::string host_text(const report::Host& host) {
  if (host.build.empty() || host.os.empty())
    return host.os;
  return fmt::format("{} ({})", host.os, host.build);
}

bool before(const BaselineRecord& record,
            const std::tuple<std::string_view, std::string_view, Evidence>& key) {
  return std::tuple<std::string_view, std::string_view, Evidence>(
             record.entry, record.evaluation.target, record.evaluation.evidence) < key;
}

std::vector<BaselineRecord>::const_iterator lower_bound(const Baseline& baseline,
                                                        std::string_view entry,
                                                        std::string_view target,
                                                        Evidence evidence) {
  return std::lower_bound(baseline.records.begin(), baseline.records.end(),
                          std::tuple(entry, target, evidence), before);
}

const BaselineRecord* exact(const Baseline& baseline, std::string_view entry,
                            std::string_view target, Evidence evidence) {
  const auto found = lower_bound(baseline, entry, target, evidence);
  const bool same = found != baseline.records.end() && found->entry == entry &&
                    found->evaluation.target == target && found->evaluation.evidence == evidence;
  return same ? &*found : nullptr;
}

// Through its text, so that a record says the same whether it was read or has just been made.
BaselineRecord as_recorded(BaselineRecord record) {
  Baseline one;
  one.records.push_back(std::move(record));
  auto again = parse_baseline(to_json(one), "");
  return again ? std::move(again->records.front()) : std::move(one.records.front());
}

BaselineRecord record_of(const report::Report& report, const report::Entry& entry,
                         const Evaluation& evaluation, const std::string& reason) {
  BaselineRecord record;
  record.entry = entry.name;
  record.reason = reason;
  record.digest = entry.digest;
  if (evaluation.evidence != Evidence::predicted)
    record.host = host_text(report.host);
  auto& kept = record.evaluation;
  kept.target = evaluation.target;
  kept.evidence = evaluation.evidence;
  kept.level = evaluation.level;
  kept.eligible_level = evaluation.eligible_level;
  kept.counts = evaluation.counts;
  kept.shares = evaluation.shares;
  kept.segments = evaluation.segments;
  kept.ops = evaluation.ops;
  return as_recorded(std::move(record));
}

// In order; of two of one thing, which only a report that somebody made up can have, the first.
void add_records(Baseline& baseline, std::vector<BaselineRecord> added, BaselineChanges& changes) {
  const auto key = [](const BaselineRecord& record) {
    return std::tie(record.entry, record.evaluation.target, record.evaluation.evidence);
  };
  std::ranges::stable_sort(added, {}, key);
  const auto twins = std::ranges::unique(added, {}, key);
  added.erase(twins.begin(), twins.end());
  for (const auto& record : added)
    changes.added.push_back(title_of(record));
  std::ranges::move(added, std::back_inserter(baseline.records));
  std::ranges::stable_sort(baseline.records, {}, key);
}

std::string contents_of(BaselineRecord record) {
  record.reason.clear();
  Baseline one;
  one.records.push_back(std::move(record));
  return to_json(one);
}

bool asks_for(const manifest::EntrySpec& spec, const std::string& target) {
  const auto asked = ane::parse_target(target);
  return spec.host_target || !asked ||
         std::ranges::find(spec.targets, *asked) != spec.targets.end();
}

Result<Reference> from_git(const std::string& name, std::size_t colon,
                           const std::string& manifest_path) {
  const auto directory = std::filesystem::path(manifest_path).parent_path().string();
  Reference reference;
  reference.name = name;
  ANECOMPAT_TRY_ASSIGN(auto text, git_show({.directory = directory.empty() ? "." : directory,
                                            .ref = name.substr(0, colon),
                                            .path = name.substr(colon + 1),
                                            .largest = k_largest_file}));
  if (!text)
    return reference;
  ANECOMPAT_TRY_ASSIGN(reference.baseline, parse_baseline(*text, name));
  reference.exists = true;
  return reference;
}

}  // namespace

std::string title_of(const BaselineRecord& record) {
  return fmt::format("{} on {} ({})", printable(record.entry), printable(record.evaluation.target),
                     ane::to_string(record.evaluation.evidence));
}

Result<Reference> load_baseline(const std::string& path_or_ref, const std::string& manifest_path) {
  const auto colon = path_or_ref.find(':');
  std::error_code ignored;
  const bool is_file = std::filesystem::exists(path_or_ref, ignored);
  if (!is_file && colon != std::string::npos)
    return from_git(path_or_ref, colon, manifest_path);
  Reference reference;
  reference.name = path_or_ref;
  if (!is_file)
    return reference;
  auto text = read_text_file(path_or_ref, k_largest_file);
  if (!text)
    return fail(std::move(text.error()).in_file(path_or_ref));
  ANECOMPAT_TRY_ASSIGN(reference.baseline, parse_baseline(*text, path_or_ref));
  reference.exists = true;
  return reference;
}

const BaselineRecord* find_record(const Baseline& baseline, const std::string& entry,
                                  const Evaluation& evaluation) {
  if (const auto* record = exact(baseline, entry, evaluation.target, evaluation.evidence))
    return record;
  if (evaluation.evidence == Evidence::predicted)
    return nullptr;
  return exact(baseline, entry, evaluation.target,
               evaluation.evidence == Evidence::measured ? Evidence::planned : Evidence::measured);
}

std::string comparison_note(const BaselineRecord& record, const report::Host& host,
                            const Evaluation& evaluation) {
  std::string note;
  if (record.evaluation.evidence != evaluation.evidence) {
    note = fmt::format("the baseline is {}, this is {}", ane::to_string(record.evaluation.evidence),
                       ane::to_string(evaluation.evidence));
  }
  if (evaluation.evidence == Evidence::predicted)
    return note;
  const auto now = host_text(host);
  if (!record.host.empty() && !now.empty() && record.host != now) {
    note += fmt::format(
        "{}the baseline is of {}, this is {}, and a change of the system alone can "
        "move operations",
        note.empty() ? "" : "; ", printable(record.host), printable(now));
  }
  return note;
}

BaselineChanges update_baseline(Baseline& baseline, const report::Report& report,
                                const std::string& reason) {
  BaselineChanges changes;
  std::vector<BaselineRecord> added;
  for (const auto& entry : report.entries) {
    for (const auto& evaluation : entry.evaluations) {
      if (evaluation.error || evaluation.level == ane::Level::unknown) {
        changes.kept_unevaluated.push_back(
            fmt::format("{} on {}", printable(entry.name), printable(evaluation.target)));
        continue;
      }
      auto record = record_of(report, entry, evaluation, reason);
      const auto* const old = exact(baseline, entry.name, evaluation.target, evaluation.evidence);
      if (old == nullptr) {
        added.push_back(std::move(record));
      } else if (contents_of(*old) != contents_of(record)) {
        changes.updated.push_back(title_of(record));
        baseline.records[static_cast<std::size_t>(old - baseline.records.data())] =
            std::move(record);
      }
    }
  }
  add_records(baseline, std::move(added), changes);
  return changes;
}

std::vector<const BaselineRecord*> gone_records(const Baseline& baseline,
                                                const manifest::Manifest& manifest) {
  std::map<std::string_view, const manifest::EntrySpec*> specs;
  for (const auto& spec : manifest.entries)
    specs.emplace(spec.name, &spec);
  std::vector<const BaselineRecord*> gone;
  for (const auto& record : baseline.records) {
    const auto found = specs.find(record.entry);
    if (found == specs.end() || !asks_for(*found->second, record.evaluation.target))
      gone.push_back(&record);
  }
  return gone;
}

std::vector<std::string> prune_baseline(Baseline& baseline, const manifest::Manifest& manifest) {
  std::vector<std::string> pruned;
  std::vector<bool> drop(baseline.records.size());
  for (const auto* record : gone_records(baseline, manifest)) {
    pruned.push_back(title_of(*record));
    drop[static_cast<std::size_t>(record - baseline.records.data())] = true;
  }
  std::vector<BaselineRecord> rest;
  for (std::size_t i = 0; i < drop.size(); ++i) {
    if (!drop[i])
      rest.push_back(std::move(baseline.records[i]));
  }
  baseline.records = std::move(rest);
  return pruned;
}

}  // namespace anecompat::gate
