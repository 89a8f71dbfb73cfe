// Picks, for each target, the evidence that this host can give.
#pragma once

#include "evaluate/evaluator.hpp"

#include <memory>
#include <optional>
#include <string>

namespace anecompat::evaluate {

// What a user asks for.
enum class EvidenceWanted : std::uint8_t { automatic, measured, planned, predicted };

// What this machine has to measure with.
struct HostAbility {
  bool ane = false;                       // an ANE that this process can use
  bool virtual_machine = false;           // a Mac that would have one, were it not virtual
  std::optional<ane::ChipFamily> family;  // nullopt: no Apple chip, or one we do not know
  std::optional<ane::OsVersion> os;       // nullopt: not one of Apple's
  std::string why_not;                    // for people, when there is no ANE
};

// Of the evidence wanted:
// - automatic: measured for the host's own chip where it has a usable ANE; other targets, and hosts
//   without one, are predicted;
// - measured, planned: of the host's own chip only; everything else is `unknown` with a reason
//   (`no-ane-host`, `virtual-machine`, `other-chip`, `other-os`), never something weaker and never
//   `none`;
// A target that names a system is the host's own where the host runs it: macOS 15 is met by 15.5,
// macOS 15.4 is not.
// - predicted: nothing is run.
// `runner` gives the measured or planned evidence; null where this build has none.
std::unique_ptr<Evaluator> make_auto_evaluator(EvidenceWanted wanted, HostAbility host,
                                               std::shared_ptr<const Evaluator> predictor,
                                               std::unique_ptr<Evaluator> runner);

}  // namespace anecompat::evaluate
