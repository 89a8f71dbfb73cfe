// Estimates that Core ML wrote down in an analytics.mil, tied to the operations they are about.
#pragma once

#include "ane/calibration.hpp"
#include "coreml/graph.hpp"
#include "support/result.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace anecompat::ane {

// One analytics.mil. The observations point to the graph, which stays where it is when this moves.
struct ObservedFile {
  std::string path;
  std::unique_ptr<const coreml::Graph> graph;
  std::vector<CostObservation> rows;   // file order; operations with an estimate
  std::vector<std::string> names;      // "main/conv_3", of the rows
  std::vector<std::size_t> functions;  // of the rows: equal for rows of one function
  std::size_t silent = 0;              // operations that Core ML says nothing of
};

// Errors: not_found, unreadable (line and column).
Result<ObservedFile> read_observations(const std::string& path);

// Whether the solve, given the estimates Core ML printed, puts operations where Core ML did.
struct PlacementCheck {
  std::size_t compared = 0;     // operations with a backend that Core ML selected
  std::size_t same = 0;         // on that device, or on either where both are equally fast
  std::size_t first_other = 0;  // row of the first that differs, if any
};
PlacementCheck check_placement(const ObservedFile& file, const SolveCosts& costs);

}  // namespace anecompat::ane
