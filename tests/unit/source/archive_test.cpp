#include "source/archive.hpp"

#include "support/temp_dir.hpp"
#include "support/zeros_zip.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace anecompat::source {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct Entry {
  std::string name;
  std::string contents;
  unsigned type = AE_IFREG;
  std::string link;
};

enum class Kind { zip, tar_gz };

std::string write_archive(const test::TempDir& directory, Kind kind,
                          const std::vector<Entry>& entries) {
  const auto path = directory.file(kind == Kind::zip ? "a.zip" : "a.tar.gz");
  auto* handle = archive_write_new();
  if (kind == Kind::zip) {
    archive_write_set_format_zip(handle);
  } else {
    archive_write_set_format_pax_restricted(handle);
    archive_write_add_filter_gzip(handle);
  }
  archive_write_open_filename(handle, path.c_str());
  for (const auto& item : entries) {
    auto* entry = archive_entry_new();
    archive_entry_set_pathname(entry, item.name.c_str());
    archive_entry_set_filetype(entry, item.type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(item.contents.size()));
    if (item.type == AE_IFLNK)
      archive_entry_set_symlink(entry, item.link.c_str());
    if (item.type == AE_IFREG && !item.link.empty())
      archive_entry_set_hardlink(entry, item.link.c_str());
    archive_write_header(handle, entry);
    archive_write_data(handle, item.contents.data(), item.contents.size());
    archive_entry_free(entry);
  }
  archive_write_free(handle);
  return path;
}

class Unpack : public testing::TestWithParam<Kind> {
 protected:
  Result<void> unpack(const std::vector<Entry>& entries, const ArchiveLimits& limits = {}) {
    const auto archive = write_archive(m_directory, GetParam(), entries);
    EXPECT_EQ(is_archive(archive), true);
    m_target = m_directory.file("out");
    fs::create_directory(m_target);
    return unpack_archive(archive, m_target, limits);
  }

  void expect_refused(const std::vector<Entry>& entries, const char* why,
                      const ArchiveLimits& limits = {}) {
    const auto result = unpack(entries, limits);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, HasSubstr(why));
    // Nothing got out of the target directory.
    for (const auto& entry : fs::directory_iterator(m_directory.path()))
      EXPECT_THAT(entry.path().filename().string(), testing::AnyOf("a.zip", "a.tar.gz", "out"));
  }

  test::TempDir m_directory;
  std::string m_target;
};

TEST_P(Unpack, FindsThePackageInside) {
  ASSERT_TRUE(unpack({{"E.mlpackage/Manifest.json", "{}"},
                      {"E.mlpackage/Data/com.apple.CoreML/model.mlmodel", "x"},
                      {"__MACOSX/._E.mlpackage", "junk"},
                      {"E.mlpackage/._Manifest.json", "junk"}}));
  EXPECT_EQ(find_only_model(m_target), m_target + "/E.mlpackage");
  EXPECT_FALSE(fs::exists(m_target + "/E.mlpackage/._Manifest.json"));
  EXPECT_FALSE(fs::exists(m_target + "/__MACOSX"));
}

TEST_P(Unpack, TakesABundleAtTheRoot) {
  ASSERT_TRUE(unpack({{"./coremldata.bin", "x"}, {"./model.mil", "program(1.0) {}"}}));
  EXPECT_EQ(find_only_model(m_target), m_target);
}

TEST_P(Unpack, ADirectoryNamedAfterTheArchiveIsNoBundleByItsName) {
  ASSERT_TRUE(unpack({{"E.mlpackage/Manifest.json", "{}"},
                      {"E.mlpackage/Data/com.apple.CoreML/model.mlmodel", "x"}}));
  const auto named = m_directory.file("out.mlpackage");
  fs::rename(m_target, named);
  EXPECT_EQ(find_only_model(named), named + "/E.mlpackage");
}

TEST_P(Unpack, SaysWhenThereAreSeveralModelsOrNone) {
  ASSERT_TRUE(unpack({{"a.mlmodel", "x"}, {"b.mlmodel", "x"}}));
  EXPECT_THAT(find_only_model(m_target).error().message,
              HasSubstr("2 models (a.mlmodel, b.mlmodel)"));
  fs::remove(m_target + "/a.mlmodel");
  fs::remove(m_target + "/b.mlmodel");
  EXPECT_THAT(find_only_model(m_target).error().message, HasSubstr("no Core ML model"));
}

