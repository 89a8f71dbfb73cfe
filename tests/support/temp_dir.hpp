// A directory that is removed with its contents when the test is over.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace anecompat::test {

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return m_path; }
  std::string file(std::string_view name) const { return (m_path / name).string(); }
  // Writes a file below the directory, with its parents, and returns its path.
  std::string write(std::string_view name, std::string_view contents) const;

 private:
  std::filesystem::path m_path;
};

}  // namespace anecompat::test
