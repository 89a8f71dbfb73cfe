// The rules about what was recorded before.
#pragma once

#include "gate/baseline.hpp"
#include "gate/draft.hpp"
#include "gate/policy.hpp"
#include "manifest/manifest.hpp"
#include "report/report.hpp"

#include <vector>

namespace anecompat::gate {

class BaselineChecks {
 public:
  // Without a reference there is nothing to say. Does not own what it is given; `report` is asked
  // for its host and the manifest's name.
  BaselineChecks(const Reference* reference, const report::Report& report,
                 const manifest::Manifest& manifest);

  // Compares every evaluation of the entry with its record: fills in the comparisons, and gives the
  // findings that the policy's thresholds let through, whatever their severity.
  std::vector<Draft> check(report::Entry& entry, const Policy& policy) const;

  // About the baseline as a whole.
  std::vector<Draft> check_run() const;

 private:
  void check_evaluation(report::Entry& entry, evaluate::Evaluation& evaluation,
                        const Policy& policy, std::vector<Draft>& drafts) const;

  const Reference* m_reference;
  const report::Report& m_report;
  const manifest::Manifest& m_manifest;
};

}  // namespace anecompat::gate