TEST_P(Unpack, RefusesPathsThatLeaveTheDirectory) {
  expect_refused({{"ok.txt", "x"}, {"../evil.txt", "x"}}, "leads out");
}
TEST_P(Unpack, RefusesDeepEscapes) {
  expect_refused({{"a/b/../../../evil.txt", "x"}}, "leads out");
}
TEST_P(Unpack, RefusesAbsolutePaths) {
  expect_refused({{"/tmp/evil.txt", "x"}}, "absolute");
}
TEST_P(Unpack, RefusesSymbolicLinks) {
  expect_refused({{"link", "", AE_IFLNK, "/tmp"}, {"link/evil.txt", "x"}}, "link");
}
TEST_P(Unpack, RefusesFilesBelowFiles) {
  expect_refused({{"a", "x"}, {"a/b", "x"}}, "no directory");
}
TEST_P(Unpack, RefusesTheSameNameTwice) {
  expect_refused({{"a", "x"}, {"a", "y"}}, "twice");
}
TEST_P(Unpack, RefusesTooManyEntries) {
  expect_refused({{"a", "x"}, {"b", "x"}, {"c", "x"}}, "entries", {.max_entries = 2});
}
TEST_P(Unpack, RefusesTooMuchData) {
  expect_refused({{"a", std::string(2000, 'x')}}, "unpacks to more", {.max_bytes = 1000});
}
TEST_P(Unpack, RefusesBombsByTheirRatio) {
  expect_refused({{"zeros", std::string(4'000'000, '\0')}}, "times its packed size",
                 {.ratio_free_bytes = 100'000});
}

TEST_P(Unpack, SaysWhenTheArchiveIsDamaged) {
  const auto archive =
      write_archive(m_directory, GetParam(), {{"a.mlmodel", std::string(50'000, 'x')}});
  fs::resize_file(archive, fs::file_size(archive) / 2);
  const auto target = m_directory.file("out");
  fs::create_directory(target);
  const auto result = unpack_archive(archive, target);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("damaged"));
}

INSTANTIATE_TEST_SUITE_P(Formats, Unpack, testing::Values(Kind::zip, Kind::tar_gz),
                         [](const auto& kind) {
                           return kind.param == Kind::zip ? "Zip" : "TarGz";
                         });

// Ten gigabytes in a file of ten megabytes.
class ZipBomb : public testing::Test {
 protected:
  std::string refusal_of(const test::ZerosZip& zip, const ArchiveLimits& limits = {}) {
    const auto path = m_directory.write("bomb.zip", test::make_zeros_zip(zip));
    EXPECT_LT(fs::file_size(path), 12U << 20U);
    const auto target = m_directory.file("out");
    fs::create_directory(target);
    const auto result = unpack_archive(path, target, limits);
    return result ? "" : result.error().message;
  }
  std::uint64_t bytes_written() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(m_directory.file("out")))
      bytes += entry.is_regular_file() ? entry.file_size() : 0;
    return bytes;
  }

  static constexpr std::uint64_t k_size = 10ULL << 30U;
  test::TempDir m_directory;
};

TEST_F(ZipBomb, IsRefusedByItsRatioBeforeAnythingIsWritten) {
  EXPECT_EQ(refusal_of({.size = k_size}),
            "the archive is refused: zeros.mlmodel grows to more than 200 times its packed size");
  EXPECT_EQ(bytes_written(), 0U);
}

TEST_F(ZipBomb, IsRefusedByItsSizeBeforeAnythingIsWritten) {
  EXPECT_EQ(refusal_of({.size = k_size}, {.max_bytes = k_size - 1, .max_ratio = 2000}),
            "the archive is refused: it unpacks to more than 10.7 GB");
  EXPECT_EQ(bytes_written(), 0U);
}

TEST_F(ZipBomb, IsRefusedWhenItSaysItIsSmall) {
  EXPECT_EQ(refusal_of({.size = k_size, .declared = 1000}),
            "the archive is refused: zeros.mlmodel holds more than it says");
  EXPECT_EQ(bytes_written(), 0U);
}

TEST_F(ZipBomb, IsOneOnlyBecauseOfItsSize) {
  EXPECT_EQ(refusal_of({.size = 64U << 20U}), "");
  EXPECT_EQ(bytes_written(), 64U << 20U);
}

TEST(UnpackTar, RefusesHardLinks) {
  test::TempDir directory;
  const auto archive =
      write_archive(directory, Kind::tar_gz, {{"a", "x"}, {"b", "", AE_IFREG, "/etc/passwd"}});
  fs::create_directory(directory.file("out"));
  EXPECT_FALSE(unpack_archive(archive, directory.file("out")));
}

TEST(IsArchive, LeavesPlainModelsAlone) {
  test::TempDir directory;
  EXPECT_EQ(is_archive(directory.write("x.mlmodel", "\x08\x04rest")), false);
  EXPECT_EQ(is_archive(directory.write("x.mlmodel.gz", "\x1f\x8b\x08rest")), false);
}

}  // namespace
}  // namespace anecompat::source
