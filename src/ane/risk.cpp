#include "ane/risk.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::ane {

void RiskCollector::add_operation(const GraphContext& context, const coreml::OperationSite& site,
                                  const OpFacts& facts) {
  for (const auto* row : m_rules->risks_for(site.op.type)) {
    if (!row->rule.concerns(m_target) || !row->rule.holds(facts))
      continue;
    const auto met = std::ranges::find(m_found, row, &FoundRisk::row);
    if (met != m_found.end()) {
      ++met->count;
      continue;
    }
    const auto filled = message_context(context, site, facts, m_target);
    m_found.push_back(
        {.row = row, .message = fill_message(row->rule.message, filled), .op = site.path()});
  }
}

void RiskCollector::add_model(const OpFacts& facts) {
  for (const auto& row : m_rules->risks()) {
    if (row.scope != RiskRow::Scope::model || !row.rule.concerns(m_target) ||
        !row.rule.holds(facts) ||
        std::ranges::find(m_found, &row, &FoundRisk::row) != m_found.end())
      continue;
    m_found.push_back({.row = &row,
                       .message = fill_message(row.rule.message,
                                               {.facts = &facts, .chip = to_string(m_target.chip)}),
                       .op = {}});
  }
}

std::vector<FoundRisk> RiskCollector::take() && {
  for (auto& risk : m_found) {
    if (risk.count > 1)
      risk.message += fmt::format(" (and {} more like it)", risk.count - 1);
  }
  return std::move(m_found);
}

}  // namespace anecompat::ane
