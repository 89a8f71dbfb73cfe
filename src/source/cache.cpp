#include "source/cache.hpp"

#include <fmt/format.h>
#include <sys/file.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace anecompat::source {

namespace fs = std::filesystem;

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Error cache_error(const fs::path& path, const char* what, int code) {
  return {.kind = ErrorKind::system,
          .message = fmt::format("cannot {}: {}", what, std::generic_category().message(code)),
          .file = path.string(),
          .advice = "set ANECOMPAT_CACHE to a directory that can be written"};
}

}  // namespace

fs::path Cache::default_directory() {
  if (const auto set = environment("ANECOMPAT_CACHE"); !set.empty())
    return set;
#if defined(__APPLE__)
  return fs::path(environment("HOME")) / "Library/Caches/anecompat";
#else
  if (const auto set = environment("XDG_CACHE_HOME"); !set.empty())
    return fs::path(set) / "anecompat";
  return fs::path(environment("HOME")) / ".cache/anecompat";
#endif
}

std::string Cache::find(const std::string& sha256) const {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(model_directory(sha256), error))
    return entry.path().string();
  return {};
}

Result<std::string> Cache::store(const std::string& sha256, const fs::path& path) const {
  const auto target = model_directory(sha256);
  // The name must not be that of the moment between making the directory and filling it: the model
  // is put into a directory beside, which is then renamed as a whole.
  const auto staged = work_directory(sha256) / "staged";
  std::error_code error;
  fs::remove_all(staged, error);
  fs::create_directories(staged, error);
  if (!error)
    fs::rename(path, staged / path.filename(), error);
  if (!error)
    fs::create_directories(target.parent_path(), error);
  if (!error)
    fs::remove_all(target, error);
  if (!error)
    fs::rename(staged, target, error);
  if (error)
    return fail(cache_error(target, "store the model", error.value()));
  fs::remove_all(work_directory(sha256), error);
  return (target / path.filename()).string();
}

Result<CacheLock> Cache::lock(const std::string& sha256) const {
  const auto path = m_directory / "locks" / (sha256 + ".lock");
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  auto file = open_file(path.string(), "ab");
  if (!file)
    return fail(cache_error(path, "lock the cache", errno));
  while (::flock(::fileno(file.get()), LOCK_EX) != 0) {
    if (errno != EINTR)
      return fail(cache_error(path, "lock the cache", errno));
  }
  return CacheLock(std::move(file));
}

}  // namespace anecompat::source
