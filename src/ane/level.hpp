// The level of a model from what becomes of its operations.
#pragma once

#include "ane/verdict.hpp"

#include <span>

namespace anecompat::ane {

// One compute operation, as the level sees it.
struct Standing {
  bool on_ane = false;    // eligible for it, or placed on it: whichever level is asked for
  bool boundary = false;  // a boundary op
  bool adapter = false;   // of a kind that only adapts data (cast, reshape, …), boundary or not
  Confidence confidence = Confidence::low;
};

struct LevelVerdict {
  Level level = Level::unknown;
  Confidence confidence = Confidence::low;
};

// full: every operation that is not a boundary op is on the ANE. none: none is, or only adapters
// are (casts between two CPU parts do not make a model partial). Otherwise partial. A graph of
// nothing but adapters is judged by those; one without operations is unknown.
//
// Constants and operations that Core ML folds are left out by the caller. The confidence is that of
// the evidence: for full and none the weakest operation's, for partial the best there is for one
// operation on either side.
LevelVerdict level_of(std::span<const Standing> operations);

}  // namespace anecompat::ane
