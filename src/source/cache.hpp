// Where downloaded models are kept.
#pragma once

#include "source/stdio_file.hpp"
#include "support/result.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace anecompat::source {

// A lock on one key of the cache, held as long as this lives. Other processes wait for it.
class CacheLock {
 public:
  explicit CacheLock(StdioFile file) : m_file(std::move(file)) {}

 private:
  StdioFile m_file;  // closing it ends the lock
};

// A directory of models by content: models/<sha256>/ holds one model, ready to read, and exists
// only once it is whole and verified. Whoever can write to the directory is trusted, as with any
// build cache.
class Cache {
 public:
  explicit Cache(std::filesystem::path directory) : m_directory(std::move(directory)) {}

  // $ANECOMPAT_CACHE, else the platform's cache directory (~/Library/Caches or $XDG_CACHE_HOME or
  // ~/.cache) + /anecompat.
  static std::filesystem::path default_directory();

  const std::filesystem::path& directory() const { return m_directory; }

  // The model of that digest, or an empty path.
  std::string find(const std::string& sha256) const;
  // Where its parts are collected before store(); on the same file system, kept between runs.
  std::filesystem::path work_directory(const std::string& sha256) const {
    return m_directory / "incoming" / sha256;
  }
  // Makes `path` (a file or directory below the work directory) the model of that digest, at once
  // and whole, and removes the work directory. Returns its new path. Errors: system.
  Result<std::string> store(const std::string& sha256, const std::filesystem::path& path) const;
  // Errors: system.
  Result<CacheLock> lock(const std::string& sha256) const;

 private:
  std::filesystem::path model_directory(const std::string& sha256) const {
    return m_directory / "models" / sha256;
  }

  std::filesystem::path m_directory;
};

}  // namespace anecompat::source
