// What one entry's evaluations break of what the manifest and the policy ask.
#pragma once

#include "gate/draft.hpp"
#include "gate/policy.hpp"
#include "manifest/manifest.hpp"
#include "report/report.hpp"

#include <vector>

namespace anecompat::gate {

// Every finding about the entry, whatever its severity; in no special order. `spec` is null for an
// entry the manifest does not have: then nothing is expected of it. Failures and risks that all
// targets share are one finding without a target.
std::vector<Draft> check_entry(const report::Entry& entry, const manifest::EntrySpec* spec,
                               const Policy& policy);

}  // namespace anecompat::gate
