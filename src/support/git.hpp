// Files as another commit has them.
#pragma once

#include "support/result.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace anecompat {

struct GitFile {
  std::string directory;  // inside the work tree
  std::string ref;        // "origin/main", "v1.2", "HEAD~1", a commit
  std::string path;       // from the root of the repository, or with ./ from `directory`
  std::uint64_t largest = 64U << 20U;  // bytes
};

// The contents of the file; nullopt when the commit has no such file. Runs git, which must be
// installed; nothing of the request can become an option of it. Errors: usage for a ref that can be
// none, not_found for one that is not here, with the command that fetches it; unreadable, system.
Result<std::optional<std::string>> git_show(const GitFile& file);

}  // namespace anecompat
