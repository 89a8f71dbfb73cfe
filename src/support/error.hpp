// One error: what went wrong, where, why, and what to do about it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace anecompat {

// A place in a text file; both count from 1, 0 means unknown. Columns count bytes.
struct TextPosition {
  std::size_t line = 0;
  std::size_t column = 0;

  bool known() const { return line != 0; }
  friend bool operator==(const TextPosition&, const TextPosition&) = default;
};

// What kind of failure it is; decides the exit code and the report's error kind.
enum class ErrorKind : std::uint8_t {
  usage,        // the command line is wrong
  manifest,     // a manifest, policy, baseline or rule file is wrong
  not_found,    // a file or directory is not there
  unreadable,   // it is there but is not (or no longer) what it should be
  unsupported,  // it is what it should be, and this build cannot handle it
  download,     // the network or a server said no
  system,       // the operating system said no
  interrupted,  // a signal or a deadline ended the work
};

// The words used in reports: "usage", "manifest", "not-found", …
const char* to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::unreadable;
  std::string message;    // what is wrong and why, one line, no trailing full stop
  std::string file = {};  // where; empty when no file is concerned
  TextPosition position = {};
  std::string advice = {};  // what to do about it, one sentence; may be empty

  // "file:line:column: message (advice)" with whatever of it is known.
  std::string to_string() const;

  // The same error with `file` filled in, if it was empty.
  Error in_file(std::string path) && {
    if (file.empty())
      file = std::move(path);
    return std::move(*this);
  }

  friend bool operator==(const Error&, const Error&) = default;
};

}  // namespace anecompat
