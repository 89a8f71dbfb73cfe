#include "evaluate/auto_evaluator.hpp"

#include <gmock/gmock.h>

namespace anecompat::evaluate {
namespace {

using ane::ChipFamily;
using ane::Evidence;
using ane::Level;
using testing::ElementsAre;

// Answers every target with a level, and an error for a model of that name.
class FakeEvaluator : public Evaluator {
 public:
  FakeEvaluator(Evidence evidence, Level level) : m_evidence(evidence), m_level(level) {}

  Answer evaluate(const Request& request) const override {
    Answer answer;
    answer.model.digest = "sha256:of the model";
    for (const auto target : request.targets) {
      Evaluation evaluation;
      evaluation.target = ane::to_string(target);
      evaluation.evidence = m_evidence;
      evaluation.level = m_level;
      if (request.model_path == "broken")
        evaluation.error = EvaluationError{.kind = "unreadable", .signal = {}, .message = "no"};
      answer.evaluations.push_back(evaluation);
    }
    return answer;
  }

 private:
  Evidence m_evidence;
  Level m_level;
};

const HostAbility k_linux = {.why_not = "this host has no ANE"};
const HostAbility k_m4 = {.ane = true, .family = ChipFamily::h16};

Answer ask(EvidenceWanted wanted, HostAbility host, std::vector<ane::Target> targets,
           const std::string& model = "model") {
  const auto evaluator = make_auto_evaluator(
      wanted, std::move(host), std::make_shared<FakeEvaluator>(Evidence::predicted, Level::full),
      std::make_unique<FakeEvaluator>(Evidence::measured, Level::partial));
  return evaluator->evaluate({.model_path = model, .targets = std::move(targets)});
}

std::vector<Evidence> evidence_of(const Answer& answer) {
  std::vector<Evidence> result;
  for (const auto& evaluation : answer.evaluations)
    result.push_back(evaluation.evidence);
  return result;
}

TEST(AutoEvaluator, MeasuresTheOwnChipAndPredictsOthersInTheOrderAsked) {
  const auto answer =
      ask(EvidenceWanted::automatic, k_m4, {ChipFamily::h13, ChipFamily::h16, ChipFamily::h18});
  EXPECT_THAT(evidence_of(answer),
              ElementsAre(Evidence::predicted, Evidence::measured, Evidence::predicted));
  EXPECT_EQ(answer.evaluations[1].target, "h16");
  EXPECT_EQ(answer.evaluations[1].level, Level::partial);
  EXPECT_EQ(answer.model.digest, "sha256:of the model");
}

TEST(AutoEvaluator, PredictsWithoutAnAne) {
  EXPECT_THAT(evidence_of(ask(EvidenceWanted::automatic, k_linux, {ChipFamily::h16})),
              ElementsAre(Evidence::predicted));
}

TEST(AutoEvaluator, NeverRunsWhenAskedToPredict) {
  EXPECT_THAT(evidence_of(ask(EvidenceWanted::predicted, k_m4, {ChipFamily::h16})),
              ElementsAre(Evidence::predicted));
}

TEST(AutoEvaluator, AHostWithoutAnAneGivesUnknownAndNeverNone) {
  for (const auto wanted : {EvidenceWanted::measured, EvidenceWanted::planned}) {
    const auto answer = ask(wanted, k_linux, {ChipFamily::h13, ChipFamily::h16});
    ASSERT_EQ(answer.evaluations.size(), 2U);
    for (const auto& evaluation : answer.evaluations) {
      EXPECT_EQ(evaluation.level, Level::unknown);
      EXPECT_EQ(evaluation.eligible_level, Level::unknown);
      ASSERT_TRUE(evaluation.reason);
      EXPECT_EQ(evaluation.reason->code, "no-ane-host");
      EXPECT_EQ(evaluation.reason->message, "this host has no ANE");
      EXPECT_FALSE(evaluation.error);
      // Not called predicted either: nothing was predicted.
      EXPECT_NE(evaluation.evidence, Evidence::predicted);
    }
    EXPECT_EQ(answer.model.digest, "sha256:of the model");
  }
}

TEST(AutoEvaluator, SaysWhenItIsAVirtualMachine) {
  const HostAbility machine = {.virtual_machine = true, .why_not = "a virtual machine"};
  const auto answer = ask(EvidenceWanted::measured, machine, {ChipFamily::h13});
  ASSERT_TRUE(answer.evaluations.at(0).reason);
  EXPECT_EQ(answer.evaluations[0].reason->code, "virtual-machine");
}

TEST(AutoEvaluator, MeasuredEvidenceIsNeverPassedOnToAnotherChip) {
  const auto answer = ask(EvidenceWanted::measured, k_m4, {ChipFamily::h16, ChipFamily::h13});
  EXPECT_EQ(answer.evaluations.at(0).level, Level::partial);
  EXPECT_EQ(answer.evaluations.at(1).level, Level::unknown);
  ASSERT_TRUE(answer.evaluations[1].reason);
  EXPECT_EQ(answer.evaluations[1].reason->code, "other-chip");
  EXPECT_EQ(answer.evaluations[1].reason->message,
            "this host can answer for h16 only, not for h13");
}

TEST(AutoEvaluator, AnUnreadableModelIsAnErrorAlsoWhereNothingCanBeMeasured) {
  const auto answer = ask(EvidenceWanted::measured, k_linux, {ChipFamily::h16}, "broken");
  ASSERT_TRUE(answer.evaluations.at(0).error);
  EXPECT_EQ(answer.evaluations[0].error->kind, "unreadable");
}

TEST(AutoEvaluator, ABuildWithoutMeasuringSaysSo) {
  const auto evaluator = make_auto_evaluator(
      EvidenceWanted::measured, k_m4,
      std::make_shared<FakeEvaluator>(Evidence::predicted, Level::full), nullptr);
  const auto answer = evaluator->evaluate({.model_path = "m", .targets = {ChipFamily::h16}});
  ASSERT_TRUE(answer.evaluations.at(0).reason);
  EXPECT_EQ(answer.evaluations[0].reason->code, "no-evidence");
}

TEST(AutoEvaluator, a_target_with_a_system_is_measured_where_the_host_runs_it) {
  auto host = k_m4;
  host.os = ane::parse_os_version("macOS 15.5").value();
  const auto target = [](std::string_view text) { return ane::parse_target(text).value(); };
  const auto answer = ask(EvidenceWanted::automatic, host,
                          {target("m4"), target("m4@macos15"), target("m4@macos15.5"),
                           target("m4@macos15.4"), target("m4@macos26"), target("m1@macos15")});
  EXPECT_THAT(evidence_of(answer),
              testing::ElementsAre(Evidence::measured, Evidence::measured, Evidence::measured,
                                   Evidence::predicted, Evidence::predicted, Evidence::predicted));
}

TEST(AutoEvaluator, another_system_is_unknown_when_it_must_be_measured) {
  auto host = k_m4;
  host.os = ane::parse_os_version("macOS 15.5").value();
  const auto answer =
      ask(EvidenceWanted::measured, host, {ane::parse_target("m4@macos26").value()});
  ASSERT_TRUE(answer.evaluations[0].reason);
  EXPECT_EQ(answer.evaluations[0].reason->code, "other-os");
  EXPECT_EQ(answer.evaluations[0].reason->message, "this host runs macOS 15.5, not macOS 26");
}

}  // namespace
}  // namespace anecompat::evaluate
