#include "gate/gate.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

namespace anecompat::gate {
namespace {

using namespace std::chrono_literals;
using ane::Backend;
using ane::Level;
using evaluate::Evaluation;
using evaluate::OpResult;
using manifest::Expect;
using report::Finding;
using report::Severity;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

constexpr std::chrono::year_month_day k_today = 2027y / 1 / 15;

OpResult op(const std::string& path, Backend placement, const std::string& reason = "",
            bool boundary = false) {
  OpResult result;
  result.path = path;
  result.type = "conv";
  result.placement = placement;
  result.eligible = {Backend::cpu};
  if (reason.empty())
    result.eligible.push_back(Backend::ane);
  else
    result.reason = ane::Reason{reason, "because of " + reason};
  result.boundary = boundary;
  return result;
}

Evaluation evaluation(const std::string& target, Level level, std::vector<OpResult> ops = {}) {
  Evaluation result;
  result.target = target;
  result.level = level;
  result.eligible_level = level;
  result.ops = std::move(ops);
  result.counts.ops = static_cast<std::uint32_t>(result.ops.size());
  for (const auto& one : result.ops)
    ++(one.placement == Backend::ane ? result.counts.ane : result.counts.cpu);
  if (result.counts.ops > 0)
    result.shares.ops = static_cast<double>(result.counts.ane) / result.counts.ops;
  return result;
}

Evaluation failure(const std::string& target, const std::string& kind, const std::string& message) {
  Evaluation result;
  result.target = target;
  result.error = evaluate::EvaluationError{kind, std::nullopt, message};
  return result;
}

// A manifest and the report of a run over it.
class GateTest : public testing::Test {
 protected:
  GateTest() { m_manifest.path = "ci/anecompat.yml"; }

  manifest::EntrySpec& add(const std::string& name, std::vector<Evaluation> evaluations) {
    manifest::EntrySpec spec;
    spec.name = name;
    spec.position = {10 + m_manifest.entries.size(), 5};
    spec.expect = Expect::full;
    spec.targets = {ane::ChipFamily::h13, ane::ChipFamily::h16};
    m_manifest.entries.push_back(spec);
    report::Entry entry;
    entry.name = name;
    entry.source = name + ".mlmodel";
    entry.evaluations = std::move(evaluations);
    m_report.entries.push_back(std::move(entry));
    return m_manifest.entries.back();
  }

  manifest::Suppression& suppress(const std::string& rule, const std::string& model) {
    manifest::Suppression suppression;
    suppression.rule = rule;
    suppression.model = model;
    suppression.reason = "known";
    suppression.owner = "@vision";
    suppression.expires = 2027y / 1 / 15;
    suppression.position = {40, 5};
    m_manifest.suppressions.push_back(suppression);
    return m_manifest.suppressions.back();
  }

  const std::vector<Finding>& judged(const std::string& policy = "pre-merge") {
    judge(m_report, m_manifest, *load_policy(policy), k_today);
    return m_report.entries.at(0).findings;
  }

  std::vector<std::string> rules() {
    std::vector<std::string> result;
    for (const auto* finding : report::all_findings(m_report))
      result.push_back(finding->entry + ":" + finding->target + ":" + finding->rule);
    return result;
  }

