// Paths that a model names, kept inside the model's own directory.
#pragma once

#include "support/result.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace anecompat::coreml {

// Why `relative` may not be looked up below a directory at all: it is empty, absolute, holds a NUL
// or a `..` component; null when it may.
const char* path_objection(std::string_view relative);

// An open descriptor of a file or directory, closed with it.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int file) : m_file(file) {}
  Descriptor(Descriptor&& other) noexcept : m_file(std::exchange(other.m_file, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(m_file, other.m_file);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int get() const { return m_file; }

 private:
  int m_file = -1;
};

// Opens `relative` below `directory` for reading, component by component, following no symbolic
// link on the way. Errors: unreadable (path_objection(), a symbolic link), not_found, system.
Result<Descriptor> open_below(const std::string& directory, std::string_view relative);

// The path of `relative` below `directory`, when open_below() accepts it. Same errors.
Result<std::string> confined_path(const std::string& directory, std::string_view relative);

}  // namespace anecompat::coreml
