// Accepts findings as the manifest says, and watches over what it says.
#pragma once

#include "gate/draft.hpp"
#include "manifest/manifest.hpp"
#include "report/report.hpp"

#include <chrono>
#include <vector>

namespace anecompat::gate {

class Suppressions {
 public:
  Suppressions(const manifest::Manifest& manifest, std::chrono::year_month_day today);

  // Marks the finding when a suppression in force matches it; its entry, target and fingerprint
  // are filled in already. One by operation matches only when it covers every operation concerned,
  // so that it never hides a new one.
  void apply(Draft& draft);

  // Of the suppressions themselves, in their order: the expired ones, and those that matched
  // nothing although all they could be about was evaluated in this report.
  std::vector<Draft> findings(const report::Report& report) const;

 private:
  bool expired(const manifest::Suppression& suppression) const;
  bool could_have_matched(const manifest::Suppression& suppression,
                          const report::Report& report) const;

  const manifest::Manifest& m_manifest;
  std::chrono::year_month_day m_today;
  std::vector<bool> m_used;
};

}  // namespace anecompat::gate
