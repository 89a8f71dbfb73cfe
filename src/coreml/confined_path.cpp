#include "coreml/confined_path.hpp"

#include "support/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace anecompat::coreml {

namespace {

constexpr int k_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

Error open_error(int code, std::string_view relative, std::string_view component,
                 const std::string& directory) {
  if (code == ELOOP || code == EMLINK) {
    return {.kind = ErrorKind::unreadable,
            .message = fmt::format(R"(path "{}" leads through the symbolic link "{}")",
                                   printable(relative), printable(component)),
            .file = directory,
            .advice =
                "replace the link by what it points to: models are read without following "
                "links"};
  }
  const bool missing = code == ENOENT || code == ENOTDIR;
  return {.kind = missing ? ErrorKind::not_found : ErrorKind::system,
          .message = fmt::format("cannot open \"{}\": {}", printable(relative),
                                 std::generic_category().message(code)),
          .file = directory};
}

}  // namespace

Descriptor::~Descriptor() {
  if (m_file >= 0)
    ::close(m_file);
}

const char* path_objection(std::string_view relative) {
  if (relative.empty())
    return "is empty";
  if (relative.find('\0') != std::string_view::npos)
    return "holds a NUL character";
  if (relative.front() == '/')
    return "is absolute";
  for (const auto component : split(relative, '/')) {
    if (component == "..")
      return "leaves its directory by \"..\"";
  }
  return nullptr;
}

Result<Descriptor> open_below(const std::string& directory, std::string_view relative) {
  if (const char* objection = path_objection(relative)) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("path \"{}\" {}", printable(relative), objection),
                 .file = directory,
                 .advice = "paths inside a model stay inside the model"});
  }
  Descriptor current(::open(directory.c_str(), k_flags | O_DIRECTORY));
  if (current.get() < 0)
    return fail(open_error(errno, ".", ".", directory));
  for (const auto component : split(relative, '/')) {
    if (component.empty() || component == ".")
      continue;
    Descriptor next(::openat(current.get(), std::string(component).c_str(), k_flags | O_NOFOLLOW));
    if (next.get() < 0)
      return fail(open_error(errno, relative, component, directory));
    current = std::move(next);
  }
  return current;
}

Result<std::string> confined_path(const std::string& directory, std::string_view relative) {
  ANECOMPAT_TRY(open_below(directory, relative));
  return directory + "/" + std::string(relative);
}

}  // namespace anecompat::coreml