  manifest::Manifest m_manifest;
  report::Report m_report;
};

TEST_F(GateTest, PassesWhatIsAsExpected) {
  add("a", {evaluation("h13", Level::full), evaluation("h16", Level::full)});
  EXPECT_THAT(judged(), IsEmpty());
  EXPECT_EQ(m_report.exit_code, 0);
  EXPECT_EQ(m_report.policy, "pre-merge");
  EXPECT_EQ(m_report.totals.full, 2U);
  EXPECT_EQ(m_report.entries[0].expectation.expect, "full");
  EXPECT_EQ(m_report.entries[0].manifest_line, 10U);
}

TEST_F(GateTest, NamesTheOpsBehindABrokenExpectationByReason) {
  std::vector<OpResult> ops = {op("main/in", Backend::cpu, "boundary-cast", true),
                               op("main/a", Backend::ane),
                               op("main/z", Backend::cpu, "rank-too-high")};
  for (int i = 0; i < 7; ++i)
    ops.push_back(op("main/f" + std::to_string(i), Backend::cpu, "fp32-precision"));
  add("a", {evaluation("h16", Level::partial, ops)});
  const auto& findings = judged();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].rule, "expectation-not-met");
  EXPECT_EQ(findings[0].message, "\"a\" is partial on h16 (A17 Pro, M4), full was expected");
  EXPECT_EQ(findings[0].severity, Severity::error);
  EXPECT_EQ(findings[0].file, "ci/anecompat.yml");
  EXPECT_EQ(findings[0].line, 10U);
  EXPECT_THAT(findings[0].fingerprint, MatchesRegex("[0-9a-f]{16}"));
  EXPECT_THAT(
      findings[0].details,
      ElementsAre("7 ops off the ANE: fp32-precision (because of fp32-precision): main/f0 (conv), "
                  "main/f1 (conv), main/f2 (conv), main/f3 (conv), main/f4 (conv) and 2 more",
                  "1 op off the ANE: rank-too-high (because of rank-too-high): main/z (conv)",
                  "`anecompat explain a.mlmodel --target h16` says what to change"));
  EXPECT_EQ(m_report.exit_code, 1);
}

TEST_F(GateTest, ExpectationsCompareLevels) {
  struct Case {
    Expect expect;
    std::vector<Level> met;
  };
  for (const auto& [expect, met] :
       {Case{Expect::full, {Level::full}}, Case{Expect::partial, {Level::partial}},
        Case{Expect::none, {Level::none}},
        Case{Expect::at_least_partial, {Level::full, Level::partial}},
        Case{Expect::any, {Level::full, Level::partial, Level::none}}}) {
    for (const auto level : {Level::full, Level::partial, Level::none}) {
      m_manifest.entries.clear();
      m_report.entries.clear();
      add("a", {evaluation("h13", level)}).expect = expect;
      const bool is_met = std::ranges::find(met, level) != met.end();
      EXPECT_EQ(judged().empty(), is_met) << manifest::to_string(expect) << ane::to_string(level);
    }
  }
}

TEST_F(GateTest, SaysWhenCostAloneKeepsAModelOffTheAne) {
  auto one = evaluation("h16", Level::none, {op("main/a", Backend::cpu, "cost-small-graph")});
  one.eligible_level = Level::full;
  add("a", {one}).expect_eligible = Expect::full;
  const auto& findings = judged();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_THAT(findings[0].details,
              Contains(HasSubstr("it is their cost that keeps them off the ANE")));
}

TEST_F(GateTest, ChecksTheEligibleLevelOnItsOwn) {
  auto one = evaluation("h16", Level::partial,
                        {op("main/a", Backend::ane), op("main/b", Backend::cpu, "gather-index")});
  auto& spec = add("a", {one});
  spec.expect = Expect::partial;
  spec.expect_eligible = Expect::full;
  const auto& findings = judged();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].message,
            "\"a\" could reach partial on h16 (A17 Pro, M4), full was expected");
  EXPECT_THAT(findings[0].details,
              Contains(HasSubstr("1 op not eligible for the ANE: gather-index")));
}

TEST_F(GateTest, BetterThanExpectedIsSaidSo) {
  add("a", {evaluation("h16", Level::full, {op("main/a", Backend::ane)})}).expect = Expect::none;
  EXPECT_THAT(judged().at(0).details,
              ElementsAre("1 op on the ANE: main/a (conv)",
                          "better than expected: if that is meant, set `expect: full`"));
}

TEST_F(GateTest, ChecksEachBudget) {
  auto one = evaluation("h16", Level::partial,
                        {op("a", Backend::ane), op("b", Backend::cpu, "r"), op("c", Backend::ane)});
  one.segments = {{Backend::ane, 0, 1, {}}, {Backend::cpu, 1, 1, {}}, {Backend::ane, 2, 1, {}}};
  one.shares.cost = 0.979999;
  auto& spec = add("m", {one});
  spec.expect = Expect::any;
  spec.budgets = {
      .max_segments = 1, .min_ane_share = 0.9, .min_ane_cost_share = 0.98, .max_cpu_ops = 0};
  std::vector<std::string> messages;
  for (const auto& finding : judged())
    messages.push_back(finding.message);
  EXPECT_THAT(
      messages,
      ElementsAre("\"m\" has 3 segments on h16 (A17 Pro, M4), at most 1 is allowed (max_segments)",
                  "\"m\" has 66.66 % of its ops on the ANE of h16 (A17 Pro, M4), at least 90.00 % "
                  "is asked for "
                  "(min_ane_share)",
                  "\"m\" has 97.99 % of its estimated time on the ANE of h16 (A17 Pro, M4), at "
                  "least 98.00 % is "
                  "asked for (min_ane_cost_share)",
                  "\"m\" has 1 CPU op on h16 (A17 Pro, M4), at most 0 are allowed (max_cpu_ops)"));
  EXPECT_THAT(m_report.entries[0].findings[0].details[0], "segments: ane 1 op, cpu 1 op, ane 1 op");
  m_manifest.entries[0].budgets = {
      .max_segments = 3, .min_ane_share = 0.66, .min_ane_cost_share = 0.97, .max_cpu_ops = 1};
  EXPECT_THAT(judged(), IsEmpty());
}

