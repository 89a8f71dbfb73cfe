#include "cli/merge_reports.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace anecompat::cli {
namespace {

using testing::HasSubstr;

// Shards of a run over six entries, dealt like cards.
std::vector<SavedReport> shards(std::uint32_t count = 3) {
  std::vector<SavedReport> result;
  for (std::uint32_t index = 1; index <= count; ++index) {
    SavedReport shard;
    shard.path = fmt::format("{}.json", index);
    auto& report = shard.report;
    report.tool = {.version = "1.0.0", .commit = "abc"};
    report.manifest = "m.yml";
    report.policy = "pre-merge";
    report.run.started = fmt::format("2026-01-01T00:00:{:02}Z", 10 - index);
    report.run.duration = std::chrono::milliseconds(100);
    report.run.shard = fmt::format("{}/{}", index, count);
    report.run.part =
        report::ShardPart{.manifest_sha256 = "12", .plan = "34", .entries = 6, .positions = {}};
    for (std::uint64_t position = index - 1; position < 6; position += count) {
      report::Entry entry;
      entry.name = fmt::format("entry-{}", position);
      entry.evaluations.emplace_back();
      report.entries.push_back(entry);
      report.run.part->positions.push_back(position);
    }
    result.push_back(std::move(shard));
  }
  return result;
}

std::string refusal(std::vector<SavedReport> given) {
  const auto merged = merge_reports(std::move(given));
  return merged ? "merged" : merged.error().to_string();
}

TEST(MergeReports, PutsTheEntriesInTheManifestsOrder) {
  auto given = shards();
  std::swap(given[0], given[2]);
  const auto merged = merge_reports(std::move(given));
  ASSERT_TRUE(merged) << merged.error().to_string();
  const auto& report = merged->report;
  ASSERT_EQ(report.entries.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(report.entries[i].name, fmt::format("entry-{}", i));
  EXPECT_EQ(merged->manifest_sha256, "12");
  EXPECT_EQ(report.run.shard, "");
  EXPECT_FALSE(report.run.part);
  EXPECT_EQ(report.run.started, "2026-01-01T00:00:07Z");
  EXPECT_EQ(report.run.duration, std::chrono::milliseconds(300));
}

TEST(MergeReports, RefusesWhenOneIsMissing) {
  auto given = shards();
  given.erase(given.begin() + 1);
  EXPECT_THAT(refusal(given), HasSubstr("the report of shard 2/3 is missing"));
}

TEST(MergeReports, NamesOnlyTheFirstOfVeryManyThatAreMissing) {
  auto given = shards(1);
  given[0].report.run.shard = "1/4000000000";
  EXPECT_THAT(refusal(given), HasSubstr("11/4000000000, … is missing"));
}

TEST(MergeReports, RefusesOneThatIsThereTwice) {
  auto given = shards();
  given.push_back(given[1]);
  given.back().path = "again.json";
  EXPECT_THAT(refusal(given), HasSubstr("again.json: is shard 2/3, and so is 2.json"));
}

TEST(MergeReports, RefusesAReportThatIsNoShard) {
  auto given = shards();
  given[2].report.run.part.reset();
  EXPECT_THAT(refusal(given), HasSubstr("3.json: is not the report of a shard"));
  given = shards();
  given[2].report.run.shard = "3 of 3";
  EXPECT_THAT(refusal(given), HasSubstr("3.json: is not the report of a shard"));
}

TEST(MergeReports, RefusesTheShardOfAnotherRun) {
  const auto changed = [](auto change) {
    auto given = shards();
    change(given[1].report);
    return refusal(given);
  };
  using report::Report;
  EXPECT_THAT(
      changed([](Report& r) { r.tool.version = "2.0.0"; }),
      HasSubstr("2.json: is of another run: its anecompat is 2.0.0 abc, that of 1.json is"));
  EXPECT_THAT(changed([](Report& r) { r.manifest = "n.yml"; }), HasSubstr("its manifest is n.yml"));
  EXPECT_THAT(changed([](Report& r) { r.policy = "strict"; }), HasSubstr("its policy is strict"));
  EXPECT_THAT(changed([](Report& r) { r.baseline = "b.json"; }),
              HasSubstr("its baseline is b.json"));
  EXPECT_THAT(changed([](Report& r) { r.run.part->manifest_sha256 = "99"; }),
              HasSubstr("check out the same commit in all jobs"));
  EXPECT_THAT(changed([](Report& r) { r.run.part->plan = "99"; }), HasSubstr("its plan is 99"));
  EXPECT_THAT(changed([](Report& r) { r.run.shard = "2/4"; }),
              HasSubstr("its number of shards is 4"));
}

TEST(MergeReports, MachinesMayDifferOnlyWhereNothingWasMeasured) {
  auto given = shards();
  given[1].report.host.chip = "Apple M4";
  EXPECT_EQ(refusal(given), "merged");
  given[0].report.entries[0].evaluations[0].evidence = ane::Evidence::measured;
  EXPECT_THAT(refusal(given), HasSubstr("its machine is"));
}

TEST(MergeReports, RefusesForgedPositions) {
  auto given = shards();
  given[1].report.run.part->positions[0] = 0;  // the first shard's
  EXPECT_THAT(refusal(given), HasSubstr("2.json: holds entries that are another shard's"));
  given = shards();
  given[1].report.run.part->positions[0] = 600;
  EXPECT_THAT(refusal(given), HasSubstr("2.json: holds entries that are another shard's"));
  given = shards();
  given[1].report.run.part->positions.clear();
  EXPECT_THAT(refusal(given), HasSubstr("2.json: holds entries that are another shard's"));
  given = shards();
  given[1].report.entries.pop_back();
  EXPECT_THAT(refusal(given), HasSubstr("the shards hold 5 of 6 entries"));
}

}  // namespace
}  // namespace anecompat::cli
