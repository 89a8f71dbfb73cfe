// One model evaluated outside a manifest, as `explain`, `init` and the original's form do.
#pragma once

#include "ane/target.hpp"
#include "ane/verdict.hpp"
#include "evaluate/evaluator.hpp"
#include "report/report.hpp"
#include "support/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::cli {

// How a single model is asked about beyond its path.
struct SingleOptions {
  std::string function = {};  // empty: the default one
  ane::ComputeUnits compute_units = ane::ComputeUnits::cpu_and_ne;
  ane::ReshapeFrequency reshape_frequency = ane::ReshapeFrequency::frequent;
  std::vector<std::string> what_if = {};  // as evaluate::parse_what_if() takes them
};

// A report with one entry, named after the file, and one evaluation for each target. Errors: a
// wrong rule file. A model that cannot be read is no error here: its evaluations hold it.
Result<report::Report> evaluate_single(const std::string& model_path,
                                       const std::string& rules_directory,
                                       std::span<const ane::Target> targets,
                                       const SingleOptions& options = {});

// The same by a given evaluator, for request.targets.
report::Report evaluate_single(const evaluate::Evaluator& evaluator,
                               const evaluate::Request& request);

// The file's name without its endings: "models/A.mlmodel.gz" → "A".
std::string model_stem(std::string_view path);

// "h16 (A17 Pro, M4): 12 of 14 ops on the ANE (86 %), 3 segments".
std::string summary_line(const evaluate::Evaluation& evaluation);

// printable() for each line, keeping the line ends: for text that we wrote around names we did not.
std::string printable_lines(std::string_view text);

}  // namespace anecompat::cli
