#include "report/report.hpp"

namespace anecompat::report {

namespace {

void count_evaluation(Totals& totals, const evaluate::Evaluation& evaluation) {
  ++totals.evaluations;
  if (evaluation.error) {
    ++totals.failed;
    return;
  }
  switch (evaluation.level) {
    case ane::Level::full:
      ++totals.full;
      break;
    case ane::Level::partial:
      ++totals.partial;
      break;
    case ane::Level::none:
      ++totals.none;
      break;
    case ane::Level::unknown:
      ++totals.unknown;
      break;
  }
}

void count_finding(Totals& totals, const Finding& finding) {
  if (finding.suppressed) {
    ++totals.suppressed;
    return;
  }
  switch (finding.severity) {
    case Severity::error:
      ++totals.errors;
      break;
    case Severity::warning:
      ++totals.warnings;
      break;
    case Severity::notice:
      ++totals.notices;
      break;
    case Severity::off:
      break;
  }
}

}  // namespace

Totals count_totals(const Report& report) {
  Totals totals;
  for (const auto& entry : report.entries) {
    ++totals.entries;
    if (entry.skipped)
      ++totals.skipped;
    for (const auto& evaluation : entry.evaluations)
      count_evaluation(totals, evaluation);
  }
  for (const auto* finding : all_findings(report))
    count_finding(totals, *finding);
  return totals;
}

std::vector<const Finding*> all_findings(const Report& report) {
  std::vector<const Finding*> findings;
  for (const auto& finding : report.findings)
    findings.push_back(&finding);
  for (const auto& entry : report.entries) {
    for (const auto& finding : entry.findings)
      findings.push_back(&finding);
  }
  return findings;
}

}  // namespace anecompat::report
