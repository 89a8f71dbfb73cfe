// What `explain` shows to people.
#pragma once

#include "ane/cost_table.hpp"
#include "ane/rules.hpp"
#include "report/report.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace anecompat::cli {

enum class ExplainDetail : std::uint8_t { off_the_ane, all_ops };

struct ExplainView {
  ExplainDetail detail = ExplainDetail::off_the_ane;
  // Where the estimates come from; null: not told.
  const ane::CostTables* tables = nullptr;
  // With --what-if the same model as it is, for comparison, and the questions; else null.
  const report::Entry* as_it_is = nullptr;
  std::span<const std::string> what_if = {};
};

// The operations off the ANE grouped by cause, most operations first, with what to do about each
// cause; targets that agree share one section. `rules` has the words for the reason codes.
std::string explain_text(const report::Entry& entry, const ane::RuleSet& rules,
                         const ExplainView& view);

}  // namespace anecompat::cli
