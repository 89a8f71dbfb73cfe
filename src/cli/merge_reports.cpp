#include "cli/merge_reports.hpp"

#include "cli/parse_values.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace anecompat::cli {

namespace {

using report::Report;

Error refused(const std::string& path, std::string message, std::string advice = {}) {
  return {.kind = ErrorKind::unreadable,
          .message = std::move(message),
          .file = path,
          .advice = std::move(advice)};
}

bool is_measured(const Report& report) {
  return std::ranges::any_of(report.entries, [](const report::Entry& entry) {
    return std::ranges::any_of(entry.evaluations, [](const evaluate::Evaluation& evaluation) {
      return evaluation.evidence != ane::Evidence::predicted;
    });
  });
}

std::string host_of(const Report& report) {
  return fmt::format("{} {} {}", report.host.os, report.host.build, report.host.chip);
}

// Whether two reports are of one run; else what differs.
Result<void> check_same_run(const SavedReport& first, const SavedReport& other) {
  const auto& a = first.report;
  const auto& b = other.report;
  const auto differs = [&](std::string_view what, std::string_view of_a, std::string_view of_b,
                           std::string advice) -> Result<void> {
    if (of_a == of_b)
      return {};
    return fail(refused(other.path,
                        fmt::format("is of another run: its {} is {}, that of {} is {}", what,
                                    printable(of_b), first.path, printable(of_a)),
                        std::move(advice)));
  };
  const auto version = [](const Report& report) {
    return report.tool.version + " " + report.tool.commit;
  };
  ANECOMPAT_TRY(differs("anecompat", version(a), version(b), "use one version in all jobs"));
  ANECOMPAT_TRY(differs("manifest", a.manifest, b.manifest, "merge the shards of one manifest"));
  ANECOMPAT_TRY(differs("manifest's SHA-256", a.run.part->manifest_sha256,
                        b.run.part->manifest_sha256, "check out the same commit in all jobs"));
  ANECOMPAT_TRY(differs("policy", a.policy, b.policy, "use one policy in all jobs"));
  ANECOMPAT_TRY(differs("baseline", a.baseline, b.baseline, "use one baseline in all jobs"));
  ANECOMPAT_TRY(differs("number of shards", split(a.run.shard, '/').back(),
                        split(b.run.shard, '/').back(), "merge the shards of one run"));
  ANECOMPAT_TRY(differs("plan", a.run.part->plan, b.run.part->plan,
                        "all jobs need the same models on disk (all with or all without Git LFS), "
                        "--filter and --shards-from"));
  if (is_measured(a) || is_measured(b)) {
    ANECOMPAT_TRY(differs("machine", host_of(a), host_of(b),
                          "measured results are comparable only between machines of one kind"));
  }
  return {};
}

// The shards by index, none twice.
using ByIndex = std::map<std::uint32_t, const SavedReport*>;
Result<ByIndex> by_index(const std::vector<SavedReport>& shards) {
  ByIndex found;
  for (const auto& shard : shards) {
    const auto place = parse_shard(shard.report.run.shard);
    if (!place || !shard.report.run.part) {
      return fail(refused(shard.path, "is not the report of a shard",
                          "merge takes what `anecompat check --shard I/N --report json=PATH` "
                          "writes"));
    }
    ANECOMPAT_TRY(check_same_run(shards.front(), shard));
    const auto [other, is_new] = found.emplace(place->index, &shard);
    if (!is_new) {
      return fail(refused(shard.path, fmt::format("is shard {}, and so is {}",
                                                  shard.report.run.shard, other->second->path)));
    }
  }
  return found;
}

// "2/8, 5/8", shortened: the number of shards is only what a file says.
std::string missing_shards(const ByIndex& found, std::uint32_t count) {
  constexpr std::size_t k_most = 10;
  std::vector<std::string> missing;
  for (std::uint32_t index = 1; index <= count && missing.size() <= k_most; ++index) {
    if (found.contains(index))
      continue;
    missing.push_back(missing.size() < k_most ? fmt::format("{}/{}", index, count) : "…");
  }
  return join(missing, ", ");
}

}  // namespace

Result<MergedReport> merge_reports(std::vector<SavedReport> shards) {
  ANECOMPAT_TRY_ASSIGN(const auto found, by_index(shards));
  ANECOMPAT_TRY_ASSIGN(const auto any, parse_shard(shards.front().report.run.shard));
  if (const auto missing = missing_shards(found, any.count); !missing.empty()) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("the report of shard {} is missing", missing),
                 .advice = "see whether its job ran to its end and uploaded the report"});
  }

  const auto& first = shards.front().report;
  const auto whole = first.run.part->entries;
  auto manifest_sha256 = first.run.part->manifest_sha256;
  std::uint64_t given = 0;
  for (const auto& shard : shards)
    given += shard.report.entries.size();

  Report merged;
  merged.tool = first.tool;
  merged.host = found.begin()->second->report.host;
  merged.manifest = first.manifest;
  merged.policy = first.policy;
  merged.baseline = first.baseline;
  merged.run.started = first.run.started;
  if (given != whole) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("the shards hold {} of {} entries", given, whole),
                 .advice = "they are not the reports of one run"});
  }
  std::vector<std::optional<report::Entry>> entries(given);
  for (auto& shard : shards) {
    const auto& positions = shard.report.run.part->positions;
    for (std::size_t i = 0; i < shard.report.entries.size(); ++i) {
      if (i >= positions.size() || positions[i] >= entries.size() || entries[positions[i]])
        return fail(refused(shard.path, "holds entries that are another shard's or no one's"));
      entries[positions[i]] = std::move(shard.report.entries[i]);
    }
    // RFC 3339 in UTC sorts by time.
    merged.run.started = std::min(merged.run.started, shard.report.run.started);
    merged.run.duration += shard.report.run.duration;
  }
  for (auto& entry : entries)
    merged.entries.push_back(std::move(*entry));
  return MergedReport{.report = std::move(merged), .manifest_sha256 = std::move(manifest_sha256)};
}

}  // namespace anecompat::cli
