// The gate: evaluations in, findings and an exit code out.
#pragma once

#include "gate/policy.hpp"
#include "manifest/manifest.hpp"
#include "report/report.hpp"

namespace anecompat::gate {

// `check`'s exit codes (DESIGN section 4); the worst that applies wins in the order 2, 3, 1, 4, 0.
enum class ExitCode : int {
  passed = 0,
  failed = 1,
  usage = 2,
  not_evaluated = 3,
  nothing_to_check = 4
};

// Judges a report whose entries and evaluations are filled in: adds findings, totals and exit code.
// Entries are matched with the manifest's by name. Pure: the same input gives the same findings.
void judge(report::Report& report, const manifest::Manifest& manifest, const Policy& policy);

}  // namespace anecompat::gate
