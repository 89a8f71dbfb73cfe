#include "support/temp_dir.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace anecompat::test {

namespace fs = std::filesystem;

TempDir::TempDir() {
  auto name = (fs::temp_directory_path() / "anecompat-test.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("mkdtemp failed");
  m_path = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  // Copies of read-only bundles are read-only, and what is in them could not be removed.
  const auto open = [&](const fs::path& directory) {
    fs::permissions(directory, fs::perms::owner_all, fs::perm_options::add, ignored);
  };
  open(m_path);
  for (fs::recursive_directory_iterator entry(m_path, ignored), end; entry != end;
       entry.increment(ignored)) {
    if (entry->is_directory(ignored) && !entry->is_symlink(ignored))
      open(entry->path());
  }
  fs::remove_all(m_path, ignored);
}

std::string TempDir::write(std::string_view name, std::string_view contents) const {
  const auto target = m_path / name;
  fs::create_directories(target.parent_path());
  std::ofstream stream(target, std::ios::binary);
  stream.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  if (!stream)
    throw std::runtime_error("cannot write " + target.string());
  return target.string();
}

}  // namespace anecompat::test
