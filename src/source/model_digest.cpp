#include "source/model_digest.hpp"

#include "source/transfer.hpp"
#include "support/sha256.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <map>

namespace anecompat::source {

namespace fs = std::filesystem;

Result<std::string> model_digest(const std::string& path) {
  if (!fs::is_directory(path)) {
    ANECOMPAT_TRY_ASSIGN(const auto digest, digest_file(path));
    return digest.sha256;
  }
  std::map<std::string, std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file())
      continue;
    ANECOMPAT_TRY_ASSIGN(const auto digest, digest_file(entry->path().string()));
    files[entry->path().lexically_relative(path).generic_string()] = digest.sha256;
  }
  if (error)
    return fail(
        {.kind = ErrorKind::system, .message = "cannot list: " + error.message(), .file = path});
  Sha256 hash;
  for (const auto& [name, digest] : files)
    hash.update(fmt::format("{}  {}\n", digest, name));
  return hash.finish();
}

}  // namespace anecompat::source
