#include "source/archive.hpp"

#include "source/stdio_file.hpp"
#include "support/text.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

namespace anecompat::source {

namespace fs = std::filesystem;

namespace {

struct ArchiveClose {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using ArchiveHandle = std::unique_ptr<archive, ArchiveClose>;

Error refused(const std::string& path, std::string message) {
  return {.kind = ErrorKind::unreadable,
          .message = "the archive is refused: " + std::move(message),
          .file = path};
}

Error system_error(const std::string& path, const char* what, int code) {
  return {.kind = ErrorKind::system,
          .message = fmt::format("cannot {}: {}", what, std::generic_category().message(code)),
          .file = path};
}

bool is_resource_fork(std::string_view name) {
  return std::ranges::any_of(
      split(name, '/'), [](auto part) { return part == "__MACOSX" || part.starts_with("._"); });
}

// The reason not to unpack an entry of that name, or nullopt.
std::optional<std::string> trouble_with_name(std::string_view name) {
  const auto shown = printable(elide_middle(name, 200));
  if (name.empty())
    return "an entry has no name";
  if (name.front() == '/' || name.find('\\') != std::string_view::npos)
    return fmt::format("{} is an absolute or foreign path", shown);
  for (const auto part : split(name, '/')) {
    if (part == "..")
      return fmt::format("{} leads out of its directory", shown);
    if (part.size() > NAME_MAX)
      return fmt::format("{} has too long a name", shown);
  }
  return std::nullopt;
}

class Unpacker {
 public:
  Unpacker(const std::string& path, const std::string& directory, const ArchiveLimits& limits)
      : m_path(path), m_directory(directory), m_limits(limits), m_archive(archive_read_new()) {}

  Result<void> run();

 private:
  Result<void> open();
  Result<void> unpack_entry(archive_entry* entry);
  Result<void> unpack_file(archive_entry* entry, const fs::path& target, const std::string& name);
  Result<void> check_size(std::uint64_t unpacked, const std::string& name) const;
  Error reading_error() const {
    const char* text = archive_error_string(m_archive.get());
    return {.kind = ErrorKind::unreadable,
            .message = fmt::format("the archive is damaged: {}",
                                   text == nullptr ? "no reason given" : printable(text)),
            .file = m_path};
  }

