// Which kind of evidence this program can gather on this host.
#pragma once

#include "support/result.hpp"

#include <string_view>

namespace anecompat::cli {

// Whether --evidence `word` can be had here: "auto" and "predicted" always; "measured" and
// "planned" are refused rather than answered by something weaker. Errors: usage.
Result<void> require_evidence(std::string_view word);

}  // namespace anecompat::cli
