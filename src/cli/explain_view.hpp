// What `explain` shows to people.
#pragma once

#include "ane/rules.hpp"
#include "report/report.hpp"

#include <cstdint>
#include <string>

namespace anecompat::cli {

enum class ExplainDetail : std::uint8_t { off_the_ane, all_ops };

// The operations off the ANE grouped by cause, most operations first, with what to do about each
// cause; targets that agree share one section. `rules` has the words for the reason codes.
std::string explain_text(const report::Entry& entry, const ane::RuleSet& rules,
                         ExplainDetail detail);

}  // namespace anecompat::cli
