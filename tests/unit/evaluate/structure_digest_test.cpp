#include "evaluate/structure_digest.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace anecompat::evaluate {
namespace {

using test::TempDir;

std::string digest_of(const std::string& path) {
  const auto digest = digest_of_structure(path);
  EXPECT_TRUE(digest) << digest.error().to_string();
  return digest ? digest->digest : std::string();
}

// A file of `size` bytes, all zero but for one.
std::string sparse_file(const TempDir& directory, std::string_view name, std::uint64_t size,
                        std::uint64_t where) {
  const auto path = directory.write(name, "");
  std::filesystem::resize_file(path, size);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(where));
  file.put('x');
  return path;
}

// sha256sum of the same bytes.
TEST(StructureDigest, of_a_file_is_the_sha256_of_its_bytes) {
  const TempDir directory;
  const auto digest = digest_of_structure(directory.write("a.mlmodel", "abc"));
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->digest,
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest->size, 3U);
}

// printf 'Data/model.mlmodel %s\nManifest.json %s\n' "$(sha256 of abc)" "$(sha256 of {})" |
// sha256sum
TEST(StructureDigest, of_a_directory_is_that_of_its_sorted_file_list) {
  const TempDir directory;
  directory.write("m.mlpackage/Manifest.json", "{}");
  directory.write("m.mlpackage/Data/model.mlmodel", "abc");
  const auto digest = digest_of_structure(directory.file("m.mlpackage"));
  ASSERT_TRUE(digest);
  EXPECT_EQ(digest->digest,
            "sha256:10a10372198c25abfaba11ef8741553a3e7dd832f0bb567b053d4453816c0db9");
  EXPECT_EQ(digest->size, 5U);
}

TEST(StructureDigest, does_not_depend_on_times_links_or_a_trailing_slash) {
  const TempDir directory;
  const auto file = directory.write("m.mlpackage/Manifest.json", "{}");
  const auto before = digest_of(directory.file("m.mlpackage"));
  std::filesystem::last_write_time(
      file, std::filesystem::file_time_type::clock::now() - std::chrono::hours(48));
  std::filesystem::create_symlink(file, directory.path() / "m.mlpackage" / "link");
  EXPECT_EQ(digest_of(directory.file("m.mlpackage")), before);
  EXPECT_EQ(digest_of(directory.file("m.mlpackage") + "/"), before);
}

TEST(StructureDigest, a_renamed_file_of_a_bundle_changes_it) {
  const TempDir directory;
  directory.write("a.mlpackage/one", "x");
  directory.write("b.mlpackage/two", "x");
  EXPECT_NE(digest_of(directory.file("a.mlpackage")), digest_of(directory.file("b.mlpackage")));
}

// Of large weights only size and both ends count, so that nothing in between is read.
TEST(StructureDigest, of_a_large_file_its_size_and_both_ends_count) {
  const TempDir directory;
  constexpr auto k_size = k_whole_file_limit + (1U << 20U);
  const auto middle = digest_of(sparse_file(directory, "a", k_size, k_size / 2));
  EXPECT_EQ(digest_of(sparse_file(directory, "b", k_size, k_size / 3)), middle);
  EXPECT_NE(digest_of(sparse_file(directory, "c", k_size, 10)), middle);
  EXPECT_NE(digest_of(sparse_file(directory, "d", k_size, k_size - 10)), middle);
  EXPECT_NE(digest_of(sparse_file(directory, "e", k_size + 1, k_size / 2)), middle);
}

TEST(StructureDigest, every_byte_of_a_small_file_counts) {
  const TempDir directory;
  constexpr auto k_size = 2 * k_end_size + 100;
  EXPECT_NE(digest_of(sparse_file(directory, "a", k_size, k_end_size + 50)),
            digest_of(sparse_file(directory, "b", k_size, k_end_size + 60)));
}

TEST(StructureDigest, what_is_not_there_is_not_found) {
  const auto digest = digest_of_structure("/nowhere/at/all.mlmodel");
  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().kind, ErrorKind::not_found);
}

TEST(StructureDigest, what_is_neither_file_nor_directory_is_refused) {
  const auto digest = digest_of_structure("/dev/null");
  ASSERT_FALSE(digest);
  EXPECT_THAT(digest.error().to_string(), testing::HasSubstr("neither a file nor a directory"));
}

}  // namespace
}  // namespace anecompat::evaluate