  const std::string& m_path;
  fs::path m_directory;
  const ArchiveLimits& m_limits;
  ArchiveHandle m_archive;
  std::uint64_t m_packed = 0;
  std::uint64_t m_unpacked = 0;
  std::uint64_t m_entries = 0;
};

Result<void> Unpacker::open() {
  auto* handle = m_archive.get();
  archive_read_support_format_zip(handle);
  archive_read_support_format_tar(handle);
  archive_read_support_filter_gzip(handle);
  std::error_code error;
  m_packed = fs::file_size(m_path, error);
  if (error)
    return fail(system_error(m_path, "read", error.value()));
  constexpr std::size_t k_block = 65536;
  if (archive_read_open_filename(handle, m_path.c_str(), k_block) != ARCHIVE_OK)
    return fail(reading_error());
  return {};
}

Result<void> Unpacker::run() {
  ANECOMPAT_TRY(open());
  archive_entry* entry = nullptr;
  while (true) {
    const int code = archive_read_next_header(m_archive.get(), &entry);
    if (code == ARCHIVE_EOF)
      return {};
    if (code < ARCHIVE_WARN)
      return fail(reading_error());
    if (++m_entries > m_limits.max_entries)
      return fail(refused(m_path, fmt::format("more than {} entries", m_limits.max_entries)));
    ANECOMPAT_TRY(unpack_entry(entry));
  }
}

Result<void> Unpacker::unpack_entry(archive_entry* entry) {
  const char* raw = archive_entry_pathname(entry);
  std::string_view name = raw == nullptr ? "" : raw;
  while (name.starts_with("./"))
    name.remove_prefix(2);
  while (name.ends_with('/'))
    name.remove_suffix(1);
  const auto type = archive_entry_filetype(entry);
  if (type == AE_IFDIR && (name.empty() || name == "."))
    return {};
  if (auto trouble = trouble_with_name(name))
    return fail(refused(m_path, std::move(*trouble)));
  if (archive_entry_hardlink(entry) != nullptr || (type != AE_IFREG && type != AE_IFDIR))
    return fail(refused(m_path, fmt::format("{} is a link or a device", printable(name))));
  if (is_resource_fork(name))
    return {};

  const auto target = m_directory / name;
  std::error_code error;
  fs::create_directories(type == AE_IFDIR ? target : target.parent_path(), error);
  if (error)
    return fail(refused(
        m_path, fmt::format("{} is below something that is no directory", printable(name))));
  return type == AE_IFDIR ? Result<void>{} : unpack_file(entry, target, printable(name));
}

// Whether `unpacked` bytes in all, the last of them of the entry `name`, are within the limits.
Result<void> Unpacker::check_size(std::uint64_t unpacked, const std::string& name) const {
  if (unpacked > m_limits.max_bytes)
    return fail(refused(
        m_path, fmt::format("it unpacks to more than {}", human_bytes(m_limits.max_bytes))));
  if (unpacked > m_limits.ratio_free_bytes && unpacked / m_limits.max_ratio > m_packed)
    return fail(refused(m_path, fmt::format("{} grows to more than {} times its packed size", name,
                                            m_limits.max_ratio)));
  return {};
}

Result<void> Unpacker::unpack_file(archive_entry* entry, const fs::path& target,
                                   const std::string& name) {
  // What an entry says of itself is judged before a byte is written, and it is held to that.
  std::optional<std::uint64_t> declared;
  if (archive_entry_size_is_set(entry) != 0) {
    const auto size = archive_entry_size(entry);
    if (size < 0)
      return fail(refused(m_path, fmt::format("{} has no size", name)));
    declared = static_cast<std::uint64_t>(size);
    ANECOMPAT_TRY(check_size(m_unpacked + *declared, name));
  }
  // Everything below m_directory was made here, and no links are made: "x" (nothing of that name
  // may be there) only catches names that come twice.
  const auto file = open_file(target.string(), "wbx");
  if (!file) {
    if (errno == EEXIST || errno == EISDIR)
      return fail(refused(m_path, fmt::format("{} is there twice", name)));
    return fail(system_error(target.string(), "write", errno));
  }

  std::vector<char> buffer(1U << 18U);
  while (true) {
    const auto count = archive_read_data(m_archive.get(), buffer.data(), buffer.size());
    if (count < 0)
      return fail(reading_error());
    if (count == 0)
      break;
    const auto fresh = static_cast<std::uint64_t>(count);
    if (declared && fresh > *declared)
      return fail(refused(m_path, fmt::format("{} holds more than it says", name)));
    if (declared)
      *declared -= fresh;
    m_unpacked += fresh;
    ANECOMPAT_TRY(check_size(m_unpacked, name));
    if (std::fwrite(buffer.data(), 1, static_cast<std::size_t>(count), file.get()) != fresh)
      return fail(system_error(target.string(), "write", errno));
  }
  if (std::fflush(file.get()) != 0)
    return fail(system_error(target.string(), "write", errno));
  return {};
}

bool holds_bundle_files(const fs::path& path) {
  return fs::exists(path / "coremldata.bin") ||
         (fs::exists(path / "Manifest.json") && fs::is_directory(path / "Data"));
}

bool is_bundle_name(const fs::path& path) {
  const auto extension = to_lower(path.extension().string());
  return extension == ".mlpackage" || extension == ".mlmodelc";
}

bool is_model_file(const fs::path& path) {
  const auto name = to_lower(path.filename().string());
  return name.ends_with(".mlmodel") || name.ends_with(".mlmodel.gz") || name.ends_with(".mil");
}

// Bundles are not looked into further.
void find_models(const fs::path& directory, std::vector<std::string>& found) {
  std::vector<fs::path> entries;
  for (const auto& entry : fs::directory_iterator(directory))
    entries.push_back(entry.path());
  std::ranges::sort(entries);
  for (const auto& entry : entries) {
    if (fs::is_directory(fs::symlink_status(entry))) {
      if (is_bundle_name(entry) || holds_bundle_files(entry))
        found.push_back(entry.string());
      else
        find_models(entry, found);
    } else if (is_model_file(entry)) {
      found.push_back(entry.string());
    }
  }
}

}  // namespace

Result<bool> is_archive(const std::string& path) {
  const auto file = open_file(path, "rb");
  if (!file)
    return fail(system_error(path, "read", errno));
  std::array<unsigned char, 262> head{};
  const auto size = std::fread(head.data(), 1, head.size(), file.get());
  const auto at = [&](std::size_t offset, std::string_view magic) {
    return size >= offset + magic.size() &&
           std::memcmp(head.data() + offset, magic.data(), magic.size()) == 0;
  };
  if (at(0, std::string_view("PK\x03\x04", 4)) || at(257, "ustar"))
    return true;
  // A gzip file is an archive when a tar is inside; a lone .mlmodel.gz is read as it is.
  return at(0, "\x1f\x8b") && !path.ends_with(".mlmodel.gz");
}

Result<void> unpack_archive(const std::string& path, const std::string& directory,
                            const ArchiveLimits& limits) {
  return Unpacker(path, directory, limits).run();
}

Result<std::string> find_only_model(const std::string& directory) {
  std::vector<std::string> found;
  try {
    // The directory is ours, and so is its name: only what is in it counts.
    if (holds_bundle_files(directory))
      found.push_back(directory);
    else
      find_models(directory, found);
  } catch (const fs::filesystem_error& error) {
    return fail(system_error(directory, "read", error.code().value()));
  }
  if (found.size() == 1)
    return found.front();
  if (found.empty())
    return fail(
        {.kind = ErrorKind::unreadable, .message = "there is no Core ML model in the archive"});
  constexpr std::size_t k_shown = 5;
  std::string names;
  for (std::size_t i = 0; i < std::min(found.size(), k_shown); ++i)
    names += fmt::format("{}{}", i == 0 ? "" : ", ",
                         printable(fs::path(found[i]).lexically_relative(directory).string()));
  return fail({.kind = ErrorKind::unreadable,
               .message = fmt::format("the archive holds {} models ({}{})", found.size(), names,
                                      found.size() > k_shown ? ", …" : ""),
               .advice = "publish one archive per model"});
}

}  // namespace anecompat::source
