// What changed, in words, for every format alike.
#pragma once

#include "evaluate/evaluation.hpp"

#include <string>

namespace anecompat::report {

// "full → partial"; "full" when it stayed.
std::string level_change(const evaluate::Comparison& comparison);

// "ANE share 100 % → 77.8 % of ops, 100 % → 61.3 % of estimated time"; what is not known is left
// out.
std::string share_change(const evaluate::Comparison& comparison);

// "1 → 3 segments, 0 → 2 transitions"
std::string segment_change(const evaluate::Comparison& comparison);

// "3 ops left the ANE, 1 added"; "no op changed".
std::string op_counts(const evaluate::Comparison& comparison);

// "main/gelu (erf): ane → cpu: unsupported-op: erf has no …", with what changed of type and shape,
// what it pulled along and what it costs. One line; names are printable.
std::string change_line(const evaluate::OpChange& change);

// The same without the path: "left the ANE", "added", …
std::string_view change_word(evaluate::OpChange::Kind kind);

// "anecompat.baseline.json (predicted)", with the note if there is one.
std::string compared_with(const evaluate::Comparison& comparison);

}  // namespace anecompat::report
