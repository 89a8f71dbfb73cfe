#include "cli/shard_plan.hpp"

#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace anecompat::cli {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Le;
using testing::SizeIs;

std::vector<manifest::EntrySpec> entries(std::size_t count) {
  std::vector<manifest::EntrySpec> result(count);
  for (std::size_t i = 0; i < count; ++i)
    result[i].name = fmt::format("model-{:03}", i);
  return result;
}

std::vector<std::uint64_t> sizes(std::size_t count, std::uint64_t step = 7'000'000) {
  std::vector<std::uint64_t> result(count);
  for (std::size_t i = 0; i < count; ++i)
    result[i] = (i * 37 % 101) * step;
  return result;
}

TEST(PlanShards, EachEntryIsInOneShardAndEachShardHasItsShare) {
  const auto plan = plan_shards(entries(200), sizes(200), {}, 8);
  EXPECT_THAT(plan.shard_of, SizeIs(200));
  EXPECT_EQ(std::set(plan.shard_of.begin(), plan.shard_of.end()).size(), 8U);
  const auto [least, most] = std::ranges::minmax_element(plan.loads);
  EXPECT_LE(*most, *least * 11 / 10) << "within 10 %";
}

TEST(PlanShards, AHugeModelGetsAShardOfItsOwn) {
  const auto plan =
      plan_shards(entries(4), std::vector<std::uint64_t>{1, 1, 9'000'000'000, 1}, {}, 2);
  EXPECT_THAT(plan.shard_of, ElementsAre(2, 2, 1, 2));
}

TEST(PlanShards, RunTimesCountForMoreThanSizes) {
  const RunTimes times = {{"model-000", 9'000'000}, {"model-001", 1000}, {"model-002", 1000}};
  const auto plan = plan_shards(
      entries(3), std::vector<std::uint64_t>{1, 5'000'000'000, 5'000'000'000}, times, 2);
  EXPECT_EQ(plan.shard_of[1], plan.shard_of[2]);
  EXPECT_NE(plan.shard_of[0], plan.shard_of[1]);
}

TEST(PlanShards, RunTimesThatWobbleMoveNothing) {
  RunTimes before;
  RunTimes after;
  for (const auto& entry : entries(50)) {
    before[entry.name] = 1'100'000;
    after[entry.name] = 1'100'000 + before.size() * 1000;
  }
  EXPECT_EQ(plan_shards(entries(50), sizes(50), before, 4).digest,
            plan_shards(entries(50), sizes(50), after, 4).digest);
}

TEST(PlanShards, TheDigestTellsPlansApart) {
  const auto digest = plan_shards(entries(20), sizes(20), {}, 4).digest;
  EXPECT_THAT(digest, SizeIs(16));
  EXPECT_EQ(plan_shards(entries(20), sizes(20), {}, 4).digest, digest);
  EXPECT_NE(plan_shards(entries(20), sizes(20), {}, 5).digest, digest);
  EXPECT_NE(plan_shards(entries(21), sizes(21), {}, 4).digest, digest);
}

TEST(PlanShards, AbsurdSizesAndTimesDoNotOverflow) {
  const RunTimes times = {{"model-000", UINT64_MAX}, {"model-001", UINT64_MAX}};
  const std::vector<std::uint64_t> huge(3, UINT64_MAX);
  const auto plan = plan_shards(entries(3), huge, times, 3);
  EXPECT_EQ(std::set(plan.shard_of.begin(), plan.shard_of.end()).size(), 3U);
}

TEST(PlanShards, MoreShardsThanEntriesLeavesSomeEmpty) {
  const auto plan = plan_shards(entries(2), sizes(2), {}, 5);
  EXPECT_THAT(plan.shard_of, Each(Le(2U)));
  EXPECT_TRUE(select_shard(entries(2), plan, 5, "").entries.empty());
}

TEST(SelectShard, SaysWhereItsEntriesStandInTheWhole) {
  const auto all = entries(10);
  const auto plan = plan_shards(all, sizes(10), {}, 3);
  std::set<std::uint64_t> seen;
  for (std::uint32_t index = 1; index <= 3; ++index) {
    const auto selection = select_shard(all, plan, index, "abc");
    ASSERT_TRUE(selection.part);
    EXPECT_EQ(selection.part->entries, 10U);
    EXPECT_EQ(selection.part->manifest_sha256, "abc");
    ASSERT_EQ(selection.part->positions.size(), selection.entries.size());
    for (std::size_t i = 0; i < selection.entries.size(); ++i) {
      const auto position = selection.part->positions[i];
      EXPECT_EQ(all[position].name, selection.entries[i].name);
      EXPECT_TRUE(seen.insert(position).second);
    }
  }
  EXPECT_EQ(seen.size(), 10U);
}

TEST(SizesOnDisk, CountsBundlesFileByFileAndUrlsAsUnknown) {
  const test::TempDir dir;
  dir.write("a.mlpackage/Manifest.json", "12345");
  dir.write("a.mlpackage/Data/model.mlmodel", "123");
  dir.write("b.mlmodel", "1234567");
  auto specs = entries(4);
  specs[0].source.resolved = dir.file("a.mlpackage");
  specs[1].source.resolved = dir.file("b.mlmodel");
  specs[2].source.resolved = dir.file("missing.mlmodel");
  specs[3].source.kind = manifest::Source::Kind::url;
  EXPECT_THAT(sizes_on_disk(specs), ElementsAre(8, 7, 0, 0));
}

}  // namespace
}  // namespace anecompat::cli
