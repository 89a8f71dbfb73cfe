#include "ane/observations.hpp"

#include "ane/segmentation.hpp"
#include "coreml/analytics.hpp"
#include "coreml/mil_text_reader.hpp"
#include "coreml/walk.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace anecompat::ane {

namespace {

using coreml::OperationAnalysis;

std::map<std::pair<std::string_view, std::string_view>, const OperationAnalysis*> by_name(
    std::span<const OperationAnalysis> analyses) {
  std::map<std::pair<std::string_view, std::string_view>, const OperationAnalysis*> found;
  for (const auto& analysis : analyses)
    found.emplace(std::pair<std::string_view, std::string_view>(analysis.function, analysis.name),
                  &analysis);
  return found;
}

CostObservation observation(const coreml::Graph& graph, const coreml::Operation& op,
                            const OperationAnalysis& analysis) {
  CostObservation seen{.graph = &graph, .op = &op, .ms = {}, .selected = {}};
  for (const auto& backend : analysis.backends) {
    const auto known = parse_cost_backend(backend.backend);
    if (known && backend.supported.value_or(true))
      seen.ms[*known] = backend.estimated_runtime;
  }
  seen.selected = parse_cost_backend(analysis.selected_backend);
  return seen;
}

}  // namespace

Result<ObservedFile> read_observations(const std::string& path) {
  const coreml::ReadLimits limits;
  ANECOMPAT_TRY_ASSIGN(const auto text, read_text_file(path, limits.max_text_bytes));
  auto analyses = coreml::read_analytics(text, limits);
  if (!analyses)
    return fail(std::move(analyses.error()).in_file(path));
  ANECOMPAT_TRY_ASSIGN(auto graph, coreml::read_mil_file(path, limits));
  ObservedFile file{.path = path,
                    .graph = std::make_unique<const coreml::Graph>(std::move(graph)),
                    .rows = {},
                    .names = {},
                    .functions = {}};
  if (analyses->empty()) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = "no operation carries an estimate of Core ML",
                 .file = path,
                 .advice = "an analytics.mil has EstimatedRunTime and SelectedBackend at each "
                           "operation; docs/prediction.md says how to get one"});
  }
  const auto estimates = by_name(*analyses);
  std::size_t function_number = 0;
  const coreml::Function* function = nullptr;
  coreml::walk_all(*file.graph, [&](const coreml::OperationSite& site) {
    if (site.op.kind != coreml::OperationKind::compute)
      return;
    if (function != &site.function) {
      function = &site.function;
      ++function_number;
    }
    const auto found = estimates.find({site.function.name, site.op.name});
    if (found == estimates.end()) {
      ++file.silent;
      return;
    }
    file.rows.push_back(observation(*file.graph, site.op, *found->second));
    file.names.push_back(site.path());
    file.functions.push_back(function_number);
  });
  return file;
}

PlacementCheck check_placement(const ObservedFile& file, const SolveCosts& costs) {
  PlacementCheck check;
  std::size_t first = 0;
  while (first < file.rows.size()) {
    auto last = first;
    std::vector<SolveItem> items;
    for (; last < file.rows.size() && file.functions[last] == file.functions[first]; ++last) {
      SolveItem item{.ms = file.rows[last].ms};
      item.ms[CostBackend::mps_graph].reset();
      items.push_back(item);
    }
    const auto solved = segment(items, costs);
    for (auto i = first; i < last; ++i) {
      const auto& selected = file.rows[i].selected;
      const auto& placed = solved.items[i - first];
      if (!selected || !placed.backend || *selected == CostBackend::mps_graph)
        continue;
      bool agrees = false;
      for (const auto backend : k_cost_backends)
        agrees = agrees || (placed.optimal[backend] && device_of(backend) == device_of(*selected));
      ++check.compared;
      if (agrees)
        ++check.same;
      else if (check.compared - check.same == 1)
        check.first_other = i;
    }
    first = last;
  }
  return check;
}

}  // namespace anecompat::ane
