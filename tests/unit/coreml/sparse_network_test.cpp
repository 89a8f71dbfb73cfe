// A network of hundreds of megabytes is read by its structure alone.
#include "support/sparse_network.hpp"

#include "coreml/model_reader.hpp"
#include "support/byte_source.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

namespace anecompat::coreml {
namespace {

// How many pages of this memory the kernel holds.
std::size_t resident_pages(std::span<const std::uint8_t> bytes) {
  // Linux and macOS differ in the types of mincore's arguments.
  using Flag =
      std::conditional_t<std::is_invocable_v<decltype(::mincore), void*, std::size_t, char*>, char,
                         unsigned char>;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<Flag> pages((bytes.size() + page - 1) / page);
  auto* begin = const_cast<std::uint8_t*>(bytes.data());
  if (::mincore(begin, bytes.size(), pages.data()) != 0)
    return SIZE_MAX;
  return static_cast<std::size_t>(
      std::ranges::count_if(pages, [](Flag flag) { return (flag & 1) != 0; }));
}

TEST(SparseNetwork, Of600MegabytesIsReadFromUnder100Pages) {
  constexpr std::uint64_t k_weights = 10U << 20U;
  constexpr int k_layers = 60;
  const test::TempDir directory;
  const auto path = directory.file("sparse.mlmodel");
  ASSERT_TRUE(test::write_sparse_network(path, k_layers, k_weights));
  const auto source = ByteSource::open(path);
  ASSERT_TRUE(source) << source.error().to_string();
  ASSERT_GT((*source)->bytes().size(), k_layers * k_weights);
  GraphBuilder builder("mlmodel");
  WireStatus status;
  const auto model = read_model_message(WireReader(**source, status), builder, {});
  ASSERT_TRUE(model) << model.error().to_string();
  EXPECT_EQ(model->functions[0].body.operations.size(), 60U);
  ASSERT_EQ(model->weights.size(), 1U);
  EXPECT_EQ(model->weights[0].bytes, k_layers * k_weights);
  EXPECT_LT((*source)->loaded_bytes(), 100 * ByteSource::k_block_size);
  EXPECT_LT(resident_pages((*source)->bytes()), 100U);
}

}  // namespace
}  // namespace anecompat::coreml
