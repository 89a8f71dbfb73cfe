// Every file of the corpus, cut and with bytes changed, read as a user would read it: a graph or
// one error, never a crash, a hang or a large allocation.
//
// ANECOMPAT_MUTATIONS is the number of changed copies per file (40 unless set; 2000 for a full
// run). The same seed gives the same copies everywhere.
#include "coreml/reader.hpp"
#include "support/corpus.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <random>

namespace {

std::atomic<std::size_t> g_largest_allocation = 0;

void* counted_allocation(std::size_t size) {
  auto largest = g_largest_allocation.load();
  while (size > largest && !g_largest_allocation.compare_exchange_weak(largest, size)) {
  }
  if (void* memory = std::malloc(size == 0 ? 1 : size))
    return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
  return counted_allocation(size);
}
void* operator new[](std::size_t size) {
  return counted_allocation(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace anecompat::coreml {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_max_allocation = 64U << 20U;
constexpr auto k_max_time = std::chrono::seconds(1);
// Weights are not read, so changing them tests nothing; what readers look at is smaller.
constexpr std::uintmax_t k_max_file_bytes = 8U << 20U;

int mutations() {
  const char* set = std::getenv("ANECOMPAT_MUTATIONS");
  return set != nullptr ? std::max(0, std::atoi(set)) : 40;
}

// The files of a model that readers open: all of a bundle but its weights.
std::vector<fs::path> files_of(const fs::path& model) {
  if (!fs::is_directory(model))
    return {model};
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(model)) {
    const auto name = entry.path().filename().string();
    if (entry.is_regular_file() && entry.file_size() <= k_max_file_bytes && name != "weight.bin")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string slurp(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void overwrite(const fs::path& path, std::string_view bytes) {
  std::ofstream stream(path, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void expect_graph_or_error(const std::string& path, const std::string& what) {
  g_largest_allocation = 0;
  const auto begin = std::chrono::steady_clock::now();
  const auto graph = read_model(path);
  const auto time = std::chrono::steady_clock::now() - begin;
  const auto largest = g_largest_allocation.load();
  EXPECT_LT(time, k_max_time) << what;
  EXPECT_LE(largest, k_max_allocation) << what;
  if (!graph) {
    EXPECT_FALSE(graph.error().message.empty()) << what;
    EXPECT_EQ(graph.error().message.find('\n'), std::string::npos) << what;
  }
}

class Mutation : public testing::TestWithParam<test::CorpusModel> {};

TEST_P(Mutation, IsAGraphOrOneError) {
  const test::TempDir directory;
  const auto copy = directory.path() / fs::path(GetParam().path).filename();
  fs::copy(GetParam().path, copy, fs::copy_options::recursive);
  for (const auto& file : files_of(copy)) {
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    const auto whole = slurp(file);
    const auto name = fs::relative(file, directory.path()).string();
    for (std::size_t percent = 0; percent < 100; ++percent) {
      overwrite(file, std::string_view(whole).substr(0, whole.size() * percent / 100));
      expect_graph_or_error(copy.string(), name + " cut at " + std::to_string(percent) + " %");
    }
    std::mt19937 random(static_cast<std::mt19937::result_type>(whole.size()));
    for (int i = 0; i < mutations() && !whole.empty(); ++i) {
      auto changed = whole;
      // Modulo rather than a distribution: those differ between standard libraries.
      const auto at = random() % changed.size();
      changed[at] = static_cast<char>(random() & 0xffU);
      overwrite(file, changed);
      expect_graph_or_error(copy.string(), name + " with byte " + std::to_string(at) +
                                               " changed, copy " + std::to_string(i));
    }
    overwrite(file, whole);
  }
}

std::string test_name(const testing::TestParamInfo<test::CorpusModel>& info) {
  auto name = info.param.name;
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name + "_" + std::to_string(info.index);
}

// Without a corpus there is nothing to change; the unit tests say that it is missing.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Mutation);
INSTANTIATE_TEST_SUITE_P(Corpus, Mutation, testing::ValuesIn(test::corpus_models()), test_name);

}  // namespace
}  // namespace anecompat::coreml
