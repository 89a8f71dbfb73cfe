// A picture of where the operations of a model run, as inline SVG.
#pragma once

#include "evaluate/evaluation.hpp"

#include <cstddef>
#include <string>

namespace anecompat::report {

// One cell per operation in file order, coloured by placement, each with a tooltip; the frame
// around a run of cells is a segment. Colours come from the page's CSS classes (ane, cpu, gpu,
// unplaced). Empty when there are no operations.
std::string op_map_svg(const evaluate::Evaluation& evaluation);

// One bar for the whole model, a part per segment, for models too large to draw op by op.
std::string segment_bar_svg(const evaluate::Evaluation& evaluation);

}  // namespace anecompat::report