TEST_F(GateTest, ABudgetThatCannotBeCheckedIsNotPassedInSilence) {
  auto& spec = add("m", {evaluation("h16", Level::full, {op("a", Backend::ane)})});
  spec.budgets.min_ane_cost_share = 0.5;
  ASSERT_EQ(judged().size(), 1U);
  EXPECT_EQ(judged()[0].rule, "level-unknown");
  EXPECT_THAT(judged()[0].message, HasSubstr("the ANE share of estimated time of \"m\""));
}

TEST_F(GateTest, AFailureOfAllTargetsIsOneFinding) {
  add("a", {failure("h13", "not-found", "no such file: a.mlmodel"),
            failure("h16", "not-found", "no such file: a.mlmodel")});
  const auto& findings = judged();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].target, "");
  EXPECT_EQ(findings[0].message, "\"a\" could not be evaluated: no such file: a.mlmodel");
  EXPECT_EQ(m_report.exit_code, 3);
}

TEST_F(GateTest, ACrashHasItsSignalAndLogLines) {
  auto crash = failure("h16", "crash", "the worker died\nlog: loading\nlog: boom");
  crash.error->signal = 11;
  add("a", {evaluation("h13", Level::full), crash});
  const auto& findings = judged();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].target, "h16");
  EXPECT_EQ(findings[0].message, "\"a\" could not be evaluated: crash (SIGSEGV): the worker died");
  EXPECT_THAT(findings[0].details, testing::IsSupersetOf({"log: loading", "log: boom"}));
}

// The advice of `inspect` would fail like the evaluation did.
TEST_F(GateTest, EveryKindOfFailureHasAdviceOfItsOwn) {
  std::set<std::string> advice;
  const std::array kinds = {"not-found", "unreadable",  "unsupported",  "download",
                            "system",    "interrupted", "timeout",      "crash",
                            "memory",    "protocol",    "compile",      "load",
                            "input",     "prediction",  "something-new"};
  for (const auto* kind : kinds) {
    m_report.entries.clear();
    add("a", {failure("h16", kind, "it went wrong")});
    const auto& findings = judged();
    ASSERT_EQ(findings.size(), 1U) << kind;
    ASSERT_EQ(findings[0].details.size(), 1U) << kind;
    EXPECT_THAT(findings[0].details[0], testing::Not(HasSubstr("inspect"))) << kind;
    advice.insert(findings[0].details[0]);
  }
  EXPECT_EQ(advice.size(), kinds.size());
}

TEST_F(GateTest, AnErrorThatSaysWhatToDoGetsNoSecondAdvice) {
  add("a", {failure("h16", "unreadable", "a.mlmodel: is cut (fetch it again)")});
  const auto& findings = judged();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].message,
            "\"a\" could not be evaluated: a.mlmodel: is cut (fetch it again)");
  EXPECT_THAT(findings[0].details, testing::IsEmpty());
}

TEST_F(GateTest, UnknownLevelsAreNotBrokenExpectations) {
  auto unknown = evaluation("h16", Level::unknown);
  unknown.reason = ane::Reason{"no-ane", "this host has no ANE"};
  add("a", {unknown});
  EXPECT_EQ(judged().at(0).rule, "level-unknown");
  EXPECT_THAT(judged()[0].message,
              "the level of \"a\" on h16 (A17 Pro, M4) is not known: this host has no ANE");
  EXPECT_EQ(m_report.exit_code, 0);
  judged("strict");
  EXPECT_EQ(m_report.exit_code, 1);
  m_manifest.entries[0].expect = Expect::any;
  EXPECT_THAT(judged(), IsEmpty());
}

