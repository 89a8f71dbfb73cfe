#include "github/step_summary.hpp"

#include "source/stdio_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace anecompat::github {

Result<std::string> step_summary_path() {
  const char* path = std::getenv("GITHUB_STEP_SUMMARY");
  if (path == nullptr || *path == '\0') {
    return fail({.kind = ErrorKind::usage,
                 .message = "no file for the job summary: $GITHUB_STEP_SUMMARY is not set",
                 .advice = "outside GitHub Actions give a path, --report summary=summary.md"});
  }
  return path;
}

std::uint64_t step_summary_room(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error)
    return k_step_summary_limit;
  return size < k_step_summary_limit ? k_step_summary_limit - size : 0;
}

Result<void> append_step_summary(const std::string& path, std::string_view markdown) {
  const auto failure = [&](const char* what) {
    return fail({.kind = ErrorKind::system,
                 .message = fmt::format("cannot {} the job summary: {}", what,
                                        std::generic_category().message(errno)),
                 .file = path});
  };
  const auto file = source::open_file(path, "ab");
  if (!file)
    return failure("open");
  if (std::fwrite(markdown.data(), 1, markdown.size(), file.get()) != markdown.size())
    return failure("write");
  if (std::fflush(file.get()) != 0)
    return failure("write");
  return {};
}

}  // namespace anecompat::github
