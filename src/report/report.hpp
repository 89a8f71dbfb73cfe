// Everything one run found out: the only thing reporters read, saved as report.json.
#pragma once

#include "evaluate/evaluation.hpp"
#include "report/finding.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace anecompat::report {

constexpr int k_report_schema = 1;

struct Tool {
  std::string version;
  std::string commit;  // empty when not built from a checkout
};

struct Host {
  std::string os;     // "Debian GNU/Linux 12", "macOS 15.5"
  std::string build;  // "24F74"; empty where there is none
  std::string arch;   // "arm64", "x86_64"
  std::string chip;   // "Apple M4"; empty when unknown
  bool ane = false;   // an ANE that measurements could use
  bool vm = false;
};

// What a shard's report must say so that it can be merged with the others.
struct ShardPart {
  std::string manifest_sha256;           // of the manifest's bytes
  std::string plan;                      // digest of which entry is whose
  std::uint64_t entries = 0;             // of all shards
  std::vector<std::uint64_t> positions;  // of this one's entries among them, ascending
};

struct Run {
  std::string started;  // RFC 3339, UTC
  std::chrono::milliseconds duration{0};
  std::string shard;              // "2/8"; empty when unsharded
  std::optional<ShardPart> part;  // of a shard
};

// What the manifest asked of an entry, kept so that a report explains itself.
struct Expectation {
  std::string expect;           // "full", "at-least-partial", …
  std::string expect_eligible;  // empty: not asked
};

struct Entry {
  std::string name;
  std::string source;         // path or URL as the manifest gives it
  std::string manifest_file;  // as given on the command line
  std::uint64_t manifest_line = 0;
  std::string digest;
  std::string format;
  std::string type;
  std::int64_t spec_version = 0;
  std::uint64_t size = 0;
  Expectation expectation;
  std::vector<evaluate::Evaluation> evaluations;
  std::vector<Finding> findings;
  std::optional<std::string> skipped;  // why it was not evaluated, when it was not meant to be
};

struct Totals {
  std::uint32_t entries = 0;
  std::uint32_t evaluations = 0;
  std::uint32_t full = 0;
  std::uint32_t partial = 0;
  std::uint32_t none = 0;
  std::uint32_t unknown = 0;  // no verdict, but no failure either
  std::uint32_t failed = 0;   // could not be evaluated
  std::uint32_t skipped = 0;
  std::uint32_t errors = 0;  // findings by severity, suppressed ones apart
  std::uint32_t warnings = 0;
  std::uint32_t notices = 0;
  std::uint32_t suppressed = 0;
};

struct Report {
  Tool tool;
  Host host;
  Run run;
  std::string manifest;  // as given on the command line
  std::string policy;    // name or path
  std::string baseline;  // that it was compared with, as given; empty: none
  std::vector<Entry> entries;
  std::vector<Finding> findings;  // about the run as a whole
  Totals totals;
  int exit_code = 0;
};

// Counts entries, levels and findings anew.
Totals count_totals(const Report& report);

// Every finding of the report, the run's own first, then by entry; suppressed ones included.
std::vector<const Finding*> all_findings(const Report& report);

}  // namespace anecompat::report
