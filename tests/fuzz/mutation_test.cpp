// Every file of the corpus, cut at every percent and with bytes changed: a graph or one error,
// never a crash, a hang or a large allocation.
//
// ANECOMPAT_MUTATIONS is the number of changed copies per file (40 unless set; 2000 for a full
// run). The same seed gives the same copies everywhere. GTEST_TOTAL_SHARDS and GTEST_SHARD_INDEX
// divide the models among processes.
#include "coreml/reader.hpp"
#include "fuzz/allocation_watch.hpp"
#include "fuzz/mutation_subject.hpp"
#include "support/corpus.hpp"
#include "support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>
#include <set>

namespace anecompat::test {
namespace {

constexpr std::size_t k_max_memory = 64U << 20U;
constexpr double k_max_seconds = 1;  // of this thread's processor time

int mutations() {
  const char* set = std::getenv("ANECOMPAT_MUTATIONS");
  return set != nullptr ? std::max(0, std::atoi(set)) : 40;
}

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// What the changed copies of one model came to.
struct Tally {
  std::size_t read = 0;
  std::size_t refused = 0;
  std::set<std::string> messages;
  std::size_t peak = 0;
  double slowest = 0;
};

// `what` is made only for a failure: naming each copy would cost more than reading it.
template <typename What>
void expect_graph_or_error(const MutationSubject& subject, Bytes bytes, Tally& tally, What what) {
  const AllocationWatch watch;
  const auto begin = processor_seconds();
  const auto outcome = subject.read(std::move(bytes));
  const auto seconds = processor_seconds() - begin;
  tally.peak = std::max(tally.peak, watch.peak());
  tally.slowest = std::max(tally.slowest, seconds);
  if (seconds > k_max_seconds || watch.largest() > k_max_memory || watch.peak() > k_max_memory) {
    ADD_FAILURE() << subject.name << " " << what() << ": " << seconds << " s, allocations of "
                  << watch.largest() << " bytes, " << watch.peak() << " at one time";
  }
  if (outcome) {
    ++tally.read;
    return;
  }
  ++tally.refused;
  const auto& message = outcome.error().message;
  if (message.empty() || message.find('\n') != std::string::npos)
    ADD_FAILURE() << subject.name << " " << what() << ": not one line: \"" << message << '"';
  constexpr std::size_t k_kept = 1000;
  if (tally.messages.size() < k_kept)
    tally.messages.insert(outcome.error().to_string());
}

void cut_everywhere(const MutationSubject& subject, Tally& tally) {
  for (std::size_t percent = 0; percent < 100; ++percent) {
    const auto size = subject.whole.size() * percent / 100;
    expect_graph_or_error(
        subject,
        Bytes(subject.whole.begin(), subject.whole.begin() + static_cast<std::ptrdiff_t>(size)),
        tally, [&] { return "cut at byte " + std::to_string(size); });
  }
}

void change_bytes(const MutationSubject& subject, Tally& tally) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(subject.whole.size()));
  for (int i = 0; i < mutations() && !subject.whole.empty(); ++i) {
    auto changed = subject.whole;
    // Modulo rather than a distribution: those differ between standard libraries. Three of four
    // changes go where the structure is.
    const auto at = subject.structure.empty() || i % 4 == 3
                        ? random() % changed.size()
                        : subject.structure[random() % subject.structure.size()];
    // Half of them turn one bit, which keeps tags and lengths plausible.
    const auto noise = random();
    changed[at] =
        static_cast<std::uint8_t>(i % 2 == 0 ? changed[at] ^ (1U << (noise & 7U)) : noise & 0xffU);
    const auto to = changed[at];
    expect_graph_or_error(subject, std::move(changed), tally, [&] {
      return "with byte " + std::to_string(at) + " made " + std::to_string(to);
    });
  }
}

class Mutation : public testing::TestWithParam<CorpusModel> {};

TEST_P(Mutation, IsAGraphOrOneError) {
  const TempDir directory;
  const auto copy = directory.file(std::filesystem::path(GetParam().path).filename().string());
  Tally tally;
  for (const auto& subject : mutation_subjects(GetParam().path, copy)) {
    SCOPED_TRACE(subject.name);
    cut_everywhere(subject, tally);
    change_bytes(subject, tally);
    // The next file is read beside this one as it was.
    static_cast<void>(subject.read(subject.whole));
  }
  RecordProperty("read", static_cast<int>(tally.read));
  RecordProperty("refused", static_cast<int>(tally.refused));
  RecordProperty("messages", static_cast<int>(tally.messages.size()));
  RecordProperty("peak_bytes", static_cast<int>(tally.peak));
  RecordProperty("slowest_ms", static_cast<int>(tally.slowest * 1000));
}

// The path that users take: one file at a time is cut, and read_model() reads the model.
TEST_P(Mutation, IsAGraphOrOneErrorFromItsPath) {
  namespace fs = std::filesystem;
  const TempDir directory;
  const fs::path copy = directory.path() / fs::path(GetParam().path).filename();
  fs::copy(GetParam().path, copy, fs::copy_options::recursive);
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory.path())) {
    if (entry.is_regular_file())
      files.push_back(entry.path());
  }
  for (const auto& file : files) {
    fs::permissions(file, fs::perms::owner_write, fs::perm_options::add);
    const auto kept = file.string() + ".whole";
    fs::copy_file(file, kept);
    for (const auto part : {std::uintmax_t{2}, std::uintmax_t{10}, UINTMAX_MAX}) {
      fs::resize_file(file, fs::file_size(file) / part);
      const auto graph = coreml::read_model(copy.string());
      if (graph) {
        visit_all(*graph);
      } else {
        EXPECT_FALSE(graph.error().message.empty());
        EXPECT_FALSE(graph.error().file.empty());
      }
    }
    fs::rename(kept, file);
  }
}

std::string test_name(const testing::TestParamInfo<CorpusModel>& info) {
  auto name = info.param.name;
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name + "_" + std::to_string(info.index);
}

// Without a corpus there is nothing to change; the unit tests say that it is missing.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Mutation);
INSTANTIATE_TEST_SUITE_P(Corpus, Mutation, testing::ValuesIn(corpus_models()), test_name);

}  // namespace
}  // namespace anecompat::test
