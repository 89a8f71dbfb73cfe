#include "cli/shard_plan.hpp"

#include "support/sha256.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <numeric>

namespace anecompat::cli {

namespace fs = std::filesystem;

namespace {

// What an entry costs besides its bytes: a program start, a compilation.
constexpr std::uint64_t k_base_bytes = 4U << 20U;
// Beyond these nothing gains from telling weights apart, and sums cannot overflow.
constexpr std::uint64_t k_largest = 1ULL << 42U;
constexpr std::uint64_t k_digest_digits = 16;

// To two leading bits, up: 1, 2, 3, 4, 6, 8, 12, …
std::uint64_t coarse(std::uint64_t weight) {
  if (weight < 4)
    return std::max<std::uint64_t>(weight, 1);
  const auto shift = static_cast<unsigned>(std::bit_width(weight)) - 2U;
  return ((weight + (1ULL << shift) - 1) >> shift) << shift;
}

// Directories are counted file by file and not deeper than bundles go.
std::uint64_t size_of(const std::string& path) {
  constexpr std::size_t k_most_files = 100'000;
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
  }
  std::uint64_t total = 0;
  std::size_t files = 0;
  for (auto item = fs::recursive_directory_iterator(path, error);
       !error && item != fs::recursive_directory_iterator() && files < k_most_files;
       item.increment(error), ++files) {
    std::error_code ignored;
    if (!item->is_regular_file(ignored))
      continue;
    const auto size = item->file_size(ignored);
    total += ignored ? 0 : size;
  }
  return total;
}

// In microseconds where times are known, else in bytes: entries without a time get the one that
// their size suggests.
std::vector<std::uint64_t> weights(std::span<const manifest::EntrySpec> entries,
                                   std::span<const std::uint64_t> sizes, const RunTimes& times) {
  std::vector<std::uint64_t> result(entries.size());
  std::uint64_t timed_us = 0;
  std::uint64_t timed_kib = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    result[i] = std::min(k_base_bytes + std::min(sizes[i], k_largest), k_largest);
    const auto found = times.find(entries[i].name);
    if (found != times.end()) {
      timed_us += std::min(found->second, k_largest);
      timed_kib += result[i] >> 10U;
    }
  }
  if (timed_us == 0)
    return result;
  // Nanoseconds for a KiB; whole numbers give the same plan on every machine.
  const auto rate =
      std::max<std::uint64_t>(timed_us * 1000 / std::max<std::uint64_t>(timed_kib, 1), 1);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto found = times.find(entries[i].name);
    const auto kib = result[i] >> 10U;
    result[i] = found != times.end()     ? std::min(found->second, k_largest)
                : kib > k_largest / rate ? k_largest
                                         : kib * rate / 1000;
  }
  return result;
}

std::string digest_of(std::span<const manifest::EntrySpec> entries, const ShardPlan& plan) {
  Sha256 hash;
  hash.update(fmt::format("{}\n", plan.count));
  for (std::size_t i = 0; i < entries.size(); ++i)
    hash.update(fmt::format("{} {}\n", plan.shard_of[i], entries[i].name));
  return hash.finish().substr(0, k_digest_digits);
}

}  // namespace

RunTimes run_times(const report::Report& report) {
  RunTimes times;
  for (const auto& entry : report.entries) {
    std::uint64_t total = 0;
    for (const auto& evaluation : entry.evaluations)
      total += static_cast<std::uint64_t>(std::max<std::int64_t>(evaluation.duration.count(), 0));
    if (total != 0)
      times.emplace(entry.name, total);
  }
  return times;
}

ShardPlan plan_shards(std::span<const manifest::EntrySpec> entries,
                      std::span<const std::uint64_t> sizes, const RunTimes& times,
                      std::uint32_t count) {
  auto load = weights(entries, sizes, times);
  std::ranges::transform(load, load.begin(), coarse);

  std::vector<std::size_t> order(entries.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return load[a] != load[b] ? load[a] > load[b] : entries[a].name < entries[b].name;
  });

  ShardPlan plan{.count = count,
                 .shard_of = std::vector<std::uint32_t>(entries.size()),
                 .loads = std::vector<std::uint64_t>(count),
                 .digest = {}};
  for (const auto i : order) {
    const auto least = std::ranges::min_element(plan.loads);
    *least += load[i];
    plan.shard_of[i] = static_cast<std::uint32_t>(least - plan.loads.begin()) + 1;
  }
  plan.digest = digest_of(entries, plan);
  return plan;
}

std::vector<std::uint64_t> sizes_on_disk(std::span<const manifest::EntrySpec> entries) {
  std::vector<std::uint64_t> sizes;
  sizes.reserve(entries.size());
  for (const auto& entry : entries) {
    // What the cache of this machine holds is no business of the plan's.
    const bool local = entry.source.kind == manifest::Source::Kind::path;
    sizes.push_back(local ? size_of(entry.source.resolved) : 0);
  }
  return sizes;
}

std::vector<manifest::EntrySpec> filtered(std::span<const manifest::EntrySpec> entries,
                                          std::span<const std::string> filters) {
  std::vector<manifest::EntrySpec> chosen;
  std::ranges::copy_if(entries, std::back_inserter(chosen), [&](const auto& entry) {
    return filters.empty() || std::ranges::any_of(filters, [&](const std::string& filter) {
             return glob_match(filter, entry.name);
           });
  });
  return chosen;
}

Selection select_shard(std::span<const manifest::EntrySpec> entries, const ShardPlan& plan,
                       std::uint32_t index, std::string manifest_sha256) {
  Selection selection;
  selection.part = report::ShardPart{.manifest_sha256 = std::move(manifest_sha256),
                                     .plan = plan.digest,
                                     .entries = entries.size(),
                                     .positions = {}};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (plan.shard_of[i] != index)
      continue;
    selection.entries.push_back(entries[i]);
    selection.part->positions.push_back(i);
  }
  return selection;
}

}  // namespace anecompat::cli
