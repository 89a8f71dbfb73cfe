// Which shard checks which entry.
//
// Every machine makes the plan for itself, so it depends on nothing but the manifest, the sizes of
// the models and, where given, the run times in an earlier report.
#pragma once

#include "manifest/manifest.hpp"
#include "report/report.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace anecompat::cli {

// How long each entry took in an earlier run, in microseconds, by name.
using RunTimes = std::map<std::string, std::uint64_t, std::less<>>;
RunTimes run_times(const report::Report& report);

struct ShardPlan {
  std::uint32_t count = 1;
  std::vector<std::uint32_t> shard_of;  // of each entry, counting from 1
  std::vector<std::uint64_t> loads;     // of each shard; in what unit does not matter
  std::string digest;                   // 16 hex digits, the same only for the same plan
};

// Spreads the entries so that shards take about equally long: the heaviest first, each to the shard
// with the least. Weights are rounded coarsely, so that run times that wobble do not move entries.
// `sizes` are in bytes, 0 where unknown. Pure.
ShardPlan plan_shards(std::span<const manifest::EntrySpec> entries,
                      std::span<const std::uint64_t> sizes, const RunTimes& times,
                      std::uint32_t count);

// The bytes of each entry's model on disk; 0 for what is not there, or not yet downloaded.
std::vector<std::uint64_t> sizes_on_disk(std::span<const manifest::EntrySpec> entries);

// The entries whose name matches one of the filters; all when there is none.
std::vector<manifest::EntrySpec> filtered(std::span<const manifest::EntrySpec> entries,
                                          std::span<const std::string> filters);

// What one run is about: entries, and for a shard its part in the whole.
struct Selection {
  std::vector<manifest::EntrySpec> entries;
  std::optional<report::ShardPart> part;
};

// Shard `index` of the plan.
Selection select_shard(std::span<const manifest::EntrySpec> entries, const ShardPlan& plan,
                       std::uint32_t index, std::string manifest_sha256);

}  // namespace anecompat::cli
