#include "gate/baseline.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace anecompat::gate {
namespace {

using ane::Backend;
using ane::Evidence;
using ane::Level;
using evaluate::Evaluation;
using evaluate::OpResult;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

OpResult op(const std::string& path, Backend placement, std::vector<std::uint32_t> inputs = {}) {
  OpResult result;
  result.path = path;
  result.type = "conv";
  result.shape = "fp16[1, 8]";
  result.placement = placement;
  result.eligible = {Backend::cpu};
  if (placement == Backend::ane)
    result.eligible.push_back(Backend::ane);
  else
    result.reason = ane::Reason{"dtype", "of the wrong type"};
  result.inputs = std::move(inputs);
  return result;
}

Evaluation evaluation(const std::string& target, Evidence evidence = Evidence::predicted) {
  Evaluation result;
  result.target = target;
  result.evidence = evidence;
  result.level = Level::partial;
  result.eligible_level = Level::full;
  result.ops = {op("main/b", Backend::ane), op("main/a", Backend::ane, {0}),
                op("main/c", Backend::cpu, {1, 0})};
  result.counts = {.ops = 3, .ane = 2, .cpu = 1, .eligible = 2};
  result.shares.ops = 2.0 / 3;
  result.segments = {{.backend = Backend::ane, .first = 0, .count = 2},
                     {.backend = Backend::cpu, .first = 2, .count = 1}};
  return result;
}

report::Report report_of(const std::string& name, std::vector<Evaluation> evaluations) {
  report::Report report;
  report.host.os = "macOS 15.5";
  report.host.build = "24F74";
  report::Entry entry;
  entry.name = name;
  entry.digest = "sha256:1";
  entry.evaluations = std::move(evaluations);
  report.entries.push_back(std::move(entry));
  return report;
}

manifest::Manifest manifest_of(const std::vector<std::string>& names) {
  manifest::Manifest manifest;
  for (const auto& name : names) {
    manifest::EntrySpec spec;
    spec.name = name;
    spec.targets = {ane::ChipFamily::h13, ane::ChipFamily::h16};
    manifest.entries.push_back(std::move(spec));
  }
  return manifest;
}

constexpr const char* k_text = R"({
  "schema": 1,
  "entries": [
    {
      "entry": "detector",
      "target": "h16",
      "evidence": "predicted",
      "reason": "first",
      "digest": "sha256:1",
      "level": "partial",
      "eligible_level": "full",
      "counts": {"ops": 3, "ane": 2, "cpu": 1, "gpu": 0, "unplaced": 0, "boundary": 0, "eligible": 2},
      "shares": {"ops": 0.6667, "cost": null},
      "segments": ["ane 2", "cpu 1"],
      "ops": [
        {"on": "ane", "type": "conv", "shape": "fp16[1, 8]", "ops": [["main/a", "main/b"], ["main/b"]]},
        {"on": "cpu", "type": "conv", "shape": "fp16[1, 8]", "reason": "dtype", "ops": [["main/c", "main/a", "main/b"]]}
      ]
    }
  ]
}
)";

Baseline baseline_of(const std::string& text) {
  auto baseline = parse_baseline(text, "b.json");
  EXPECT_TRUE(baseline) << (baseline ? "" : baseline.error().to_string());
  return baseline.value_or(Baseline{});
}

std::string error_of(const std::string& text) {
  const auto baseline = parse_baseline(text, "b.json");
  return baseline ? "" : baseline.error().to_string();
}

std::string with(std::string_view from, std::string_view to) {
  std::string text = k_text;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Baseline, IsWrittenForReview) {
  Baseline baseline;
  update_baseline(baseline, report_of("detector", {evaluation("h16")}), "first");
  EXPECT_EQ(to_json(baseline), k_text);
}

TEST(Baseline, ReadAndWrittenAgainIsTheSameBytes) {
  EXPECT_EQ(to_json(baseline_of(k_text)), k_text);
  EXPECT_EQ(to_json(Baseline{}), "{\n  \"schema\": 1,\n  \"entries\": []\n}\n");
  EXPECT_THAT(baseline_of(to_json(Baseline{})).records, IsEmpty());
}

