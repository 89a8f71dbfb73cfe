// What `calibrate` shows to people.
#pragma once

#include "ane/observations.hpp"

#include <span>
#include <string>

namespace anecompat::cli {

// How well `table` reproduces the estimates of the files, where it does not, and whether the solve
// over Core ML's own estimates gives Core ML's own placement.
std::string calibration_text(std::span<const ane::ObservedFile> files,
                             const ane::Calibration& calibration, const ane::CostTable& table);

}  // namespace anecompat::cli