TEST_F(GateTest, StrictAsksForMeasurements) {
  add("a", {evaluation("h13", Level::full), evaluation("h16", Level::full)});
  m_report.entries[0].evaluations[0].evidence = ane::Evidence::measured;
  EXPECT_THAT(judged(), IsEmpty());
  judged("strict");
  EXPECT_THAT(rules(), ElementsAre("a:h16:evidence-too-weak"));
}

TEST_F(GateTest, RisksOfTheModelAreSaidOnce) {
  auto one = evaluation("h13", Level::full);
  one.risks = {{"long-chain", "1200 ops in a row", ""}};
  auto two = one;
  two.target = "h16";
  two.risks.push_back({"wide", "20000 wide", "main/a"});
  add("a", {one, two});
  judged();
  EXPECT_THAT(rules(), ElementsAre("a::model-risk", "a:h16:model-risk"));
  EXPECT_EQ(m_report.totals.notices, 2U);
}

TEST_F(GateTest, FindingsAreOrderedByEntryTargetAndRule) {
  auto& spec = add("b", {evaluation("h16", Level::none, {op("x", Backend::cpu, "r")}),
                         evaluation("h13", Level::none, {op("x", Backend::cpu, "r")})});
  spec.budgets.max_cpu_ops = 0;
  add("a", {failure("h16", "timeout", "no answer within 5 min")});
  judged();
  EXPECT_THAT(rules(), ElementsAre("b:h16:expectation-not-met", "b:h16:budget-exceeded",
                                   "b:h13:expectation-not-met", "b:h13:budget-exceeded",
                                   "a:h16:evaluation-failed"));
  EXPECT_EQ(m_report.exit_code, 3) << "what could not be evaluated weighs more than what failed";
}

TEST_F(GateTest, ExitCodesFollowThePolicy) {
  add("a", {failure("h16", "unreadable", "bad")});
  judged("advisory");
  EXPECT_EQ(m_report.exit_code, 0);
  EXPECT_EQ(m_report.totals.warnings, 1U);
  m_report.entries[0].evaluations = {evaluation("h16", Level::none)};
  judged("nightly");
  EXPECT_EQ(m_report.exit_code, 0);
  m_report.entries[0].skipped = "filtered";
  judged();
  EXPECT_EQ(m_report.exit_code, 4);
  m_report.entries.clear();
  judge(m_report, m_manifest, *load_policy(""), k_today);
  EXPECT_EQ(m_report.exit_code, 4);
}

TEST_F(GateTest, AnEntryThatWasNeverEvaluatedDoesNotPass) {
  add("a", {});
  EXPECT_EQ(judged().at(0).rule, "evaluation-failed");
  EXPECT_EQ(m_report.exit_code, 3);
}

TEST_F(GateTest, EntriesOverrideThePolicy) {
  add("a", {evaluation("h16", Level::none)}).rules.severities = {
      {"expectation-not-met", Severity::notice}};
  EXPECT_EQ(judged().at(0).severity, Severity::notice);
  m_manifest.entries[0].rules.severities = {{"expectation-not-met", Severity::off}};
  EXPECT_THAT(judged(), IsEmpty());
}

TEST_F(GateTest, FingerprintsDoNotDependOnNumbersOrOrder) {
  const std::vector<OpResult> ops = {op("a", Backend::cpu, "r1"), op("b", Backend::cpu, "r2")};
  add("m", {evaluation("h16", Level::none, ops)});
  const auto first = judged().at(0).fingerprint;
  m_report.entries[0].evaluations[0] =
      evaluation("h16", Level::none, {ops[1], ops[0], op("c", Backend::cpu, "r1")});
  EXPECT_EQ(judged().at(0).fingerprint, first);
  m_report.entries[0].evaluations[0] =
      evaluation("h16", Level::none, {op("a", Backend::cpu, "r3")});
  EXPECT_NE(judged().at(0).fingerprint, first) << "another reason is another finding";
  m_report.entries[0].evaluations[0] = evaluation("h13", Level::none, ops);
  EXPECT_NE(judged().at(0).fingerprint, first);
}

