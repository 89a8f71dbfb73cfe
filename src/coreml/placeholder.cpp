#include "coreml/placeholder.hpp"

#include <algorithm>

namespace anecompat::coreml {

std::optional<Error> placeholder(std::string_view head) {
  if (head.starts_with("version https://git-lfs")) {
    return Error{.kind = ErrorKind::unreadable,
                 .message = "is a Git LFS pointer, not the file itself",
                 .advice = "run `git lfs pull`; in GitHub Actions, check out with `lfs: true`"};
  }
  const bool is_annex_key = head.starts_with("/annex/objects/");
  const bool is_link_text = (head.starts_with("../") || head.starts_with(".git/")) &&
                            head.find("annex/objects") != std::string_view::npos;
  if (is_annex_key || is_link_text) {
    return Error{.kind = ErrorKind::unreadable,
                 .message = "is a git-annex pointer, not the file itself",
                 .advice = "run `git annex get` on it"};
  }
  return std::nullopt;
}

std::optional<Error> placeholder(ByteSource& source) {
  constexpr std::size_t k_head = 256;
  const auto bytes = source.bytes();
  const auto size = std::min(bytes.size(), k_head);
  if (size == 0 || !source.load(bytes.data(), size))
    return std::nullopt;
  auto error = placeholder(std::string_view(reinterpret_cast<const char*>(bytes.data()), size));
  if (error)
    error->file = source.name();
  return error;
}

}  // namespace anecompat::coreml
