// The gate: evaluations in, findings and an exit code out.
#pragma once

#include "gate/baseline.hpp"
#include "gate/policy.hpp"
#include "manifest/manifest.hpp"
#include "report/report.hpp"

#include <chrono>

namespace anecompat::gate {

// `check`'s exit codes (DESIGN section 4); the worst that applies wins in the order 2, 3, 1, 4, 0.
enum class ExitCode : int {
  passed = 0,
  failed = 1,
  usage = 2,
  not_evaluated = 3,
  nothing_to_check = 4
};

// Judges a report whose entries and evaluations are filled in: replaces its findings, and sets
// expectations, totals and exit code. Entries are matched with the manifest's by name; findings are
// ordered by entry, target and rule. Pure: the same input gives the same findings. Suppressions are
// good up to and including the day they expire.
// `reference` is what to compare with; null: nothing, and the rules about baselines are silent.
void judge(report::Report& report, const manifest::Manifest& manifest, const Policy& policy,
           std::chrono::year_month_day today, const Reference* reference = nullptr);

// The same as of today.
void judge(report::Report& report, const manifest::Manifest& manifest, const Policy& policy,
           const Reference* reference = nullptr);

}  // namespace anecompat::gate
