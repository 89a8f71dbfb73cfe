// One model judged as the original ANECompat did: a level that is an exit code.
#pragma once

#include "cli/evidence_choice.hpp"
#include "report/report.hpp"
#include "support/result.hpp"

#include <string>

namespace anecompat::cli {

// 0, 1, 2 and 8 are the levels (ane::Level).
inline constexpr int k_level_unreadable = 3;
inline constexpr int k_level_compile = 4;     // Core ML could not compile or load it
inline constexpr int k_level_input = 5;       // no input could be made for it
inline constexpr int k_level_prediction = 6;  // it could not be run
inline constexpr int k_level_other = 7;       // crashes, timeouts, and everything else

struct LevelRun {
  report::Report report;  // one entry with one evaluation, for this host's chip, else h16
  std::string text;       // the level and how it was found, in lines fit for a terminal

  const evaluate::Evaluation& evaluation() const { return report.entries[0].evaluations[0]; }
};

// The level, or the number of the error above.
int level_code(const evaluate::Evaluation& evaluation);

struct LevelRequest {
  std::string model_path;
  evaluate::EvidenceWanted evidence = evaluate::EvidenceWanted::automatic;
  std::string log_directory;   // receives level.log, report.json and what a measurement saw; may be
                               // empty
  std::string worker_program;  // that measurements are made by; empty: this program
};

// report.exit_code of the result is the level's code. Errors: system, when the logs cannot be
// written or this program not be found.
Result<LevelRun> run_for_level(const LevelRequest& request,
                               const evaluate::HostAbility& host = host_ability());

}  // namespace anecompat::cli
