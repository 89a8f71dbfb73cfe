#include "ane/verdict.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace anecompat::ane {

namespace {

template <typename Enum, std::size_t Size>
using Words = std::array<std::pair<Enum, std::string_view>, Size>;

constexpr Words<Level, 4> k_levels = {{{Level::full, "full"},
                                       {Level::partial, "partial"},
                                       {Level::none, "none"},
                                       {Level::unknown, "unknown"}}};
constexpr Words<Evidence, 3> k_evidence = {{{Evidence::predicted, "predicted"},
                                            {Evidence::planned, "planned"},
                                            {Evidence::measured, "measured"}}};
constexpr Words<Confidence, 3> k_confidence = {
    {{Confidence::low, "low"}, {Confidence::medium, "medium"}, {Confidence::high, "high"}}};
constexpr Words<Backend, 3> k_backends = {
    {{Backend::ane, "ane"}, {Backend::cpu, "cpu"}, {Backend::gpu, "gpu"}}};
constexpr Words<ComputeUnits, 2> k_compute_units = {
    {{ComputeUnits::cpu_and_ne, "cpu_and_ne"}, {ComputeUnits::all, "all"}}};
constexpr Words<ReshapeFrequency, 2> k_reshape_frequencies = {
    {{ReshapeFrequency::frequent, "frequent"}, {ReshapeFrequency::infrequent, "infrequent"}}};

template <typename Enum, std::size_t Size>
std::string_view word_of(const Words<Enum, Size>& words, Enum value) {
  return std::ranges::find(words, value, &std::pair<Enum, std::string_view>::first)->second;
}

template <typename Enum, std::size_t Size>
std::optional<Enum> value_of(const Words<Enum, Size>& words, std::string_view text) {
  const auto* found = std::ranges::find(words, text, &std::pair<Enum, std::string_view>::second);
  if (found == words.end())
    return std::nullopt;
  return found->first;
}

}  // namespace

std::string_view to_string(Level level) {
  return word_of(k_levels, level);
}
std::string_view to_string(Evidence evidence) {
  return word_of(k_evidence, evidence);
}
std::string_view to_string(Confidence confidence) {
  return word_of(k_confidence, confidence);
}
std::string_view to_string(Backend backend) {
  return word_of(k_backends, backend);
}
std::string_view to_string(ComputeUnits units) {
  return word_of(k_compute_units, units);
}
std::string_view to_string(ReshapeFrequency frequency) {
  return word_of(k_reshape_frequencies, frequency);
}

std::optional<Level> parse_level(std::string_view text) {
  return value_of(k_levels, text);
}
std::optional<Evidence> parse_evidence(std::string_view text) {
  return value_of(k_evidence, text);
}
std::optional<Confidence> parse_confidence(std::string_view text) {
  return value_of(k_confidence, text);
}
std::optional<Backend> parse_backend(std::string_view text) {
  return value_of(k_backends, text);
}
std::optional<ComputeUnits> parse_compute_units(std::string_view text) {
  return value_of(k_compute_units, text);
}
std::optional<ReshapeFrequency> parse_reshape_frequency(std::string_view text) {
  return value_of(k_reshape_frequencies, text);
}

}  // namespace anecompat::ane
