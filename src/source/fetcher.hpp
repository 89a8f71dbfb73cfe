// The door to remote models: a locator and a digest in, a local model out.
#pragma once

#include "source/cache.hpp"
#include "source/http.hpp"
#include "source/locator.hpp"
#include "source/transfer.hpp"
#include "support/result.hpp"

#include <string>

namespace anecompat::source {

struct FetchOptions {
  std::filesystem::path cache = Cache::default_directory();
  bool offline = false;  // only what is in the cache
  NetworkPolicy network;
};

// Brings the model at `locator` to this machine, once: later calls, also of other processes, find
// it in the cache. `sha256` is that of what is downloaded: the file or archive, or of a bundle
// directory its model_digest(). It decides alone; nothing that differs from it is ever used.
// Archives are unpacked. Returns the path of the model. Errors: download, unreadable, system,
// interrupted; each names the locator.
Result<std::string> fetch_model(const Locator& locator, const std::string& sha256,
                                const FetchOptions& options, const Progress& progress = {});

}  // namespace anecompat::source
