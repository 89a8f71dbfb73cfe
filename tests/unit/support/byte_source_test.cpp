#include "support/byte_source.hpp"

#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

namespace anecompat {
namespace {

constexpr auto k_block = ByteSource::k_block_size;

// Every byte tells where it is, by its block.
std::string contents(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>(i / k_block + 1);
  return text;
}

class ByteSourceFile : public testing::TestWithParam<std::size_t> {
 protected:
  std::shared_ptr<ByteSource> open(std::size_t size) {
    auto source = ByteSource::open(m_directory.write("file", contents(size)));
    EXPECT_TRUE(source) << source.error().to_string();
    return *source;
  }
  test::TempDir m_directory;
};

TEST_P(ByteSourceFile, HasItsBytesWhereTheyAre) {
  const auto source = open(GetParam());
  const auto bytes = source->bytes();
  ASSERT_EQ(bytes.size(), GetParam());
  for (const std::size_t at : {bytes.size() - 1, bytes.size() / 2, std::size_t{0}}) {
    ASSERT_TRUE(source->load(bytes.data() + at, 1));
    EXPECT_EQ(bytes[at], static_cast<std::uint8_t>(at / k_block + 1));
  }
  ASSERT_TRUE(source->load(bytes.data(), bytes.size()));
  const auto expected = contents(GetParam());
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), expected.begin(),
                         [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }));
  EXPECT_EQ(source->loaded_bytes(), GetParam());
  EXPECT_TRUE(source->fully_loaded());
}

// Read whole, read on demand into the heap, and into a mapping of its own.
INSTANTIATE_TEST_SUITE_P(Sizes, ByteSourceFile,
                         testing::Values(1, ByteSource::k_read_whole_limit,
                                         ByteSource::k_read_whole_limit + 1,
                                         ByteSource::k_heap_limit,
                                         ByteSource::k_heap_limit + k_block + 7));

using ByteSourceOfSomeSize = ByteSourceFile;

TEST_F(ByteSourceOfSomeSize, LoadsOnlyWhatIsAskedForHereAndThere) {
  const auto source = open(64 * ByteSource::k_read_whole_limit);
  const auto bytes = source->bytes();
  for (std::size_t i = 1; i <= 10; ++i)
    ASSERT_TRUE(source->load(bytes.data() + 20 * i * k_block, 8));
  EXPECT_EQ(source->loaded_bytes(), 10 * k_block);
  ASSERT_TRUE(source->load(bytes.data() + 20 * k_block, 8));
  EXPECT_EQ(source->loaded_bytes(), 10 * k_block) << "loaded once more";
}

TEST_F(ByteSourceOfSomeSize, ReadsAheadOfWhoeverReadsOn) {
  const auto source = open(64 * ByteSource::k_read_whole_limit);
  const auto bytes = source->bytes();
  for (std::size_t block = 0; block < 100; ++block)
    ASSERT_TRUE(source->load(bytes.data() + block * k_block, 1));
  EXPECT_GT(source->loaded_bytes(), 100 * k_block);
  EXPECT_LE(source->loaded_bytes(), 200 * k_block);
}

TEST_F(ByteSourceOfSomeSize, AFileThatIsCutIsAFailureNotASignal) {
  for (const std::size_t size : {ByteSource::k_heap_limit, 2 * ByteSource::k_heap_limit}) {
    const auto source = open(size);
    const auto bytes = source->bytes();
    ASSERT_TRUE(source->load(bytes.data(), 1));
    std::filesystem::resize_file(m_directory.file("file"), size / 2);
    EXPECT_FALSE(source->load(bytes.data() + size - 1, 1));
    EXPECT_TRUE(source->failed());
    EXPECT_FALSE(source->load(bytes.data(), 1)) << "once failed, always failed";
  }
}

TEST_F(ByteSourceOfSomeSize, IsARegularFileOrAnError) {
  const auto directory = ByteSource::open(m_directory.path().string());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().message, "is a directory, not a file");
  const auto nothing = ByteSource::open(m_directory.file("nothing"));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, ErrorKind::not_found);
  ASSERT_EQ(::mkfifo(m_directory.file("pipe").c_str(), 0600), 0);
  const auto pipe = ByteSource::open(m_directory.file("pipe"));
  ASSERT_FALSE(pipe);
  EXPECT_EQ(pipe.error().message, "is not a regular file");
  EXPECT_TRUE(ByteSource::open(m_directory.write("empty", "")));
}

}  // namespace
}  // namespace anecompat
