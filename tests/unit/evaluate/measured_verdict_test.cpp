#include "evaluate/measured_verdict.hpp"

#include <gmock/gmock.h>

namespace anecompat::evaluate {
namespace {

using ane::Evidence;
using ane::Level;

constexpr PlanCounts k_all_on_ane{.total = 10, .preferred = 10, .supported = 10, .boundary = 0};
constexpr PlanCounts k_casts_on_cpu{.total = 10, .preferred = 8, .supported = 8, .boundary = 2};
constexpr PlanCounts k_one_off{.total = 10, .preferred = 9, .supported = 9, .boundary = 0};
constexpr PlanCounts k_not_preferred{.total = 10, .preferred = 0, .supported = 10, .boundary = 0};
constexpr PlanCounts k_unsupported{.total = 10, .preferred = 0, .supported = 0, .boundary = 0};

MeasuredFacts capable_host() {
  return {.ane_host = true, .hooks_installed = true, .predicted = true};
}

std::string code_of(const MeasuredVerdict& verdict) {
  return verdict.reason ? verdict.reason->code : "";
}

struct Row {
  const char* name;
  double evaluations;
  std::uint32_t failures;
  std::optional<PlanCounts> plan;
  Coverage coverage;
  Level level;
  const char* reason;
};

class VerdictTable : public testing::TestWithParam<Row> {};

TEST_P(VerdictTable, Holds) {
  const auto& row = GetParam();
  auto facts = capable_host();
  facts.evaluations = row.evaluations;
  facts.compile_failures = row.failures;
  facts.plan = row.plan;
  facts.coverage = row.coverage;
  const auto verdict = decide(facts);
  EXPECT_EQ(verdict.level, row.level);
  EXPECT_EQ(verdict.evidence, Evidence::measured);
  EXPECT_EQ(code_of(verdict), row.reason);
}

INSTANTIATE_TEST_SUITE_P(
    CapableHost, VerdictTable,
    testing::Values(
        Row{"RanAsPlanned", 1, 0, k_all_on_ane, Coverage::unknown, Level::full, ""},
        Row{"CastsOnCpuDoNotSpoilIt", 1, 0, k_casts_on_cpu, Coverage::unknown, Level::full, ""},
        Row{"OneOpOff", 1, 0, k_one_off, Coverage::unknown, Level::partial, ""},
        Row{"SeveralSegments", 3, 0, k_one_off, Coverage::some, Level::partial, ""},
        Row{"SegmentsCoverEverythingBeatsPlan", 1, 0, k_one_off, Coverage::all, Level::full, ""},
        Row{"SegmentsProveLessThanThePlan", 1, 0, k_all_on_ane, Coverage::some, Level::partial, ""},
        Row{"NoPlanButCovered", 1, 0, std::nullopt, Coverage::all, Level::full, ""},
        Row{"NoPlanAndUnproven", 1, 0, std::nullopt, Coverage::unknown, Level::partial,
            "coverage-unproven"},
        Row{"NoPlanAndPartlyCovered", 1, 0, std::nullopt, Coverage::some, Level::partial,
            "coverage-unproven"},
        Row{"RanButSomethingFailed", 1, 1, k_all_on_ane, Coverage::all, Level::partial,
            "ane-compile-failed"},
        Row{"FailedToCompile", 0, 1, k_all_on_ane, Coverage::unknown, Level::none,
            "ane-compile-failed"},
        Row{"TooSmall", 0, 0, k_not_preferred, Coverage::unknown, Level::none,
            "supported-not-preferred"},
        Row{"Unsupported", 0, 0, k_unsupported, Coverage::unknown, Level::none, "ops-unsupported"},
        Row{"PlanSaysAneAndNothingRan", 0, 0, k_all_on_ane, Coverage::unknown, Level::unknown,
            "plan-run-mismatch"},
        Row{"NoPlanAndNothingRan", 0, 0, std::nullopt, Coverage::unknown, Level::none,
            "ane-not-used"}),
    [](const auto& row) { return std::string(row.param.name); });

// The original tool called a model with no ANE call at all "partial".
TEST(Decide, NeverCallsZeroEvaluationsPartialOrFull) {
  for (const auto& plan :
       {std::optional<PlanCounts>(), std::optional(k_all_on_ane), std::optional(k_one_off),
        std::optional(k_not_preferred), std::optional(k_unsupported)}) {
    for (const auto coverage : {Coverage::unknown, Coverage::some, Coverage::all}) {
      for (const std::uint32_t failures : {0U, 2U}) {
        auto facts = capable_host();
        facts.plan = plan;
        facts.coverage = coverage;
        facts.evaluation_failures = failures;
        const auto level = decide(facts).level;
        EXPECT_TRUE(level == Level::none || level == Level::unknown);
      }
    }
  }
}

TEST(Decide, IsUnknownWithoutAnAneWhateverElseWasSeen) {
  for (const double evaluations : {0.0, 1.0}) {
    MeasuredFacts facts{.hooks_installed = true,
                        .predicted = true,
                        .evaluations = evaluations,
                        .plan = k_all_on_ane};
    EXPECT_EQ(decide(facts).level, Level::unknown);
    EXPECT_EQ(code_of(decide(facts)), "no-ane-host");
    facts.virtual_machine = true;
    facts.ane_host = true;
    EXPECT_EQ(decide(facts).level, Level::unknown);
    EXPECT_EQ(code_of(decide(facts)), "virtual-machine");
  }
}

TEST(Decide, FallsBackToThePlanWithoutHooks) {
  auto facts = capable_host();
  facts.hooks_installed = false;
  facts.plan = k_casts_on_cpu;
  EXPECT_EQ(decide(facts), (MeasuredVerdict{Level::full, Evidence::planned, std::nullopt}));
  facts.plan = k_one_off;
  EXPECT_EQ(decide(facts).level, Level::partial);
  facts.plan = k_not_preferred;
  EXPECT_EQ(code_of(decide(facts)), "supported-not-preferred");
  facts.plan = PlanCounts{};
  EXPECT_EQ(code_of(decide(facts)), "empty-plan");
  facts.plan.reset();
  EXPECT_EQ(decide(facts).level, Level::unknown);
  EXPECT_EQ(code_of(decide(facts)), "no-evidence");
}

TEST(Decide, IsUnknownWhenNoPredictionReturned) {
  auto facts = capable_host();
  facts.predicted = false;
  EXPECT_EQ(code_of(decide(facts)), "no-prediction");
}

// Every combination of what the verdict depends on, against the rules it must keep.
template <typename Check>
void for_all_facts(const Check& check) {
  const std::vector<std::optional<PlanCounts>> plans = {
      std::nullopt, PlanCounts{},    k_all_on_ane, k_casts_on_cpu,
      k_one_off,    k_not_preferred, k_unsupported};
  for (const bool host : {false, true})
    for (const bool vm : {false, true})
      for (const bool hooks : {false, true})
        for (const bool predicted : {false, true})
          for (const double evaluations : {0.0, 0.5, 1.0, 7.0})
            for (const std::uint32_t compile : {0U, 1U})
              for (const std::uint32_t evaluate : {0U, 3U})
                for (const auto& plan : plans)
                  for (const auto coverage : {Coverage::unknown, Coverage::some, Coverage::all})
                    check(MeasuredFacts{.ane_host = host,
                                        .virtual_machine = vm,
                                        .hooks_installed = hooks,
                                        .predicted = predicted,
                                        .evaluations = evaluations,
                                        .compile_failures = compile,
                                        .evaluation_failures = evaluate,
                                        .failure = "why",
                                        .plan = plan,
                                        .coverage = coverage});
}

TEST(Decide, KeepsItsRulesForEveryCombination) {
  std::size_t combinations = 0;
  for_all_facts([&](const MeasuredFacts& facts) {
    ++combinations;
    const auto verdict = decide(facts);
    const bool failed = facts.compile_failures + facts.evaluation_failures != 0;
    const bool watched = facts.ane_host && !facts.virtual_machine && facts.hooks_installed;
    const bool ran = watched && facts.predicted && facts.evaluations > 0;
    SCOPED_TRACE(testing::Message() << "host " << facts.ane_host << " vm " << facts.virtual_machine
                                    << " hooks " << facts.hooks_installed << " predicted "
                                    << facts.predicted << " evaluations " << facts.evaluations
                                    << " failed " << failed << " plan " << facts.plan.has_value());
    // No hardware, no verdict.
    if (!facts.ane_host || facts.virtual_machine) {
      EXPECT_EQ(verdict.level, Level::unknown);
    }
    // What is measured says so, and the plan alone is never called measured.
    EXPECT_EQ(verdict.evidence == Evidence::planned,
              facts.ane_host && !facts.virtual_machine && !facts.hooks_installed && facts.plan);
    // Only what ran, or a plan that nobody could watch, is full or partial.
    if (verdict.level == Level::full || verdict.level == Level::partial) {
      EXPECT_TRUE(ran || verdict.evidence == Evidence::planned);
    }
    if (ran) {
      EXPECT_NE(verdict.level, Level::none);
      EXPECT_NE(verdict.level, Level::unknown);
      // A failure always shows.
      EXPECT_EQ(verdict.level == Level::partial && code_of(verdict).starts_with("ane-"), failed);
    }
    if (verdict.level == Level::full) {
      EXPECT_FALSE(ran && failed);
      const bool whole = facts.plan && facts.plan->total != 0 &&
                         facts.plan->preferred + facts.plan->boundary >= facts.plan->total;
      EXPECT_TRUE(facts.coverage == Coverage::all || whole);
    }
    // `none` and `unknown` are never told without a reason.
    if (verdict.level == Level::none || verdict.level == Level::unknown) {
      EXPECT_NE(code_of(verdict), "");
    }
    // Nothing ran though the plan said so, and nothing failed: somebody is wrong.
    if (watched && facts.predicted && facts.evaluations == 0 && !failed && facts.plan &&
        facts.plan->preferred != 0) {
      EXPECT_EQ(code_of(verdict), "plan-run-mismatch");
    }
  });
  EXPECT_EQ(combinations, 2U * 2 * 2 * 2 * 4 * 2 * 2 * 7 * 3);
}

TEST(Decide, QuotesTheFailure) {
  auto facts = capable_host();
  facts.evaluation_failures = 2;
  facts.failure = "ANEProgramProcessRequestDirect() Failed with status=0x16";
  const auto verdict = decide(facts);
  EXPECT_EQ(verdict.level, Level::none);
  EXPECT_EQ(verdict.reason->code, "ane-evaluation-failed");
  EXPECT_THAT(verdict.reason->message, testing::HasSubstr("status=0x16"));
}

}  // namespace
}  // namespace anecompat::evaluate
