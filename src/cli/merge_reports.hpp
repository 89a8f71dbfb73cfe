// Joining the reports of shards.
#pragma once

#include "report/report.hpp"
#include "support/result.hpp"

#include <string>
#include <vector>

namespace anecompat::cli {

struct SavedReport {
  std::string path;
  report::Report report;
};

struct MergedReport {
  report::Report report;
  std::string manifest_sha256;  // of the manifest all shards were checked with
};

// All shards of one run as one report, with the entries in the manifest's order; its findings about
// the run as a whole, totals and exit code are still to be judged. `run` starts with the first
// shard and lasts as long as all of them. Errors (unreadable), naming the files: a report that is
// no shard, or one that is missing, twice there, or of another run (other program, manifest,
// policy, plan, or measured on another machine).
Result<MergedReport> merge_reports(std::vector<SavedReport> shards);

}  // namespace anecompat::cli
