// What Core ML believes an operation costs, as data: one table per measured (chip, OS).
//
// A table holds rules. A rule belongs to some operation types and has up to three terms; the
// estimate for a backend is the largest of the terms that speak for it:
//   memory    bytes touched / the table's bandwidth
//   elements  elements counted / rate
//   flop      floating point operations / rate
// What is counted, and the rates, are in policies/ane/costs-*.yml with their sources.
#pragma once

#include "ane/target.hpp"
#include "ane/verdict.hpp"
#include "support/result.hpp"

#include <array>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anecompat::ane {

// The implementations Core ML chooses among; the middle two both run on the CPU.
enum class CostBackend : std::uint8_t { ane, bnns, classic_cpu, mps_graph };
inline constexpr std::array k_cost_backends = {CostBackend::ane, CostBackend::bnns,
                                               CostBackend::classic_cpu, CostBackend::mps_graph};

// "ane", "bnns", "classic_cpu", "mps_graph": Core ML's own names.
std::string_view to_string(CostBackend backend);
std::optional<CostBackend> parse_cost_backend(std::string_view text);
// The device it runs on.
Backend device_of(CostBackend backend);

// One T per backend.
template <typename T>
struct PerBackend {
  std::array<T, k_cost_backends.size()> items = {};

  T& operator[](CostBackend backend) { return items[static_cast<std::size_t>(backend)]; }
  const T& operator[](CostBackend backend) const {
    return items[static_cast<std::size_t>(backend)];
  }
  friend bool operator==(const PerBackend&, const PerBackend&) = default;
};
using Rates = PerBackend<std::optional<double>>;

// How much an estimate deserves to be believed.
enum class Exactness : std::uint8_t {
  exact,        // reproduces what Core ML printed, over many shapes
  fitted,       // agrees with the few rows there are
  extrapolated  // no row like it was seen: another chip's rule, an unseen type, a gap between steps
};
std::string_view to_string(Exactness exactness);

// Which of an operation's operands and settings a count includes.
struct OperandSelection {
  bool all = true;                 // all inputs, constants and settings; else `names`
  std::vector<std::string> names;  // MIL parameter names
  std::vector<std::string> except;
  bool output = false;  // and the first output

  friend bool operator==(const OperandSelection&, const OperandSelection&) = default;
};

// Rates that hold up to a value of the term's step feature. `measured` is where rows were seen.
struct RateStep {
  double below = std::numeric_limits<double>::infinity();
  std::optional<std::pair<double, double>> measured;
  Rates rates;  // in 10^9 per second
};

struct MemoryTerm {
  OperandSelection count;
  double per_window_element = 0;  // extra bytes per element of a pooling window
  PerBackend<bool> on;
};

struct ElementTerm {
  OperandSelection count;
  std::vector<RateStep> steps;  // over the number of elements counted
};

enum class FlopCount : std::uint8_t {
  convolution,             // 2 · outputs · weights per output / dilations + outputs with a bias
  transposed_convolution,  // 2 · outputs · input channels per group · window
  linear,                  // 2 · M · K · K + N, as Core ML has it
  matrix_product,          // 2 · outputs · K
  pooling,                 // outputs · window
  attention,               // 2 · (query elements + outputs) · key length
  per_output,              // outputs · flop_per_output
};

enum class FlopFeature : std::uint8_t {
  none,
  flop,
  flop_per_byte,  // over half the input, the weight and the output
  output_elements,
};

struct FlopTerm {
  FlopCount count = FlopCount::per_output;
  double per_output = 0;
  double transposed_y_per_output = 0;  // extra for a matrix product with transpose_y
  FlopFeature feature = FlopFeature::none;
  std::vector<RateStep> steps;
};

// Backends that have no implementation for an element type.
struct DtypeGap {
  std::string dtype;
  PerBackend<bool> backends;
};

struct CostRule {
  std::string name;
  std::vector<std::string> ops;
  Exactness exactness = Exactness::fitted;
  std::string source;
  std::optional<MemoryTerm> memory;
  std::optional<ElementTerm> elements;
  std::optional<FlopTerm> flop;
  std::vector<DtypeGap> gaps;
};

// What Core ML charges besides the operations, in milliseconds.
struct SolveCosts {
  double ane_launch = 0;      // once per program that uses the ANE
  double backend_switch = 0;  // for each change of backend between consecutive operations
  double gpu_launch = 0;      // likewise for the GPU
  double ane_last = 0;        // when the last operation is on the ANE
};

// What the table can say about compute units `all`.
enum class AllUnits : std::uint8_t {
  solve,       // the GPU was measured too: it takes part in the solve
  ane_or_gpu,  // the GPU was not measured: what goes to the ANE may go to the GPU instead
  gpu,         // everything the GPU takes was seen to go there
};

struct CostTable {
  std::string name;  // "m4-macos27"
  ChipFamily family = ChipFamily::h16;
  std::string chip;  // "M4"
  std::string os;    // "macOS 27"
  std::string source;
  Confidence confidence = Confidence::low;
  // Milliseconds per unit of this table's own estimates; 1 unless only ratios were measured.
  double unit = 1;
  PerBackend<std::optional<double>> bandwidth;  // GiB/s
  SolveCosts solve;
  AllUnits all_units = AllUnits::ane_or_gpu;
  std::string all_units_note;
  std::vector<CostRule> rules;
  std::size_t default_rule = 0;  // for types that no rule names
  std::map<std::string, std::size_t, std::less<>> rule_of_op;
  std::string fallback_name;                  // empty: none
  std::shared_ptr<const CostTable> fallback;  // answers for types and backends this one lacks

  // The rule that names the type, or null; fallbacks and the default are not asked.
  const CostRule* rule_for(std::string_view op_type) const;
  bool has(CostBackend backend) const { return bandwidth[backend].has_value(); }
};

// The table that answers for a chip family.
struct TableChoice {
  std::shared_ptr<const CostTable> table;
  Confidence confidence = Confidence::low;
  std::string note;  // what was extrapolated, one sentence; empty when nothing was
};

// All tables (with those that no family uses), and which one each chip family uses
// (policies/ane/cost-tables.yml).
struct CostTables {
  std::map<std::string, std::shared_ptr<const CostTable>, std::less<>> tables;
  std::map<ChipFamily, TableChoice> choices;

  const TableChoice& choice(ChipFamily family) const { return choices.at(family); }
  // The same where the system is named: estimates of another one are believed less.
  TableChoice choice(const Target& target) const;
};

// Reads one table; `file` is for messages. Strict: unknown and duplicate keys, wrong types and
// impossible numbers are errors (manifest) with file:line:column. `fallback` stays null.
Result<CostTable> parse_cost_table(std::string_view yaml, std::string_view file);

// Reads cost-tables.yml and the tables it names: from `directory` where it has a file of that name,
// else from those carried in the program. An empty directory means: only the program's own.
Result<CostTables> load_cost_tables(const std::string& directory = {});

}  // namespace anecompat::ane
