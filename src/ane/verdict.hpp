// The words every verdict is made of. eligible, placed and ran are different things: never mix them
// up.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace anecompat::ane {

// How far a model reaches the ANE; the numbers are the original ANECompat's exit codes.
enum class Level : std::uint8_t { full = 0, partial = 1, none = 2, unknown = 8 };

// How we know, weakest first.
enum class Evidence : std::uint8_t { predicted, planned, measured };

// How sure we are of a verdict or a rule.
enum class Confidence : std::uint8_t { low, medium, high };

// Where an operation can go.
enum class Backend : std::uint8_t { ane, cpu, gpu };

// The compute units asked for, as Core ML's configuration names them.
enum class ComputeUnits : std::uint8_t { cpu_and_ne, all };

// What the app tells Core ML about a model of flexible shapes (MLOptimizationHints, macOS 14.4 and
// iOS 17.4): Core ML takes shapes to change often unless it is told otherwise.
enum class ReshapeFrequency : std::uint8_t { frequent, infrequent };

std::string_view to_string(Level level);
std::string_view to_string(Evidence evidence);
std::string_view to_string(Confidence confidence);
std::string_view to_string(Backend backend);
std::string_view to_string(ComputeUnits units);
std::string_view to_string(ReshapeFrequency frequency);

// The inverse of to_string; nullopt for any other word.
std::optional<Level> parse_level(std::string_view text);
std::optional<Evidence> parse_evidence(std::string_view text);
std::optional<Confidence> parse_confidence(std::string_view text);
std::optional<Backend> parse_backend(std::string_view text);
std::optional<ComputeUnits> parse_compute_units(std::string_view text);
std::optional<ReshapeFrequency> parse_reshape_frequency(std::string_view text);

}  // namespace anecompat::ane
