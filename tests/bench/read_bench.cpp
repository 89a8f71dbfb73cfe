// Time to read an ML Program: from protobuf and from text, against libprotobuf parsing the same
// bytes. Reads the streaming encoder of the corpus (1,174 operations and 2,000 constants), or the
// package and the .mil file that ANECOMPAT_BENCH_MODEL and ANECOMPAT_BENCH_TEXT name.
#include "coreml/graph_builder.hpp"
#include "coreml/mil_text_reader.hpp"
#include "coreml/ml_program_reader.hpp"
#include "support/byte_source.hpp"
#include "support/files.hpp"

#include <benchmark/benchmark.h>
#include <model.pb.h>

#include <cstdlib>
#include <ctime>
#include <string>

namespace {

namespace coreml = anecompat::coreml;
using anecompat::ByteSource;

std::string path_of(const char* variable, const char* in_corpus) {
  if (const char* set = std::getenv(variable))
    return set;
  const char* corpus = std::getenv("ANECOMPAT_CORPUS");
  return (corpus != nullptr ? std::string(corpus) : ANECOMPAT_SOURCE_DIR "/../shared/corpus") +
         "/models/FluidInference__FluidAudio/Models/ParakeetEOU/Streaming/1280ms/" + in_corpus;
}

std::string model_path() {
  return path_of("ANECOMPAT_BENCH_MODEL",
                 "streaming_encoder.mlpackage/Data/com.apple.CoreML/model.mlmodel");
}

// Operations read, constants included; 0 when reading fails.
std::uint32_t read_ours(ByteSource& source) {
  coreml::GraphBuilder builder("mlpackage");
  coreml::WireStatus status;
  coreml::WireReader model(source, status);
  while (model.next()) {
    if (model.field() == 502 && !coreml::read_ml_program(model.message(), builder, {}))
      return 0;
  }
  return status.ok() ? builder.graph().operation_count() : 0;
}

bool parse_theirs(const std::string& bytes) {
  anecompat::peer::Model model;
  const bool parsed = model.ParseFromString(bytes);
  benchmark::DoNotOptimize(model);
  return parsed;
}

std::string text_of(const ByteSource& source) {
  const auto bytes = source.bytes();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void read_program(benchmark::State& state) {
  const auto source = ByteSource::open(model_path());
  if (!source)
    return state.SkipWithError(source.error().to_string().c_str());
  std::uint32_t operations = 0;
  for (auto _ : state)
    operations = read_ours(**source);
  if (operations == 0)
    state.SkipWithError("not read");
  state.counters["operations"] = operations;
}
BENCHMARK(read_program)->Unit(benchmark::kMillisecond);

void parse_with_libprotobuf(benchmark::State& state) {
  const auto source = ByteSource::open(model_path());
  if (!source)
    return state.SkipWithError(source.error().to_string().c_str());
  const auto bytes = text_of(**source);
  for (auto _ : state) {
    if (!parse_theirs(bytes))
      return state.SkipWithError("not parsed");
  }
}
BENCHMARK(parse_with_libprotobuf)->Unit(benchmark::kMillisecond);

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Processor seconds of ten rounds of `work`, the first of which only warms up the allocator.
template <typename Work>
double seconds_of(Work work) {
  constexpr int k_rounds = 10;
  bool done = work();
  const double begin = cpu_seconds();
  for (int i = 0; i < k_rounds; ++i)
    done = work() && done;
  return done ? cpu_seconds() - begin : 0;
}

// In turns, so that what else the machine does falls on both alike.
void ratio_to_libprotobuf(benchmark::State& state) {
  const auto source = ByteSource::open(model_path());
  if (!source)
    return state.SkipWithError(source.error().to_string().c_str());
  const auto bytes = text_of(**source);
  double ours = 0;
  double theirs = 0;
  for (auto _ : state) {
    const double read = seconds_of([&] { return read_ours(**source) != 0; });
    const double parsed = seconds_of([&] { return parse_theirs(bytes); });
    if (read == 0 || parsed == 0)
      return state.SkipWithError("not read");
    ours += read;
    theirs += parsed;
  }
  state.counters["times_faster"] = theirs / ours;
}
BENCHMARK(ratio_to_libprotobuf)->Unit(benchmark::kMillisecond);

void read_text(benchmark::State& state) {
  const auto text = anecompat::read_text_file(
      path_of("ANECOMPAT_BENCH_TEXT", "streaming_encoder.mlmodelc/model.mil"));
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
BENCHMARK(read_text)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
