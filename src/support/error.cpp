#include "support/error.hpp"

#include <fmt/format.h>

namespace anecompat {

const char* to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::manifest:
      return "manifest";
    case ErrorKind::not_found:
      return "not-found";
    case ErrorKind::unreadable:
      return "unreadable";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::download:
      return "download";
    case ErrorKind::system:
      return "system";
    case ErrorKind::interrupted:
      return "interrupted";
  }
  return "unknown";
}

std::string Error::to_string() const {
  std::string text;
  if (!file.empty()) {
    text = file;
    if (position.known()) {
      text += fmt::format(":{}", position.line);
      if (position.column != 0)
        text += fmt::format(":{}", position.column);
    }
    text += ": ";
  }
  text += message;
  if (!advice.empty())
    text += fmt::format(" ({})", advice);
  return text;
}

}  // namespace anecompat
