#include "evaluate/structure_digest.hpp"

#include "support/sha256.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

namespace anecompat::evaluate {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_buffer_size = 256U << 10U;
constexpr std::size_t k_max_files = 100'000;

Error unreadable(const fs::path& path, std::string message) {
  return {.kind = ErrorKind::unreadable, .message = std::move(message), .file = path.string()};
}

// Feeds `size` bytes from `offset` on.
bool feed(std::ifstream& file, std::uint64_t offset, std::uint64_t size, std::vector<char>& buffer,
          Sha256& hash) {
  file.seekg(static_cast<std::streamoff>(offset));
  while (size > 0 && file) {
    const auto wanted = std::min<std::uint64_t>(size, buffer.size());
    file.read(buffer.data(), static_cast<std::streamsize>(wanted));
    const auto got = static_cast<std::uint64_t>(file.gcount());
    hash.update(std::string_view(buffer.data(), got));
    if (got != wanted)
      return false;
    size -= got;
  }
  return size == 0;
}

Result<std::string> hash_file(const fs::path& path, std::uint64_t size, std::vector<char>& buffer) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    return fail(unreadable(path, "cannot be opened"));
  Sha256 hash;
  bool whole = false;
  if (size <= k_whole_file_limit) {
    whole = feed(file, 0, size, buffer, hash);
  } else {
    hash.update("size " + std::to_string(size) + "\n");
    whole = feed(file, 0, k_end_size, buffer, hash) &&
            feed(file, size - k_end_size, k_end_size, buffer, hash);
  }
  if (!whole)
    return fail(unreadable(path, "got shorter while it was read"));
  return hash.finish();
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> files_below(const fs::path& root) {
  std::vector<std::pair<std::string, std::uint64_t>> files;
  std::error_code failed;
  fs::recursive_directory_iterator at(root, failed);
  for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    std::error_code ignored;
    if (at->is_symlink(ignored) || !at->is_regular_file(ignored))
      continue;
    const auto size = at->file_size(ignored);
    if (ignored)
      return fail(unreadable(at->path(), ignored.message()));
    files.emplace_back(at->path().lexically_relative(root).generic_string(), size);
    if (files.size() > k_max_files)
      return fail(unreadable(root, "holds more files than any model has"));
  }
  if (failed)
    return fail(unreadable(root, failed.message()));
  std::ranges::sort(files);
  return files;
}

}  // namespace

Result<StructureDigest> digest_of_structure(const std::string& path) {
  const fs::path root(path);
  std::error_code failed;
  const auto status = fs::status(root, failed);
  if (!fs::exists(status)) {
    return fail({.kind = ErrorKind::not_found, .message = "no such model", .file = path});
  }
  std::vector<char> buffer(k_buffer_size);
  if (fs::is_regular_file(status)) {
    const auto size = fs::file_size(root, failed);
    if (failed)
      return fail(unreadable(root, failed.message()));
    ANECOMPAT_TRY_ASSIGN(const auto hex, hash_file(root, size, buffer));
    return StructureDigest{.digest = "sha256:" + hex, .size = size};
  }
  if (!fs::is_directory(status))
    return fail(unreadable(root, "is neither a file nor a directory"));
  ANECOMPAT_TRY_ASSIGN(const auto files, files_below(root));
  Sha256 hash;
  std::uint64_t total = 0;
  for (const auto& [name, size] : files) {
    ANECOMPAT_TRY_ASSIGN(const auto hex, hash_file(root / name, size, buffer));
    hash.update(name + " " + hex + "\n");
    total += size;
  }
  return StructureDigest{.digest = "sha256:" + hash.finish(), .size = total};
}

}  // namespace anecompat::evaluate
