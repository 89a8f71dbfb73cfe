#include "ane/cost_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::ane {

std::string_view to_string(CostBackend backend) {
  switch (backend) {
    case CostBackend::ane:
      return "ane";
    case CostBackend::bnns:
      return "bnns";
    case CostBackend::classic_cpu:
      return "classic_cpu";
    case CostBackend::mps_graph:
      return "mps_graph";
  }
  return "?";
}

std::optional<CostBackend> parse_cost_backend(std::string_view text) {
  for (const CostBackend backend : k_cost_backends)
    if (to_string(backend) == text)
      return backend;
  return std::nullopt;
}

Backend device_of(CostBackend backend) {
  switch (backend) {
    case CostBackend::ane:
      return Backend::ane;
    case CostBackend::mps_graph:
      return Backend::gpu;
    case CostBackend::bnns:
    case CostBackend::classic_cpu:
      break;
  }
  return Backend::cpu;
}

std::string_view to_string(Exactness exactness) {
  switch (exactness) {
    case Exactness::exact:
      return "exact";
    case Exactness::fitted:
      return "fitted";
    case Exactness::extrapolated:
      return "extrapolated";
  }
  return "?";
}

const CostRule* CostTable::rule_for(std::string_view op_type) const {
  const auto found = rule_of_op.find(op_type);
  return found == rule_of_op.end() ? nullptr : &rules[found->second];
}

TableChoice CostTables::choice(const Target& target) const {
  auto choice = choices.at(target.chip);
  const auto measured = parse_os_version(choice.table->os);
  if (!target.os || (measured && measured->core_ml() / 100 == target.os->core_ml() / 100))
    return choice;
  choice.confidence = std::min(choice.confidence, Confidence::medium);
  choice.note += fmt::format("{}estimates of {} are not known for this chip",
                             choice.note.empty() ? "" : "; ", display_name(*target.os));
  return choice;
}

}  // namespace anecompat::ane
