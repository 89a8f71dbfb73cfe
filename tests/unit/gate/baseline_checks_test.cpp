#include "gate/baseline_checks.hpp"

#include "gate/gate.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

namespace anecompat::gate {
namespace {

using namespace std::chrono_literals;
using ane::Backend;
using ane::Level;
using evaluate::Evaluation;
using report::Finding;
using report::Severity;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// `off` of four operations are on the CPU, from the end.
Evaluation evaluation(std::uint32_t off) {
  Evaluation result;
  result.target = "h16";
  result.level = off == 0 ? Level::full : Level::partial;
  result.eligible_level = result.level;
  constexpr std::uint32_t k_ops = 4;
  for (std::uint32_t i = 0; i < k_ops; ++i) {
    evaluate::OpResult op;
    op.path = "main/op_" + std::to_string(i);
    op.type = "conv";
    op.shape = "fp16[1, " + std::to_string(i) + "]";
    const bool on_ane = i + off < k_ops;
    op.placement = on_ane ? Backend::ane : Backend::cpu;
    op.eligible = {Backend::cpu};
    if (on_ane)
      op.eligible.push_back(Backend::ane);
    else
      op.reason = ane::Reason{"dtype", "int32 is not for the ANE"};
    if (i > 0)
      op.inputs = {i - 1};
    result.ops.push_back(std::move(op));
  }
  result.counts = {.ops = k_ops, .ane = k_ops - off, .cpu = off};
  result.shares.ops = static_cast<double>(k_ops - off) / k_ops;
  if (off < k_ops)
    result.segments.push_back({.backend = Backend::ane, .first = 0, .count = k_ops - off});
  if (off > 0)
    result.segments.push_back({.backend = Backend::cpu, .first = k_ops - off, .count = off});
  return result;
}

class BaselineChecksTest : public testing::Test {
 protected:
  BaselineChecksTest() {
    m_manifest.path = "ci/anecompat.yml";
    manifest::EntrySpec spec;
    spec.name = "net";
    spec.targets = {ane::ChipFamily::h16};
    spec.position = {7, 5};
    m_manifest.entries.push_back(spec);
    m_reference.name = "b.json";
    m_reference.exists = true;
  }

  report::Report report_with(Evaluation evaluation, const std::string& digest = "sha256:1") const {
    report::Report report;
    report.manifest = "ci/anecompat.yml";
    report::Entry entry;
    entry.name = "net";
    entry.source = "net.mlmodel";
    entry.digest = digest;
    entry.evaluations.push_back(std::move(evaluation));
    report.entries.push_back(std::move(entry));
    return report;
  }

  void record(Evaluation evaluation) {
    update_baseline(m_reference.baseline, report_with(std::move(evaluation)), "first");
  }

  const std::vector<Finding>& judged(Evaluation evaluation,
                                     const std::string& digest = "sha256:1") {
    m_report = report_with(std::move(evaluation), digest);
    judge(m_report, m_manifest, m_policy, 2027y / 1 / 15, &m_reference);
    return m_report.entries[0].findings;
  }

  std::vector<std::string> rules() const {
    std::vector<std::string> result;
    for (const auto* finding : report::all_findings(m_report))
      result.push_back(finding->rule);
    return result;
  }

  const Finding& finding(const std::string& rule) const {
    for (const auto* each : report::all_findings(m_report)) {
      if (each->rule == rule)
        return *each;
    }
    ADD_FAILURE() << "no finding " << rule;
    static const Finding none;
    return none;
  }

