// The manifest: which models, on which chips, to which level.
#pragma once

#include "ane/target.hpp"
#include "ane/verdict.hpp"
#include "manifest/rule_settings.hpp"
#include "support/error.hpp"

#include <tl/expected.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::manifest {

// What a level must be.
enum class Expect : std::uint8_t { full, partial, none, at_least_partial, any };

std::string_view to_string(Expect expect);
std::optional<Expect> parse_expect(std::string_view text);

// The chips of an entry when neither it nor the defaults name any: the oldest in service, and the
// one whose rules are best known.
inline constexpr std::array k_default_targets = {ane::ChipFamily::h13, ane::ChipFamily::h16};

// Upper and lower bounds on what a placement may cost; absent: not asked.
struct Budgets {
  std::optional<std::uint32_t> max_segments;
  std::optional<double> min_ane_share;       // of ops, 0…1
  std::optional<double> min_ane_cost_share;  // of estimated time, 0…1
  std::optional<std::uint32_t> max_cpu_ops;
};

// Where a model comes from.
struct Source {
  enum class Kind : std::uint8_t { path, url };
  Kind kind = Kind::path;
  std::string text;      // as written
  std::string resolved;  // a path: relative to the manifest's directory, made usable from here; a
                         // URL: as written
  std::string sha256;    // of a URL, 64 hex digits
};

// One model to evaluate: globs are expanded, defaults are filled in.
struct EntrySpec {
  std::string name;
  Source source;
  TextPosition position;                  // of the entry in the manifest
  std::optional<Expect> expect;           // of the level; defaults to `full` when neither is given
  std::optional<Expect> expect_eligible;  // of the eligible level
  Budgets budgets;
  std::vector<ane::Target> targets;  // each once; empty only when `host_target` is all
  bool host_target = false;          // also the machine this runs on (`host`)
  std::string function;              // empty: the default function
  std::map<std::string, std::vector<std::int64_t>>
      shapes;  // of flexible inputs; default: their default shapes
  ane::ReshapeFrequency reshape_frequency = ane::ReshapeFrequency::frequent;
  std::optional<std::chrono::milliseconds> timeout;
  RuleSettings rules;  // overrides of the policy
};

// An accepted finding.
struct Suppression {
  std::string rule;   // any of these may be empty: matches all
  std::string model;  // entry name or glob
  std::string target;
  std::string op;  // glob over op paths
  std::string fingerprint;
  std::string reason;                   // mandatory
  std::string owner;                    // mandatory
  std::chrono::year_month_day expires;  // mandatory
  TextPosition position;
};

struct Manifest {
  std::string path;    // as given
  std::string policy;  // name, or path resolved against the manifest's directory; empty: the
                       // default policy
  TextPosition policy_position;
  // Path resolved against the manifest's directory, or GITREF:PATH as written; empty: none.
  std::string baseline;
  std::vector<EntrySpec> entries;
  std::vector<Suppression> suppressions;
};

// Loads a manifest strictly. All mistakes are reported, each once, with file:line:column and, for a
// near miss, the word that was meant; there is never a partial manifest.
tl::expected<Manifest, std::vector<Error>> load_manifest(const std::string& path);

// The same from text; `path` is used for messages and to resolve relative paths.
tl::expected<Manifest, std::vector<Error>> parse_manifest(std::string_view text,
                                                          const std::string& path);

}  // namespace anecompat::manifest
