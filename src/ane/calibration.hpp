// Compares a cost table with estimates that Core ML wrote itself, and fits a table to them.
#pragma once

#include "ane/cost.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace anecompat::ane {

// One operation that Core ML printed estimates for. Both pointers outlive the calibration.
struct CostObservation {
  const coreml::Graph* graph = nullptr;
  const coreml::Operation* op = nullptr;
  Rates ms;  // nullopt: the backend refused it, or was not asked
  std::optional<CostBackend> selected;
};

// One number that the table does not reproduce.
struct CostDeviation {
  std::size_t observation = 0;
  CostBackend backend = CostBackend::ane;
  double observed_ms = 0;
  double table_ms = 0;
  std::string rule;  // that the table's estimate came from

  double ratio() const { return table_ms / observed_ms; }
};

// What the observations say about one term of one rule: rates over a stretch of its feature where
// they are constant.
struct FittedStep {
  double lowest = 0;  // feature of the first and the last row seen
  double highest = 0;
  std::size_t rows = 0;
  Rates rates;        // in 10^9 per second; the median of the rows
  double spread = 0;  // largest relative distance of a row from the median
};

struct FittedRule {
  const CostRule* rule = nullptr;  // of the table or one of its fallbacks
  bool flop = false;               // the flop term's rates; else the element term's
  std::vector<FittedStep> steps;
};

struct Calibration {
  std::size_t operations = 0;
  std::size_t numbers = 0;     // estimates compared
  std::size_t reproduced = 0;  // within the tolerance
  double tolerance = 0;
  std::vector<CostDeviation> deviations;   // in the order of the observations
  std::vector<std::string> unknown_types;  // types no rule names, sorted, each once
  PerBackend<std::optional<double>>
      bandwidth;                  // GiB/s, median of the rows that plain memory decides
  std::vector<FittedRule> rules;  // in the table's order
};

inline constexpr double k_calibration_tolerance = 1e-6;

// Work grows with n log n for n observations. The table outlives the result.
Calibration calibrate(std::span<const CostObservation> observations, const CostTable& table,
                      double tolerance = k_calibration_tolerance);

// A chip to write a table for.
struct TableHeader {
  std::string name;  // "m3-macos15"
  ChipFamily family = ChipFamily::h16;
  std::string chip;
  std::string os;
  std::string source;
};

// The fitted rules as a cost table that parse_cost_table() reads. What was not observed is left to
// the fallback, the table that was compared with. Every step is `fitted`: rows of one size cannot
// show that a formula is exact.
std::string proposed_table(const Calibration& calibration, const CostTable& table,
                           const TableHeader& header);

}  // namespace anecompat::ane
