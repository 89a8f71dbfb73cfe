// The history as text and as one HTML page that needs nothing but itself.
#pragma once

#include "history/store.hpp"

#include <span>
#include <string>

namespace anecompat::history {

// One line per model and target: its level now, since when, and what it was before.
std::string render_text(std::span<const Series> series);

// A row with a curve of the share of operations on the ANE for each model and target; those whose
// level changed come first.
std::string render_html(std::span<const Series> series);

}  // namespace anecompat::history
