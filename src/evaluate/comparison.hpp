// What changed between two evaluations of a model, as the gate finds it and reports keep it.
#pragma once

#include "ane/reason.hpp"
#include "ane/verdict.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::evaluate {

// One operation that is not what, or not where, it was.
struct OpChange {
  enum class Kind : std::uint8_t {
    left,     // was on the ANE, is placed elsewhere
    joined,   // was placed elsewhere, is on the ANE
    moved,    // between other devices
    changed,  // type, dtype or shape; where it is placed is the same
    added,
    removed
  };

  Kind kind = Kind::changed;
  std::string path;                    // now; of a removed one, as it was
  std::string type;                    // likewise
  std::string shape;                   // likewise, "fp16[1, 64, 32, 32]"
  std::optional<ane::Backend> before;  // where it was
  std::optional<ane::Backend> after;   // where it is
  std::optional<ane::Reason> reason;   // why it is off the ANE now
  std::string old_path;                // only when it differs; of a renamed one
  std::string old_type;                // only when it differs
  std::string old_shape;               // only when it differs
  bool eligible = false;               // the ANE would take it as it is now
  bool boundary = false;               // only adapts a graph input or output
  std::optional<double> cost_us;       // estimated time where it is now
  std::string caused_by;     // path of the change that pulled it along; empty: a change by itself
  std::uint32_t pulled = 0;  // operations that it pulled along

  friend bool operator==(const OpChange&, const OpChange&) = default;
};

std::string_view to_string(OpChange::Kind kind);
std::optional<OpChange::Kind> parse_change_kind(std::string_view text);

// The numbers of an evaluation that comparisons are about.
struct Standing {
  ane::Level level = ane::Level::unknown;
  ane::Level eligible_level = ane::Level::unknown;
  std::uint32_t ops = 0;
  std::uint32_t segments = 0;
  std::uint32_t transitions = 0;  // between neighbouring segments on different devices
  std::optional<double> ops_share;
  std::optional<double> cost_share;

  friend bool operator==(const Standing&, const Standing&) = default;
};

struct Comparison {
  std::string with;  // the baseline, as given; empty for two models
  ane::Evidence evidence = ane::Evidence::predicted;  // of the other evaluation
  std::string digest;                                 // of the other model
  std::string note;  // what to bear in mind: other evidence, another macOS; may be empty
  Standing before;
  Standing after;
  std::uint32_t left = 0;  // operations by what happened to them, boundary operations apart
  std::uint32_t joined = 0;
  std::uint32_t moved = 0;
  std::uint32_t changed = 0;
  std::uint32_t added = 0;
  std::uint32_t removed = 0;
  // Those that left the ANE first, in the order of the loss they cause; then joined, moved, added,
  // removed, changed.
  std::vector<OpChange> changes;
  std::uint32_t more_changes = 0;  // that were left out of `changes`

  // Nothing changed but perhaps names, order, and times.
  bool same() const {
    return before.level == after.level && before.eligible_level == after.eligible_level &&
           before.segments == after.segments && before.transitions == after.transitions &&
           changes.empty() && more_changes == 0;
  }
};

}  // namespace anecompat::evaluate