TEST_F(GateTest, JudgingTwiceGivesTheSame) {
  add("a", {evaluation("h16", Level::none)});
  suppress("model-risk", "b*");
  judged();
  const auto once = rules();
  judged();
  EXPECT_EQ(rules(), once);
}

TEST_F(GateTest, SuppressionsAcceptUntilTheirLastDay) {
  add("a", {evaluation("h16", Level::none)});
  suppress("expectation-not-met", "a");
  EXPECT_EQ(judged().at(0).suppressed, "known");
  EXPECT_EQ(m_report.exit_code, 0);
  EXPECT_EQ(m_report.totals.suppressed, 1U);
  EXPECT_THAT(m_report.findings, IsEmpty());

  judge(m_report, m_manifest, *load_policy(""), 2027y / 1 / 16);
  EXPECT_EQ(m_report.entries[0].findings[0].suppressed, std::nullopt);
  ASSERT_EQ(m_report.findings.size(), 1U);
  EXPECT_EQ(m_report.findings[0].rule, "suppression-expired");
  EXPECT_EQ(m_report.findings[0].message,
            "the suppression of expectation-not-met of a expired on 2027-01-15");
  EXPECT_EQ(m_report.findings[0].line, 40U);
  EXPECT_EQ(m_report.exit_code, 1);
}

TEST_F(GateTest, SuppressionsMatchByAllTheySay) {
  add("model",
      {evaluation("h13", Level::none, {op("main/dec/a", Backend::cpu, "r")}),
       evaluation("h16", Level::none,
                  {op("main/dec/a", Backend::cpu, "r"), op("main/enc/b", Backend::cpu, "r")})});
  auto& suppression = suppress("", "mod*");
  suppression.op = "main/dec/*";
  judged();
  EXPECT_TRUE(m_report.entries[0].findings[0].suppressed);
  EXPECT_FALSE(m_report.entries[0].findings[1].suppressed) << "an op outside the glob is new";
  suppression.op.clear();
  suppression.target = "h16";
  judged();
  EXPECT_FALSE(m_report.entries[0].findings[0].suppressed);
  EXPECT_TRUE(m_report.entries[0].findings[1].suppressed);
  suppression.fingerprint = m_report.entries[0].findings[0].fingerprint;
  judged();
  EXPECT_FALSE(m_report.entries[0].findings[1].suppressed);
  suppression.target.clear();
  judged();
  EXPECT_TRUE(m_report.entries[0].findings[0].suppressed);
}

TEST_F(GateTest, UnusedSuppressionsAreReportedOnlyWhenThatIsSure) {
  add("a", {evaluation("h13", Level::full)});
  add("b", {evaluation("h13", Level::full)});
  suppress("expectation-not-met", "a");
  judged();
  EXPECT_THAT(rules(), ElementsAre("::suppression-unused"));
  EXPECT_EQ(m_report.findings[0].severity, Severity::warning);
  m_report.entries[0].skipped = "filtered out";
  judged();
  EXPECT_THAT(rules(), IsEmpty());
  m_report.entries.erase(m_report.entries.begin());
  judged();
  EXPECT_THAT(rules(), IsEmpty());
  m_manifest.suppressions[0].model = "nobody";
  judged();
  EXPECT_THAT(rules(), ElementsAre("::suppression-unused"));
}

TEST_F(GateTest, ATargetThatWasNotRunMayStillNeedItsSuppression) {
  add("a", {evaluation("h13", Level::full)});
  suppress("", "a").target = "h16";
  judged();
  EXPECT_THAT(rules(), IsEmpty());
  m_manifest.entries[0].targets = {ane::ChipFamily::h13};
  judged();
  EXPECT_THAT(rules(), ElementsAre("::suppression-unused"));
}

TEST_F(GateTest, NamesFromModelsCannotActOnATerminal) {
  add("a\x1b[31m", {evaluation("h16", Level::none, {op("x\n::error::y", Backend::cpu, "r\x07")})});
  const auto& finding = judged().at(0);
  EXPECT_THAT(finding.message, HasSubstr("a\\x1b[31m"));
  for (const auto& line : finding.details)
    EXPECT_EQ(line.find_first_of("\n\x1b\x07"), std::string::npos) << line;
}

}  // namespace
}  // namespace anecompat::gate