TEST(Baseline, TheOrderOfOperationsDoesNotMatter) {
  auto other = evaluation("h16");
  std::swap(other.ops[0], other.ops[1]);
  other.ops[0].inputs = {1};
  other.ops[1].inputs = {};
  other.ops[2].inputs = {0, 1};
  Baseline baseline;
  update_baseline(baseline, report_of("detector", {other}), "first");
  EXPECT_EQ(to_json(baseline), k_text);
}

TEST(Baseline, RecordsAreSorted) {
  Baseline baseline;
  update_baseline(baseline, report_of("z", {evaluation("h16"), evaluation("h13")}), "r");
  update_baseline(baseline,
                  report_of("a", {evaluation("h16", Evidence::measured), evaluation("h16")}), "r");
  std::vector<std::string> titles;
  for (const auto& record : baseline.records)
    titles.push_back(title_of(record));
  EXPECT_THAT(titles, ElementsAre("a on h16 (predicted)", "a on h16 (measured)",
                                  "z on h13 (predicted)", "z on h16 (predicted)"));
}

TEST(Baseline, AnUpdateTouchesOnlyWhatChanged) {
  Baseline baseline;
  update_baseline(baseline, report_of("detector", {evaluation("h13"), evaluation("h16")}), "first");
  auto better = evaluation("h16");
  better.level = Level::full;
  const auto changes =
      update_baseline(baseline, report_of("detector", {evaluation("h13"), better}), "second");
  EXPECT_THAT(changes.updated, ElementsAre("detector on h16 (predicted)"));
  EXPECT_THAT(changes.added, IsEmpty());
  EXPECT_EQ(baseline.records[0].reason, "first");
  EXPECT_EQ(baseline.records[1].reason, "second");
  const auto again =
      update_baseline(baseline, report_of("detector", {evaluation("h13"), better}), "third");
  EXPECT_FALSE(again.any());
}

TEST(Baseline, WhatWasNotEvaluatedKeepsItsRecord) {
  auto baseline = baseline_of(k_text);
  auto failed = evaluation("h16");
  failed.error = evaluate::EvaluationError{.kind = "crash", .signal = {}, .message = "x"};
  auto unknown = evaluation("h16");
  unknown.level = Level::unknown;
  for (const auto& each : {failed, unknown}) {
    const auto changes = update_baseline(baseline, report_of("detector", {each}), "r");
    EXPECT_FALSE(changes.any());
    EXPECT_THAT(changes.kept_unevaluated, ElementsAre("detector on h16"));
  }
  EXPECT_EQ(to_json(baseline), k_text);
}

TEST(Baseline, WhatTheManifestDoesNotAskForIsPruned) {
  Baseline baseline;
  update_baseline(
      baseline, report_of("kept", {evaluation("h13"), evaluation("h14"), evaluation("h16")}), "r");
  update_baseline(baseline, report_of("gone", {evaluation("h13")}), "r");
  EXPECT_THAT(prune_baseline(baseline, manifest_of({"kept"})),
              ElementsAre("gone on h13 (predicted)", "kept on h14 (predicted)"));
  EXPECT_THAT(baseline.records, SizeIs(2));
  EXPECT_THAT(prune_baseline(baseline, manifest_of({"kept"})), IsEmpty());
}

TEST(Baseline, PredictionsAreComparedWithPredictionsOnly) {
  Baseline baseline;
  update_baseline(baseline, report_of("m", {evaluation("h16", Evidence::planned)}), "r");
  EXPECT_EQ(find_record(baseline, "m", evaluation("h16")), nullptr);
  EXPECT_NE(find_record(baseline, "m", evaluation("h16", Evidence::measured)), nullptr);
  update_baseline(baseline, report_of("m", {evaluation("h16")}), "r");
  EXPECT_EQ(find_record(baseline, "m", evaluation("h16"))->evaluation.evidence,
            Evidence::predicted);
  EXPECT_EQ(find_record(baseline, "m", evaluation("h13")), nullptr);
  EXPECT_EQ(find_record(baseline, "other", evaluation("h16")), nullptr);
}

