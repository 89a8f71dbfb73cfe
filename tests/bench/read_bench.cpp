// How fast models are read, beside libprotobuf parsing the same file in the same run, both from the
// path. `times_faster` is the ratio of processor times.
//
// Reads models of the corpus and a 600 MB network that is made for it.
#include "coreml/graph_builder.hpp"
#include "coreml/mil_text_reader.hpp"
#include "coreml/model_reader.hpp"
#include "support/byte_source.hpp"
#include "support/files.hpp"
#include "support/sparse_network.hpp"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <model.pb.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
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
constexpr const char* k_deep_network =
    "tucan9389__PoseEstimation-CoreML/models/hourglass_model/model.mlmodel";
constexpr const char* k_sparse_network = "";

// A corpus model's path, or that of the network that is made here and removed at the end.
std::string path_of(const std::string& name) {
  if (!name.empty()) {
    const char* corpus = std::getenv("ANECOMPAT_CORPUS");
    return (corpus != nullptr ? std::string(corpus) : ANECOMPAT_SOURCE_DIR "/../shared/corpus") +
           "/models/" + name;
  }
  struct Sparse {
    Sparse() : path(fs::temp_directory_path() / ("sparse_" + std::to_string(::getpid()))) {
      made = anecompat::test::write_sparse_network(path, 60, 10U << 20U);
    }
    ~Sparse() { ::unlink(path.c_str()); }
    Sparse(const Sparse&) = delete;
    Sparse& operator=(const Sparse&) = delete;

    std::string path;
    bool made = false;
  };
  static const Sparse sparse;
  return sparse.made ? sparse.path : std::string();
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

// Processor seconds of `rounds` rounds of `work` after one that only warms up; 0 when it fails.
template <typename Work>
double seconds_of(int rounds, Work work) {
  bool done = work();
  const double begin = cpu_seconds();
  for (int i = 0; i < rounds; ++i)
    done = work() && done;
  return done ? cpu_seconds() - begin : 0;
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
  double ours = 0;
  double theirs = 0;
  for (auto _ : state) {
    const double read = seconds_of(rounds, [&] { return read_ours(path).operations != 0; });
    const double parsed = seconds_of(rounds, [&] { return parse_theirs(path); });
    if (read == 0 || parsed == 0)
      return state.SkipWithError("not read");
    ours += read;
    theirs += parsed;
  }
  const auto count = static_cast<double>(state.iterations()) * rounds;
  state.counters["ours_ms"] = 1e3 * ours / count;
  state.counters["theirs_ms"] = 1e3 * theirs / count;
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

// The sparse network first: the peak of memory is that of the process so far.
BENCHMARK_CAPTURE(read, network_600_MB, k_sparse_network)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, program, k_program)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read, network_844_layers, k_deep_network)->Unit(benchmark::kMillisecond);
BENCHMARK(read_text)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, program, k_program, 10)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, network_3_6_MB, k_large_network, 10)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, network_844_layers, k_deep_network, 10)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(compare, network_600_MB, k_sparse_network, 1)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
