#include "support/embedded_files.hpp"

#include <algorithm>

namespace anecompat {

std::optional<std::string_view> embedded_file(std::string_view name) {
  const auto files = embedded_files();
  const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
  if (found == files.end())
    return std::nullopt;
  return found->contents;
}

}  // namespace anecompat
