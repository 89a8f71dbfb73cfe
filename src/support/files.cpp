#include "support/files.hpp"

#include "support/byte_source.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace anecompat {

namespace fs = std::filesystem;

namespace {

Error write_error(const std::string& path, const char* what, int code) {
  return {.kind = ErrorKind::system,
          .message = fmt::format("cannot {}: {}", what, std::generic_category().message(code)),
          .file = path};
}

bool write_all(int file, std::string_view contents) {
  while (!contents.empty()) {
    const auto count = ::write(file, contents.data(), contents.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return false;
    contents.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// mkstemp makes files private; a report keeps the permissions it had, or is readable by all.
mode_t mode_for(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0644U;
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::uint64_t limit) {
  ANECOMPAT_TRY_ASSIGN(const auto source, ByteSource::open(path));
  const auto bytes = source->bytes();
  if (bytes.size() > limit) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("has {} bytes, more than the {} that are reasonable here",
                                        bytes.size(), limit),
                 .file = path});
  }
  if (!source->load(bytes.data(), bytes.size())) {
    return fail(
        {.kind = ErrorKind::unreadable, .message = "was cut while it was read", .file = path});
  }
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Result<void> write_text_file(const std::string& path, std::string_view contents) {
  const fs::path target(path);
  std::error_code error;
  if (target.has_parent_path())
    fs::create_directories(target.parent_path(), error);
  if (error)
    return fail(write_error(path, "create its directory", error.value()));

  auto temporary = path + ".XXXXXX";
  const int file = ::mkstemp(temporary.data());
  if (file < 0)
    return fail(write_error(path, "create", errno));
  const bool written =
      write_all(file, contents) && ::fchmod(file, mode_for(path)) == 0 && ::fsync(file) == 0;
  const int code = errno;
  ::close(file);
  if (!written) {
    ::unlink(temporary.c_str());
    return fail(write_error(path, "write", code));
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int rename_code = errno;
    ::unlink(temporary.c_str());
    return fail(write_error(path, "replace", rename_code));
  }
  return {};
}

}  // namespace anecompat
