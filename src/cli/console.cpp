#include "cli/console.hpp"

#include "support/text.hpp"

#include <cstdio>
#include <string>

namespace anecompat::cli {

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

void print_error(const Error& error) {
  const auto line = "anecompat: error: " + printable(error.to_string()) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void print_errors(std::span<const Error> errors) {
  for (const auto& error : errors)
    print_error(error);
}

int exit_code_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::usage:
    case ErrorKind::manifest:
      return k_exit_usage;
    case ErrorKind::not_found:
    case ErrorKind::unreadable:
    case ErrorKind::unsupported:
    case ErrorKind::download:
    case ErrorKind::system:
    case ErrorKind::interrupted:
      break;
  }
  return k_exit_not_evaluated;
}

int fail_with(const Error& error) {
  print_error(error);
  return exit_code_of(error);
}

}  // namespace anecompat::cli
