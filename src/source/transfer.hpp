// Downloading one file to disk: resumed, retried, verified.
#pragma once

#include "source/http.hpp"
#include "support/result.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace anecompat::source {

// What is asked for as a download goes on: bytes so far, and the total when the server said it.
using Progress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// What the name of a file that is not whole yet ends with.
inline constexpr const char* k_incomplete = ".incomplete";

// Downloads to `path` and checks that the content has the SHA-256 `sha256` (64 lower-case hex
// digits; empty: not checked). Bytes collect in `path`.incomplete, which a later call carries on
// from, and which stays behind only where it can; the file itself appears whole and right, or not
// at all. A server that ignores Range, or whose file has changed meanwhile, costs one new start,
// never a wrong file. Errors: download, system, interrupted.
Result<void> download_file(const HttpRequest& request, const NetworkPolicy& policy,
                           const std::string& path, const std::string& sha256,
                           const Progress& progress);

// Size and SHA-256 of a file on disk. Errors: system.
struct FileDigest {
  std::uint64_t size = 0;
  std::string sha256;
};
Result<FileDigest> digest_file(const std::string& path);

}  // namespace anecompat::source
