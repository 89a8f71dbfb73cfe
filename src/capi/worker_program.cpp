#include "capi/worker_program.hpp"

#include "capi/anecompat.h"

#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace anecompat::capi {

std::string find_worker_program() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): only read, as everybody does
  if (const char* named = std::getenv("ANECOMPAT_PROGRAM"); named != nullptr && *named != '\0')
    return named;
  Dl_info info = {};
  // The address of any function of this library tells where it was loaded from.
  if (::dladdr(reinterpret_cast<const void*>(&anecompat_api_version), &info) == 0 ||
      info.dli_fname == nullptr)
    return {};
  std::error_code error;
  const auto library = std::filesystem::weakly_canonical(info.dli_fname, error);
  if (error)
    return {};
  for (const auto& candidate :
       {library.parent_path() / "anecompat", library.parent_path() / "../bin/anecompat"}) {
    if (std::filesystem::is_regular_file(candidate, error) &&
        ::access(candidate.c_str(), X_OK) == 0)
      return candidate.lexically_normal().string();
  }
  return {};
}

}  // namespace anecompat::capi
