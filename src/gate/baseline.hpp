// The committed record that evaluations are compared with.
//
// A JSON file made for review and for merging: sorted, one line for each group of operations that
// are alike, no times, no order of operations. docs/baseline.md describes it.
#pragma once

#include "evaluate/evaluation.hpp"
#include "manifest/manifest.hpp"
#include "report/report.hpp"
#include "support/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::gate {

// One evaluation as it was recorded. Of the evaluation only what a baseline holds is filled in:
// target, evidence, levels, counts, shares, segments, and operations in an order of their own.
struct BaselineRecord {
  std::string entry;
  std::string reason;  // why it was recorded
  std::string digest;  // of the model
  std::string host;    // "macOS 15.5 (24F74)"; empty for predictions, which depend on no host
  evaluate::Evaluation evaluation;
};

struct Baseline {
  std::vector<BaselineRecord> records;  // by entry, target and evidence, each once
};

// Where a baseline is, and what it says.
struct Reference {
  std::string name;  // as given: a path, or GITREF:PATH
  bool exists = false;
  Baseline baseline;
};

// Errors: unreadable, with file and position.
Result<Baseline> parse_baseline(std::string_view text, const std::string& name);

// Byte-stable: the same records give the same text.
std::string to_json(const Baseline& baseline);

// Reads PATH, or GITREF:PATH by git in the directory of the manifest. A file that does not exist is
// no error: the gate has a rule for it. Errors: unreadable, system, and not_found for a GITREF that
// is not here, with the `git fetch` that gets it.
Result<Reference> load_baseline(const std::string& path_or_ref, const std::string& manifest_path);

// The record to compare an evaluation with: the one of the same evidence, else, between measured
// and planned, which are both Core ML's own, the other. Null when there is none. A prediction is
// compared with predictions only.
const BaselineRecord* find_record(const Baseline& baseline, const std::string& entry,
                                  const evaluate::Evaluation& evaluation);

// What to bear in mind when the two are compared; empty: nothing.
std::string comparison_note(const BaselineRecord& record, const report::Host& host,
                            const evaluate::Evaluation& evaluation);

// What an update did, by record: "detector on h16 (predicted)".
struct BaselineChanges {
  std::vector<std::string> added;
  std::vector<std::string> updated;
  std::vector<std::string> pruned;
  std::vector<std::string> kept_unevaluated;  // there is no new result, so the old one stays

  bool any() const { return !added.empty() || !updated.empty() || !pruned.empty(); }
};

// Records what the report found. A record whose contents would stay the same is not touched, and
// keeps its reason. Evaluations that failed or have no level leave theirs as it is.
BaselineChanges update_baseline(Baseline& baseline, const report::Report& report,
                                const std::string& reason);

// Takes out records of entries and targets that the manifest does not have any more.
std::vector<std::string> prune_baseline(Baseline& baseline, const manifest::Manifest& manifest);

// The records that prune_baseline() would take out.
std::vector<const BaselineRecord*> gone_records(const Baseline& baseline,
                                                const manifest::Manifest& manifest);

// "detector on h16 (predicted)"
std::string title_of(const BaselineRecord& record);

}  // namespace anecompat::gate
