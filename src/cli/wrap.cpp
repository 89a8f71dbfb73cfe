#include "cli/wrap.hpp"

#include "support/text.hpp"

namespace anecompat::cli {

std::string wrap(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  auto column = indent;
  for (const auto word : split(text, ' ')) {
    if (word.empty())
      continue;
    if (column > indent && column + 1 + word.size() > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + '\n';
}

}  // namespace anecompat::cli
