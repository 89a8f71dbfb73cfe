// How fast models are read, beside libprotobuf parsing the same file in the same run, both from the
// path. `times_faster` is the ratio of the least processor times that either took.
//
// Reads models of the corpus and two networks that are made for it: 600 MB in 60 layers, and 17 MB
// in 100, about what MobileNet has.
#include "coreml/graph_builder.hpp"
#include "coreml/mil_text_reader.hpp"
#include "coreml/model_reader.hpp"
#include "support/byte_source.hpp"
#include "support/files.hpp"
#include "support/sparse_network.hpp"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <model.pb.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <limits>
#include <string>

namespace {

namespace coreml = anecompat::coreml;
namespace fs = std::filesystem;
using anecompat::ByteSource;

constexpr const char* k_program =
    "FluidInference__FluidAudio/Models/ParakeetEOU/Streaming/1280ms/streaming_encoder.mlpackage/"
    "Data/com.apple.CoreML/model.mlmodel";
constexpr const char* k_text =
    "FluidInference__FluidAudio/Models/ParakeetEOU/Streaming/1280ms/streaming_encoder.mlmodelc/"
    "model.mil";
constexpr const char* k_large_network = "getbouncer__cardscan-ios/CardScan/Assets/FindFour.mlmodel";
constexpr const char* k_small_network =
    "imxieyi__waifu2x-mac/waifu2x-mac/models/up_anime_scale2x_model.mlmodel";
constexpr const char* k_deep_network =
    "tucan9389__PoseEstimation-CoreML/models/hourglass_model/model.mlmodel";
// Not of the corpus: made here.
constexpr const char* k_network_600_mb = "60 layers of 10 MB";
constexpr const char* k_network_17_mb = "100 layers of 170 kB";

// A network that is removed at the end of the program.
class MadeNetwork {
 public:
  MadeNetwork(int layers, std::uint64_t kibibytes)
      : m_path(fs::temp_directory_path() /
               fmt::format("network_{}_{}_{}", ::getpid(), layers, kibibytes)),
        m_made(anecompat::test::write_sparse_network(m_path, layers, kibibytes << 10U)) {}
  ~MadeNetwork() { ::unlink(m_path.c_str()); }
  MadeNetwork(const MadeNetwork&) = delete;
  MadeNetwork& operator=(const MadeNetwork&) = delete;

  std::string path() const { return m_made ? m_path : std::string(); }

 private:
  std::string m_path;
  bool m_made;
};

// A corpus model's path, or that of a network that is made when it is first asked for.
std::string path_of(const std::string& name) {
  if (name == k_network_600_mb) {
    static const MadeNetwork network(60, 10240);
    return network.path();
  }
  if (name == k_network_17_mb) {
    static const MadeNetwork network(100, 170);
    return network.path();
  }
  const char* corpus = std::getenv("ANECOMPAT_CORPUS");
  return (corpus != nullptr ? std::string(corpus) : ANECOMPAT_SOURCE_DIR "/../shared/corpus") +
         "/models/" + name;
}

struct Reading {
  std::uint32_t operations = 0;  // constants included; 0 when reading fails
  std::size_t loaded_bytes = 0;
};

Reading read_ours(const std::string& path) {
  const auto source = ByteSource::open(path);
  if (!source)
    return {};
  coreml::GraphBuilder builder("mlmodel");
  coreml::WireStatus status;
  const auto model = coreml::read_model_message(coreml::WireReader(**source, status), builder, {});
  if (!model)
    return {};
  return {builder.graph().operation_count(), (*source)->loaded_bytes()};
}

bool parse_theirs(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return false;
  anecompat::peer::Model model;
  const bool parsed = model.ParseFromFileDescriptor(file);
  benchmark::DoNotOptimize(model);
  ::close(file);
  return parsed;
}

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// The least processor seconds that one of `rounds` rounds of `work` took; 0 when one failed. The
// least, because all else that a machine does only ever adds.
template <typename Work>
double least_seconds(int rounds, Work work) {
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < rounds; ++i) {
    const double begin = cpu_seconds();
    if (!work())
      return 0;
    least = std::min(least, cpu_seconds() - begin);
  }
  return least;
}

void read(benchmark::State& state, const char* name) {
  const auto path = path_of(name);
  Reading reading;
  for (auto _ : state)
    reading = read_ours(path);
  if (reading.operations == 0)
    return state.SkipWithError("not read");
  state.counters["operations"] = reading.operations;
  state.counters["pages"] = static_cast<double>(reading.loaded_bytes) / ByteSource::k_block_size;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_rss_kB"] = static_cast<double>(usage.ru_maxrss);
}

// In turns, so that what else the machine does falls on both alike.
void compare(benchmark::State& state, const char* name, int rounds) {
  const auto path = path_of(name);
  double ours = std::numeric_limits<double>::infinity();
  double theirs = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    ours = std::min(ours, least_seconds(rounds, [&] { return read_ours(path).operations != 0; }));
    theirs = std::min(theirs, least_seconds(rounds, [&] { return parse_theirs(path); }));
    if (ours == 0 || theirs == 0)
      return state.SkipWithError("not read");
  }
  state.counters["ours_ms"] = 1e3 * ours;
  state.counters["theirs_ms"] = 1e3 * theirs;
  state.counters["times_faster"] = theirs / ours;
}

void read_text(benchmark::State& state) {
  const auto text = anecompat::read_text_file(path_of(k_text));
  if (!text)
    return state.SkipWithError(text.error().to_string().c_str());
  std::uint32_t operations = 0;
  for (auto _ : state) {
    coreml::GraphBuilder builder("mil");
    if (!coreml::read_mil_text(*text, builder, {}))
      return state.SkipWithError("not read");
    operations = builder.graph().operation_count();
  }
  state.counters["operations"] = operations;
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text->size()));
}

// The 600 MB network first: the peak of memory is that of the process so far.
BENCHMARK_CAPTURE(read, network_600_MB, k_network_600_mb)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, program, k_program)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, network_844_layers, k_deep_network)->Unit(benchmark::kMillisecond);
BENCHMARK(read_text)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, program, k_program, 20)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, network_2_2_MB, k_small_network, 20)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, network_3_6_MB, k_large_network, 20)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, network_844_layers, k_deep_network, 20)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, network_17_MB, k_network_17_mb, 5)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, network_600_MB, k_network_600_mb, 1)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
