#include "source/fetcher.hpp"

#include "source/archive.hpp"
#include "source/github_release.hpp"
#include "source/hugging_face.hpp"
#include "source/model_digest.hpp"
#include "source/transfer.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

namespace anecompat::source {

namespace fs = std::filesystem;

namespace {

// Downloads into the work directory; what comes back has the right digest.
Result<fs::path> download(const Locator& locator, const std::string& sha256,
                          const FetchOptions& options, const fs::path& work,
                          const Progress& progress) {
  const auto target = work / "download" / locator.file_name();
  if (locator.kind != Locator::Kind::hugging_face) {
    HttpRequest request{.url = locator.text};
    if (locator.kind == Locator::Kind::github_release) {
      ANECOMPAT_TRY_ASSIGN(request, github_asset_request(locator, options.network));
    }
    ANECOMPAT_TRY(download_file(request, options.network, target.string(), sha256, progress));
    return target;
  }
  ANECOMPAT_TRY(fetch_hugging_face(locator, options.network, target.parent_path(), progress));
  ANECOMPAT_TRY_ASSIGN(const auto digest, model_digest(target.string()));
  if (digest != sha256) {
    fs::remove_all(target.parent_path());
    return fail(
        {.kind = ErrorKind::download,
         .message = fmt::format("its SHA-256 is {}, and {} was expected", digest, sha256),
         .advice = "if the model was meant to change, put the new value into the manifest"});
  }
  return target;
}

Result<std::string> fetch_into_cache(const Locator& locator, const std::string& sha256,
                                     const FetchOptions& options, const Cache& cache,
                                     const Progress& progress) {
  const auto work = cache.work_directory(sha256);
  ANECOMPAT_TRY_ASSIGN(const auto downloaded, download(locator, sha256, options, work, progress));
  if (fs::is_directory(downloaded))
    return cache.store(sha256, downloaded);
  ANECOMPAT_TRY_ASSIGN(const bool archive, is_archive(downloaded.string()));
  if (!archive)
    return cache.store(sha256, downloaded);

  // An archive whose root is the bundle itself still needs a name for it: that of the archive.
  const auto unpacked = work / "unpacked" / fs::path(locator.file_name()).stem();
  fs::remove_all(unpacked);
  fs::create_directories(unpacked);
  ANECOMPAT_TRY(unpack_archive(downloaded.string(), unpacked.string()));
  ANECOMPAT_TRY_ASSIGN(const auto model, find_only_model(unpacked.string()));
  return cache.store(sha256, model);
}

// After a failure: bytes on their way to a whole file are for the next run to carry on from, and
// anything else is of no use.
void clean_up(const fs::path& work) {
  std::error_code ignored;
  fs::remove_all(work / "unpacked", ignored);
  for (const auto& entry : fs::recursive_directory_iterator(work / "download", ignored)) {
    if (entry.path().extension() == k_incomplete && entry.is_regular_file(ignored))
      return;
  }
  fs::remove_all(work, ignored);
}

}  // namespace

Result<std::string> fetch_model(const Locator& locator, const std::string& sha256,
                                const FetchOptions& options, const Progress& progress) {
  const Cache cache(options.cache);
  if (auto found = cache.find(sha256); !found.empty())
    return found;
  if (options.offline) {
    return fail(
        {.kind = ErrorKind::download,
         .message = fmt::format("{}: is not in the cache, and --offline forbids to download it",
                                printable(locator.text)),
         .advice = "run once without --offline"});
  }
  ANECOMPAT_TRY_ASSIGN(const auto lock, cache.lock(sha256));
  if (auto found = cache.find(sha256); !found.empty())
    return found;  // another process was faster
  try {
    auto model = fetch_into_cache(locator, sha256, options, cache, progress);
    if (!model) {
      clean_up(cache.work_directory(sha256));
      auto error = std::move(model.error());
      error.message = fmt::format("{}: {}", printable(locator.text), error.message);
      error.file.clear();  // a path inside the cache would only confuse
      return fail(std::move(error));
    }
    return model;
  } catch (const fs::filesystem_error& error) {
    return fail({.kind = ErrorKind::system,
                 .message = fmt::format("{}: {}", printable(locator.text), error.what())});
  }
}

}  // namespace anecompat::source
