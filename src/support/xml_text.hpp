// Any bytes as XML 1.0 (and HTML) text. The only place where XML is escaped.
#pragma once

#include <string>
#include <string_view>

namespace anecompat {

// Terminal escape sequences are removed; characters XML 1.0 does not allow (not even as character
// references) and invalid UTF-8 become U+FFFD; invisible and direction-changing characters become
// visible as \u{N}; markup characters become references, so that no "]]>" is left either.
std::string xml_text(std::string_view text);

// The same for the inside of a quoted attribute, with tabs and line ends kept as references.
std::string xml_attribute(std::string_view text);

}  // namespace anecompat
