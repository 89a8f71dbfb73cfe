// The YAML side of calibration: fitted rules as a cost table.
#include "ane/calibration.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace anecompat::ane {

namespace {

// A double-quoted YAML scalar; YAML's escapes for what needs one.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

std::string family_word(ChipFamily family) {
  return fmt::format("h{}", 13 + static_cast<int>(family));
}

std::string names_of(const std::vector<std::string>& names) {
  return fmt::format("[{}]", join(names, ", "));
}

std::string rates_of(const Rates& rates) {
  std::vector<std::string> parts;
  for (const CostBackend backend : k_cost_backends)
    if (rates[backend])
      parts.push_back(fmt::format("{}: {}", to_string(backend), *rates[backend]));
  return fmt::format("{{{}}}", join(parts, ", "));
}

std::string backends_of(const PerBackend<bool>& on) {
  std::vector<std::string> parts;
  for (const CostBackend backend : k_cost_backends)
    if (on[backend])
      parts.emplace_back(to_string(backend));
  return names_of(parts);
}

std::string count_of(const OperandSelection& count) {
  std::string out = "count: " + (count.all ? std::string("all") : names_of(count.names));
  if (!count.except.empty())
    out += ", except: " + names_of(count.except);
  if (count.output)
    out += ", output: true";
  return out;
}

std::string memory_of(const MemoryTerm& term) {
  std::string out = count_of(term.count);
  if (term.per_window_element > 0)
    out += fmt::format(", per_window_element: {}", term.per_window_element);
  PerBackend<bool> everywhere;
  everywhere.items.fill(true);
  if (term.on != everywhere)
    out += ", on: " + backends_of(term.on);
  return out;
}

std::string_view word_of(FlopCount count) {
  switch (count) {
    case FlopCount::convolution:
      return "convolution";
    case FlopCount::transposed_convolution:
      return "transposed_convolution";
    case FlopCount::linear:
      return "linear";
    case FlopCount::matrix_product:
      return "matrix_product";
    case FlopCount::pooling:
      return "pooling";
    case FlopCount::attention:
      return "attention";
    case FlopCount::per_output:
      break;
  }
  return "per_output";
}

std::string flop_of_rule(const FlopTerm& term, bool stepped) {
  std::string out = fmt::format("count: {}", word_of(term.count));
  if (term.per_output > 0)
    out += fmt::format(", per_output: {}", term.per_output);
  if (term.transposed_y_per_output > 0)
    out += fmt::format(", transposed_y_per_output: {}", term.transposed_y_per_output);
  if (!stepped || term.feature == FlopFeature::none)
    return out;
  const std::string_view feature = term.feature == FlopFeature::flop            ? "flop"
                                   : term.feature == FlopFeature::flop_per_byte ? "flop_per_byte"
                                                                                : "output_elements";
  return fmt::format("{}, feature: {}", out, feature);
}

// `rates` for one step, else `steps`; a boundary goes in the middle of the gap, on a log scale.
std::string steps_of(const std::vector<FittedStep>& steps) {
  if (steps.size() == 1)
    return fmt::format("rates: {}", rates_of(steps.front().rates));
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::string below;
    if (i + 1 < steps.size())
      below = fmt::format("below: {}, ", std::sqrt(steps[i].highest * steps[i + 1].lowest));
    parts.push_back(fmt::format("{{{}measured: [{}, {}], rates: {}}}", below, steps[i].lowest,
                                steps[i].highest, rates_of(steps[i].rates)));
  }
  return fmt::format("steps: [{}]", join(parts, ", "));
}

// Steps by a feature the rule does not have, or over a feature that does not grow, cannot be
// written; the row that most rows agree with then stands for all.
std::vector<FittedStep> writable(const FittedRule& fitted) {
  std::vector<FittedStep> steps = fitted.steps;
  bool growing = !fitted.flop || fitted.rule->flop->feature != FlopFeature::none;
  for (std::size_t i = 1; i < steps.size() && growing; ++i)
    growing = steps[i - 1].highest > 0 && steps[i].lowest > steps[i - 1].highest;
  if (growing || steps.size() < 2)
    return steps;
  std::size_t most = 0;
  for (std::size_t i = 1; i < steps.size(); ++i)
    if (steps[i].rows > steps[most].rows)
      most = i;
  return {steps[most]};
}

std::string rule_text(const FittedRule& fitted) {
  const CostRule& rule = *fitted.rule;
  const auto steps = writable(fitted);
  std::size_t rows = 0;
  double spread = 0;
  for (const FittedStep& step : fitted.steps) {
    rows += step.rows;
    spread = std::max(spread, step.spread);
  }
  std::string source = counted(rows, "row");
  if (spread > k_calibration_tolerance)
    source += fmt::format("; rows differ from the rate by up to {:.2g} %", 100 * spread);
  std::string out = fmt::format("  - name: {}\n    status: fitted\n    source: {}\n    ops: {}\n",
                                rule.name, quoted(source), names_of(rule.ops));
  if (rule.memory)
    out += fmt::format("    memory: {{{}}}\n", memory_of(*rule.memory));
  if (fitted.flop) {
    out += fmt::format("    flop: {{{}, {}}}\n", flop_of_rule(*rule.flop, steps.size() > 1),
                       steps_of(steps));
  } else {
    out +=
        fmt::format("    elements: {{{}, {}}}\n", count_of(rule.elements->count), steps_of(steps));
  }
  std::vector<std::string> gaps;
  for (const DtypeGap& gap : rule.gaps)
    gaps.push_back(
        fmt::format("{{dtype: {}, backends: {}}}", gap.dtype, backends_of(gap.backends)));
  if (!gaps.empty())
    out += fmt::format("    gaps: {}\n", names_of(gaps));
  return out;
}

}  // namespace

std::string proposed_table(const Calibration& calibration, const CostTable& table,
                           const TableHeader& header) {
  Rates bandwidth;
  for (const CostBackend backend : k_cost_backends) {
    if (calibration.bandwidth[backend])
      bandwidth[backend] = calibration.bandwidth[backend];
    else if (table.has(backend))
      bandwidth[backend] = *table.bandwidth[backend] / table.unit;
  }
  std::string out = fmt::format(
      "version: 1\nname: {}\nfamily: {}\nchip: {}\nos: {}\nsource: {}\nconfidence: medium\n"
      "fallback: {}\nbandwidth: {}\n",
      quoted(header.name), family_word(header.family), quoted(header.chip), quoted(header.os),
      quoted(header.source), table.name, rates_of(bandwidth));
  const std::string_view policy = table.all_units == AllUnits::solve        ? "solve"
                                  : table.all_units == AllUnits::ane_or_gpu ? "ane_or_gpu"
                                                                            : "gpu";
  out += fmt::format(
      "solve: {{ane_launch: {}, switch: {}, ane_last: {}, gpu_launch: {}}}\n"
      "all_units: {{policy: {}, note: {}}}\ndefault: memory\nclasses:\n"
      "  - {{name: memory, status: fitted, source: \"plain memory\", ops: [], memory: {{count: "
      "all, "
      "output: true}}}}\n",
      table.solve.ane_launch, table.solve.backend_switch, table.solve.ane_last,
      table.solve.gpu_launch, policy, quoted(table.all_units_note));
  for (const FittedRule& fitted : calibration.rules)
    out += rule_text(fitted);
  return out;
}

}  // namespace anecompat::ane
