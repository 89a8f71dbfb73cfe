#include "cli/calibrate_view.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace anecompat::cli {

namespace {

constexpr std::size_t k_rows_shown = 12;

struct Place {
  const ane::ObservedFile* file = nullptr;
  std::size_t row = 0;
};

// The observations of all files were given one after another.
Place place_of(std::span<const ane::ObservedFile> files, std::size_t observation) {
  for (const auto& file : files) {
    if (observation < file.rows.size())
      return {&file, observation};
    observation -= file.rows.size();
  }
  return {};
}

// Deviations of one rule on one backend.
struct Group {
  std::size_t count = 0;
  double lowest = 0;
  double highest = 0;
  const ane::CostDeviation* first = nullptr;
};

std::string deviations_text(std::span<const ane::ObservedFile> files,
                            const ane::Calibration& calibration) {
  std::map<std::pair<std::string_view, ane::CostBackend>, Group> groups;
  for (const auto& deviation : calibration.deviations) {
    auto& group = groups[{deviation.rule, deviation.backend}];
    const auto ratio = deviation.ratio();
    group.lowest = group.count == 0 ? ratio : std::min(group.lowest, ratio);
    group.highest = std::max(group.highest, ratio);
    if (group.count++ == 0)
      group.first = &deviation;
  }
  std::string out = "\nwhere the table differs (table / Core ML):\n";
  std::size_t shown = 0;
  for (const auto& [key, group] : groups) {
    if (shown++ == k_rows_shown) {
      out += fmt::format("  and {} more rules\n", groups.size() - k_rows_shown);
      break;
    }
    const auto place = place_of(files, group.first->observation);
    out += fmt::format("  {:<14} {:<11}  {:>9}  ratio {:.4g}", printable(key.first),
                       ane::to_string(key.second), counted(group.count, "op"), group.lowest);
    if (group.highest > group.lowest)
      out += fmt::format(" to {:.4g}", group.highest);
    if (place.file != nullptr)
      out += fmt::format("; {} is {:.6g} ms, the table says {:.6g}",
                         printable(place.file->names[place.row]), group.first->observed_ms,
                         group.first->table_ms);
    out += "\n";
  }
  return out;
}

std::string placement_text(std::span<const ane::ObservedFile> files, const ane::CostTable& table) {
  std::string out;
  for (const auto& file : files) {
    const auto check = ane::check_placement(file, table.solve);
    if (check.compared == 0)
      continue;
    out += fmt::format("{}: with Core ML's own estimates the solve puts {} of {} where Core ML did",
                       printable(file.path), check.same, counted(check.compared, "op"));
    if (check.same < check.compared)
      out += fmt::format("; the first other one is {}", printable(file.names[check.first_other]));
    out += "\n";
  }
  return out;
}

}  // namespace

std::string calibration_text(std::span<const ane::ObservedFile> files,
                             const ane::Calibration& calibration, const ane::CostTable& table) {
  std::size_t silent = 0;
  for (const auto& file : files)
    silent += file.silent;
  auto out =
      fmt::format("table {} ({}, {}) against {}: {} of {} estimates of {} reproduced\n", table.name,
                  table.chip, table.os, counted(files.size(), "file"), calibration.reproduced,
                  calibration.numbers, counted(calibration.operations, "op"));
  if (silent > 0)
    out += fmt::format("{} without an estimate (constants and folded ops have none)\n",
                       counted(silent, "op"));
  out += placement_text(files, table);
  if (!calibration.deviations.empty())
    out += deviations_text(files, calibration);
  if (!calibration.unknown_types.empty())
    out += fmt::format("\nno rule names these types, plain memory was assumed: {}\n",
                       printable(join(calibration.unknown_types, ", ")));
  return out;
}

}  // namespace anecompat::cli
