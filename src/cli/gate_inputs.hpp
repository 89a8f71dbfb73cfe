// What the commands around the gate start from: a manifest, its baseline, and what its models are.
#pragma once

#include "cli/source_resolver.hpp"
#include "gate/baseline.hpp"
#include "manifest/manifest.hpp"
#include "report/report.hpp"
#include "support/result.hpp"

#include <string>
#include <vector>

namespace anecompat::cli {

// The baseline to use: the one of the command line, else the manifest's, else
// `anecompat.baseline.json` beside the manifest.
std::string baseline_path(const std::string& option, const manifest::Manifest& manifest);

struct FreshRun {
  std::string manifest_path;
  std::vector<std::string> filters;  // of entry names; empty: all
  std::string rules;                 // directory; empty: the built-in ones
  unsigned jobs = 0;                 // 0: one per core
  SourceSettings sources;
};

// Evaluates the manifest's entries, as `check` does without options, and judges nothing. Says on
// standard error what it downloads. Errors: a
// wrong rule file.
Result<report::Report> evaluate_now(const manifest::Manifest& manifest, const FreshRun& run);

}  // namespace anecompat::cli
