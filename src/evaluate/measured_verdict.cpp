#include "evaluate/measured_verdict.hpp"

#include <fmt/format.h>

namespace anecompat::evaluate {

namespace {

using ane::Evidence;
using ane::Level;
using ane::Reason;

MeasuredVerdict unknown(Evidence evidence, std::string code, std::string message) {
  return {Level::unknown, evidence, Reason{std::move(code), std::move(message)}};
}

bool failed(const MeasuredFacts& facts) {
  return facts.compile_failures != 0 || facts.evaluation_failures != 0;
}

Reason failure_reason(const MeasuredFacts& facts) {
  const bool compile = facts.compile_failures != 0;
  return {compile ? "ane-compile-failed" : "ane-evaluation-failed",
          fmt::format("{} ANE {} failed: {}",
                      compile ? facts.compile_failures : facts.evaluation_failures,
                      compile ? "compilations" : "evaluations",
                      facts.failure.empty() ? "no error text" : facts.failure)};
}

Reason not_on_ane(const PlanCounts& plan) {
  if (plan.supported == 0)
    return {"ops-unsupported", fmt::format("the ANE takes none of the {} operations", plan.total)};
  return {"supported-not-preferred", fmt::format("the ANE could take {} of {} operations, and Core "
                                                 "ML prefers other devices for all of them",
                                                 plan.supported, plan.total)};
}

bool plan_is_whole(const PlanCounts& plan) {
  return plan.total != 0 && plan.preferred + plan.boundary >= plan.total;
}

MeasuredVerdict from_plan_alone(const PlanCounts& plan) {
  if (plan.total == 0)
    return unknown(Evidence::planned, "empty-plan",
                   "Core ML's plan reports a device for no operation");
  if (plan.preferred == 0)
    return {Level::none, Evidence::planned, not_on_ane(plan)};
  return {plan_is_whole(plan) ? Level::full : Level::partial, Evidence::planned, std::nullopt};
}

// The ANE ran in every prediction.
MeasuredVerdict ran(const MeasuredFacts& facts) {
  if (failed(facts))
    return {Level::partial, Evidence::measured, failure_reason(facts)};
  if (facts.coverage == Coverage::all)
    return {Level::full, Evidence::measured, std::nullopt};
  if (facts.plan) {
    // Segments without names leave the coverage open: then the plan tells whether anything is left
    // out.
    const bool whole = plan_is_whole(*facts.plan) && facts.coverage == Coverage::unknown;
    return {whole ? Level::full : Level::partial, Evidence::measured, std::nullopt};
  }
  return {Level::partial, Evidence::measured,
          Reason{"coverage-unproven",
                 "the ANE ran, but neither a plan nor segment names show that it ran everything"}};
}

// Predictions worked and the ANE was never used.
MeasuredVerdict did_not_run(const MeasuredFacts& facts) {
  if (failed(facts))
    return {Level::none, Evidence::measured, failure_reason(facts)};
  if (!facts.plan)
    return {Level::none, Evidence::measured,
            Reason{"ane-not-used",
                   "no ANE evaluation was seen in any prediction, and no plan says why"}};
  if (facts.plan->preferred != 0)
    return unknown(
        Evidence::measured, "plan-run-mismatch",
        fmt::format("Core ML plans {} operations for the ANE, and no ANE evaluation was seen",
                    facts.plan->preferred));
  return {Level::none, Evidence::measured, not_on_ane(*facts.plan)};
}

}  // namespace

MeasuredVerdict decide(const MeasuredFacts& facts) {
  if (facts.virtual_machine)
    return unknown(Evidence::measured, "virtual-machine",
                   "this is a virtual machine, and those have no ANE");
  if (!facts.ane_host)
    return unknown(Evidence::measured, "no-ane-host", "this machine has no ANE");
  if (!facts.hooks_installed) {
    if (facts.plan)
      return from_plan_alone(*facts.plan);
    return unknown(Evidence::measured, k_no_evidence,
                   "neither an evaluation hook nor Core ML's plan is available");
  }
  if (!facts.predicted)
    return unknown(Evidence::measured, "no-prediction", "no prediction after the warm-up returned");
  return facts.evaluations > 0 ? ran(facts) : did_not_run(facts);
}

}  // namespace anecompat::evaluate
