// Evaluating the entries of a manifest, several at a time.
#pragma once

#include "ane/target.hpp"
#include "ane/verdict.hpp"
#include "evaluate/evaluator.hpp"
#include "manifest/manifest.hpp"
#include "report/report.hpp"
#include "support/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace anecompat::cli {

struct RunSettings {
  unsigned jobs = 1;
  // Of entries that set none themselves.
  std::chrono::milliseconds timeout{std::chrono::minutes{5}};
  ane::ComputeUnits compute_units = ane::ComputeUnits::cpu_and_ne;
  // Replaces the entries' own when not empty.
  std::vector<ane::Target> targets;
  // Where the model of an entry is on this machine; may take its time to download it.
  std::function<Result<std::string>(const manifest::EntrySpec&)> locate;
  // Asked before each entry; once true, what is left gets an error of kind "interrupted".
  std::function<bool()> interrupted;
  // Called after each entry, by one thread at a time.
  std::function<void(std::size_t done, const report::Entry& entry)> progress;
};

// How many models to evaluate at a time when so many are asked for; 0: one per core.
unsigned jobs_wanted(unsigned asked);

// A report that has no entries yet: by this program, on this host, begun now.
report::Report begin_report(const std::string& manifest_path);

// One report entry for each specification, in their order at any number of jobs. Never fails: an
// entry that cannot be evaluated holds an error.
std::vector<report::Entry> evaluate_entries(const std::string& manifest_path,
                                            std::span<const manifest::EntrySpec> specs,
                                            const evaluate::Evaluator& evaluator,
                                            const RunSettings& settings);

// One line on how an entry did, for progress: "full on h16", "partial on h13, full on h16",
// "unreadable".
std::string outcome_of(const report::Entry& entry);

}  // namespace anecompat::cli
