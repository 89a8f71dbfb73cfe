// From what a measured run saw to a verdict: one pure table.
//
// The rows follow how Core ML behaves: an ANE compile failure moves work to the CPU without an API
// error, so the plan alone proves nothing; a hook that saw nothing proves nothing either when the
// plan says the ANE should have run. Where the two disagree the answer is `unknown`, never a guess.
#pragma once

#include "ane/reason.hpp"
#include "ane/verdict.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace anecompat::evaluate {

// What Core ML's plan says, over the compute operations of one function.
struct PlanCounts {
  std::uint32_t total = 0;      // operations the plan reports a device for
  std::uint32_t preferred = 0;  // … that it puts on the ANE
  std::uint32_t supported = 0;  // … that the ANE could take
  std::uint32_t boundary = 0;   // … that only adapt inputs and outputs and are not on the ANE
};

// Whether the ANE segments that ran account for the model's inputs and outputs, boundary ops aside.
enum class Coverage : std::uint8_t { unknown, some, all };

// Everything the verdict depends on.
struct MeasuredFacts {
  bool ane_host = false;  // this machine has an ANE that a process can use
  bool virtual_machine = false;
  bool hooks_installed = false;        // at least one evaluation hook is in place
  bool predicted = false;              // at least one prediction after the warm-up returned
  double evaluations = 0;              // successful ANE evaluations per prediction, warm-up aside
  std::uint32_t compile_failures = 0;  // ANE compilations or loads that failed
  std::uint32_t evaluation_failures = 0;  // ANE evaluations that failed
  std::string failure;                    // text of the first failure
  std::optional<PlanCounts> plan;         // nullopt: no plan could be had
  Coverage coverage = Coverage::unknown;
};

// The reason's code where neither hooks nor a plan are to be had.
inline constexpr const char* k_no_evidence = "no-evidence";

struct MeasuredVerdict {
  ane::Level level = ane::Level::unknown;
  ane::Evidence evidence = ane::Evidence::measured;
  std::optional<ane::Reason> reason;

  friend bool operator==(const MeasuredVerdict&, const MeasuredVerdict&) = default;
};

// The verdict. Never `none` for want of hardware: a host without an ANE is `unknown`.
MeasuredVerdict decide(const MeasuredFacts& facts);

}  // namespace anecompat::evaluate
