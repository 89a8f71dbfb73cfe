// Adding a suppression to a manifest's text without touching anything else in it.
#pragma once

#include "manifest/manifest.hpp"
#include "support/result.hpp"

#include <string>
#include <string_view>

namespace anecompat::gate {

// `text` with the suppression after those it has, in the style of what is there: a block list, a
// flow list, an empty one, or none. Comments, layout and line ends stay. The result is parsed
// again: it holds all the suppressions it held, in order, and the new one, else nothing is
// returned. Errors: manifest, with the lines to add by hand.
Result<std::string> add_suppression(std::string_view text, const std::string& path,
                                    const manifest::Suppression& suppression);

}  // namespace anecompat::gate
