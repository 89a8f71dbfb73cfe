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

#include <chrono>
#include <cstdlib>
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

// Both in turn, so that what else the machine does falls on both alike.
void ratio_to_libprotobuf(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  const auto source = ByteSource::open(model_path());
  if (!source)
    return state.SkipWithError(source.error().to_string().c_str());
  const auto bytes = text_of(**source);
  Clock::duration ours{};
  Clock::duration theirs{};
  for (auto _ : state) {
    const auto begin = Clock::now();
    const bool read = read_ours(**source) != 0;
    const auto middle = Clock::now();
    const bool parsed = parse_theirs(bytes);
    theirs += Clock::now() - middle;
    ours += middle - begin;
    if (!read || !parsed)
      return state.SkipWithError("not read");
  }
  state.counters["times_faster"] =
      std::chrono::duration<double>(theirs).count() / std::chrono::duration<double>(ours).count();
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
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text->size()));
}
BENCHMARK(read_text)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