  manifest::Manifest m_manifest;
  Policy m_policy = *load_policy("pre-merge");
  Reference m_reference;
  report::Report m_report;
};

TEST_F(BaselineChecksTest, NothingIsSaidOfWhatStayedAsItWas) {
  record(evaluation(1));
  EXPECT_THAT(judged(evaluation(1)), IsEmpty());
  EXPECT_EQ(m_report.exit_code, 0);
  ASSERT_TRUE(m_report.entries[0].evaluations[0].comparison);
  EXPECT_EQ(m_report.entries[0].evaluations[0].comparison->with, "b.json");
  EXPECT_EQ(m_report.baseline, "b.json");
}

TEST_F(BaselineChecksTest, ARegressionNamesTheOperationTheCauseAndTheShares) {
  record(evaluation(0));
  judged(evaluation(1));
  EXPECT_THAT(rules(), ElementsAre("level-regressed", "ops-left-ane", "segments-increased",
                                   "ane-share-dropped"));
  EXPECT_EQ(m_report.exit_code, 1);
  EXPECT_EQ(finding("level-regressed").message,
            "\"net\" is partial on h16 (A17 Pro, M4), and was full in b.json");
  const auto& left = finding("ops-left-ane");
  EXPECT_EQ(left.message,
            "1 op of \"net\" left the ANE on h16 (A17 Pro, M4): ANE share 100 % → 75 % of ops");
  EXPECT_EQ(left.details[0], "main/op_3 (conv): ane → cpu: dtype: int32 is not for the ANE");
  EXPECT_THAT(left.details, Contains(HasSubstr("compared with b.json (predicted)")));
  EXPECT_EQ(finding("segments-increased").message,
            "\"net\" is cut into 2 segments on h16 (A17 Pro, M4), and was into 1 in b.json");
  EXPECT_THAT(finding("ane-share-dropped").message, HasSubstr("fell from 100 % to 75 %"));
}

TEST_F(BaselineChecksTest, AcceptingOneLossDoesNotHideTheNext) {
  record(evaluation(0));
  judged(evaluation(1));
  const auto accepted = finding("ops-left-ane").fingerprint;
  judged(evaluation(1));
  EXPECT_EQ(finding("ops-left-ane").fingerprint, accepted);
  judged(evaluation(2));
  EXPECT_NE(finding("ops-left-ane").fingerprint, accepted);
}

TEST_F(BaselineChecksTest, FingerprintsDoNotDependOnOrderOrNumbers) {
  record(evaluation(0));
  auto now = evaluation(2);
  judged(now);
  const auto before = finding("ops-left-ane").fingerprint;
  std::swap(now.ops[2], now.ops[3]);
  now.ops[2].inputs = {3};
  now.ops[3].inputs = {1};
  now.ops[2].cost_us = 17;
  judged(now);
  EXPECT_EQ(finding("ops-left-ane").fingerprint, before);
}

TEST_F(BaselineChecksTest, ThresholdsLetSomePass) {
  record(evaluation(0));
  m_policy.thresholds["ops-left-ane.more_than"] = 1;
  m_policy.thresholds["segments-increased.more_than"] = 1;
  m_policy.thresholds["ane-share-dropped.more_than"] = 0.25;
  judged(evaluation(1));
  EXPECT_THAT(rules(), ElementsAre("level-regressed"));
  judged(evaluation(2));
  EXPECT_THAT(rules(), ElementsAre("level-regressed", "ops-left-ane", "ane-share-dropped"));
}

TEST_F(BaselineChecksTest, EntriesOverrideTheSeverity) {
  record(evaluation(0));
  m_manifest.entries[0].rules.severities = {{"level-regressed", Severity::notice},
                                            {"ops-left-ane", Severity::off}};
  judged(evaluation(1));
  EXPECT_EQ(m_report.exit_code, 0);
  EXPECT_EQ(finding("level-regressed").severity, Severity::notice);
  EXPECT_THAT(rules(), testing::Not(Contains("ops-left-ane")));
}

TEST_F(BaselineChecksTest, EntriesOverrideTheThreshold) {
  record(evaluation(0));
  m_manifest.entries[0].rules.thresholds = {{"ops-left-ane.more_than", 1},
                                            {"ane-share-dropped.more_than", 1}};
  judged(evaluation(1));
  EXPECT_THAT(rules(), testing::Not(Contains("ops-left-ane")));
  judged(evaluation(2));
  EXPECT_THAT(rules(), Contains("ops-left-ane"));
  EXPECT_THAT(rules(), testing::Not(Contains("ane-share-dropped")));
}

TEST_F(BaselineChecksTest, AnImprovementPrintsTheCommandThatTightens) {
  record(evaluation(2));
  judged(evaluation(0));
  EXPECT_THAT(rules(), ElementsAre("improved"));
  EXPECT_EQ(m_report.exit_code, 0);
  EXPECT_THAT(finding("improved").message, HasSubstr("level partial → full"));
  EXPECT_THAT(finding("improved").details,
              ElementsAre("tighten the baseline: `anecompat baseline update ci/anecompat.yml "
                          "--baseline b.json --filter net --reason '…'`"));
  m_policy.severities["improved"] = Severity::error;
  judged(evaluation(0));
  EXPECT_EQ(m_report.exit_code, 1);
}

TEST_F(BaselineChecksTest, ABaselineOfACommitIsTightenedInTheWorkTree) {
  record(evaluation(2));
  m_reference.name = "origin/main:ci/b c.json";
  judged(evaluation(0));
  EXPECT_THAT(finding("improved").details[0], HasSubstr("--baseline 'ci/b c.json'"));
}

TEST_F(BaselineChecksTest, ANewOperationTheAneCannotTakeIsTold) {
  record(evaluation(0));
  auto now = evaluation(0);
  auto added = evaluation(1).ops[3];
  added.path = "main/cumsum";
  added.type = "cumsum";
  added.inputs = {3};
  now.ops.push_back(added);
  judged(now);
  EXPECT_THAT(rules(), ElementsAre("new-ineligible-op"));
  EXPECT_THAT(finding("new-ineligible-op").details[0],
              HasSubstr("main/cumsum (cumsum): added, on cpu: dtype"));
}

TEST_F(BaselineChecksTest, AChangedModelMakesTheBaselineStale) {
  record(evaluation(1));
  judged(evaluation(1), "sha256:2");
  EXPECT_THAT(rules(), ElementsAre("baseline-stale"));
  EXPECT_EQ(finding("baseline-stale").severity, Severity::notice);
}

TEST_F(BaselineChecksTest, ARecordThatNobodyAsksForMakesTheBaselineStale) {
  record(evaluation(1));
  m_reference.baseline.records.push_back(m_reference.baseline.records[0]);
  m_reference.baseline.records.back().entry = "old";
  judged(evaluation(1));
  EXPECT_THAT(finding("baseline-stale").details,
              ElementsAre("old on h16 (predicted)",
                          "`anecompat baseline prune ci/anecompat.yml` takes them out"));
}

TEST_F(BaselineChecksTest, AMissingRecordAndAMissingFileAreTold) {
  judged(evaluation(1));
  EXPECT_EQ(finding("baseline-missing").message,
            "b.json has no predicted \"net\" on h16 (A17 Pro, M4)");
  m_reference.exists = false;
  judged(evaluation(1));
  EXPECT_THAT(rules(), ElementsAre("baseline-missing"));
  EXPECT_EQ(m_report.findings.at(0).message, "there is no baseline b.json");
}

TEST_F(BaselineChecksTest, WhatCouldNotBeEvaluatedIsNotCompared) {
  record(evaluation(0));
  auto failed = evaluation(3);
  failed.error = evaluate::EvaluationError{.kind = "crash", .signal = {}, .message = "x"};
  judged(failed);
  EXPECT_THAT(rules(), ElementsAre("evaluation-failed"));
  EXPECT_FALSE(m_report.entries[0].evaluations[0].comparison);
}

TEST_F(BaselineChecksTest, WithoutABaselineTheRulesAreSilent) {
  m_report = report_with(evaluation(2));
  judge(m_report, m_manifest, m_policy, 2027y / 1 / 15);
  EXPECT_THAT(rules(), IsEmpty());
}

}  // namespace
}  // namespace anecompat::gate