TEST(Baseline, AnotherSystemOrEvidenceIsSaid) {
  Baseline baseline;
  update_baseline(baseline, report_of("m", {evaluation("h16", Evidence::planned)}), "r");
  const auto& record = baseline.records[0];
  report::Host now;
  now.os = "macOS 26.0";
  EXPECT_THAT(
      comparison_note(record, now, evaluation("h16", Evidence::measured)),
      testing::AllOf(HasSubstr("the baseline is planned, this is measured"),
                     HasSubstr("the baseline is of macOS 15.5 (24F74), this is macOS 26.0")));
  Baseline predicted;
  update_baseline(predicted, report_of("m", {evaluation("h16")}), "r");
  EXPECT_EQ(predicted.records[0].host, "");
  EXPECT_EQ(comparison_note(predicted.records[0], now, evaluation("h16")), "");
}

TEST(Baseline, MistakesHaveAPlace) {
  EXPECT_THAT(error_of("{\"schema\": 1,\n \"entries\": [{},\n  {]}"),
              HasSubstr("b.json:3:4: is not valid JSON"));
  EXPECT_THAT(error_of("{\"schema\": 1,\n \"entries\": []"),
              HasSubstr("b.json:2:15: is not valid JSON"));
  EXPECT_THAT(error_of(with("\"schema\": 1", "\"schema\": 2")),
              HasSubstr("a newer anecompat wrote it"));
  EXPECT_THAT(error_of(with("\"partial\"", "\"good\"")),
              HasSubstr("b.json: entries[0].level: unknown value \"good\""));
  EXPECT_THAT(error_of(with("\"ane 2\"", "\"ane 99999999999\"")),
              HasSubstr("entries[0].segments[0]: must be a device and a count"));
  EXPECT_THAT(error_of(with("\"on\": \"ane\"", "\"on\": \"npu\"")), HasSubstr("entries[0].ops[0]"));
  EXPECT_THAT(error_of(with("[\"main/b\"]]", "[]]")),
              HasSubstr("entries[0].ops[0].ops[1]: must hold the path of an operation"));
  EXPECT_THAT(error_of(with("0.6667", "1.5")), HasSubstr("is a share, between 0 and 1"));
  EXPECT_THAT(error_of("[]"), HasSubstr("must be an object"));
  EXPECT_THAT(error_of(""), HasSubstr("is not valid JSON"));
  EXPECT_THAT(error_of(std::string(100'000, '[')), HasSubstr("nests deeper than 32 levels"));
}

TEST(Baseline, TwoRecordsOfOneThingAreRefused) {
  std::string text = k_text;
  const auto begin = text.find("    {");
  const auto end = text.find("\n  ]\n}");
  const auto record = text.substr(begin, end - begin);
  text.insert(end, ",\n" + record);
  EXPECT_THAT(error_of(text), HasSubstr("b.json: has detector on h16 (predicted) twice"));
}

TEST(Baseline, AFileThatIsNotThereIsNoError) {
  const test::TempDir directory;
  const auto reference = load_baseline(directory.file("none.json"), "m.yml");
  ASSERT_TRUE(reference);
  EXPECT_FALSE(reference->exists);
  const auto path = directory.write("b.json", k_text);
  EXPECT_TRUE(load_baseline(path, "m.yml")->exists);
}

TEST(Baseline, NamesOfAnyBytesAreWrittenAsText) {
  auto odd = evaluation("h16");
  odd.ops[0].path = "a\"\\\n\x01\xff";
  Baseline baseline;
  update_baseline(baseline, report_of("m\xfe", {odd}), "why\n");
  const auto text = to_json(baseline);
  EXPECT_EQ(to_json(baseline_of(text)), text);
}

}  // namespace
}  // namespace anecompat::gate
