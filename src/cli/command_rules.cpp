#include "cli/command_rules.hpp"

#include "ane/rules.hpp"
#include "cli/console.hpp"
#include "cli/parse_values.hpp"
#include "cli/wrap.hpp"
#include "manifest/rule_catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace anecompat::cli {

namespace {

template <typename Rows, typename Name>
std::size_t widest(const Rows& rows, Name name) {
  std::size_t width = 0;
  for (const auto& row : rows)
    width = std::max(width, std::string_view(name(row)).size());
  return width;
}

std::string all_rules(const ane::RuleSet& rules) {
  const auto gate_rules = manifest::gate_rules();
  const auto gate_id = [](const auto& rule) { return rule.id; };
  const auto code = [](const auto& reason) -> std::string_view { return reason.code; };
  const auto width = std::max(widest(gate_rules, gate_id), widest(rules.reasons(), code));
  std::string out = "Gate rules (a policy sets their severity):\n\n";
  for (const auto& rule : gate_rules)
    out += fmt::format("  {:<{}}  {}\n", rule.id, width, rule.title);
  out += "\nReason codes (why an operation or a model is not on the ANE):\n\n";
  for (const auto& reason : rules.reasons())
    out += fmt::format("  {:<{}}  {}\n", reason.code, width, reason.title);
  return out + "\n`anecompat rules CODE` says what one means and what to do about it.\n";
}

// "label:     text, wrapped".
std::string field(std::string_view label, std::string_view text) {
  constexpr std::size_t k_column = 12;
  return fmt::format("{:<{}}", label, k_column) + wrap(text, k_column);
}

std::string gate_rule_text(const manifest::GateRule& rule) {
  auto out = fmt::format("{}: {} (gate rule)\n\n", rule.id, rule.title);
  out += field("When", rule.meaning);
  out += field("What to do", rule.advice);
  out += field("Severity", fmt::format("{}, unless the policy says otherwise",
                                       report::to_string(rule.fallback)));
  if (rule.threshold) {
    out += field("Threshold",
                 fmt::format("{}: {} (default {:g}, from {:g} to {:g})", rule.threshold->name,
                             rule.threshold->meaning, rule.threshold->fallback,
                             rule.threshold->minimum, rule.threshold->maximum));
  }
  return out;
}

std::string reason_text(const ane::ReasonInfo& reason) {
  auto out = fmt::format("{}: {} (reason code)\n\n", reason.code, reason.title);
  out += field("Cause", reason.cause);
  out += field("What to do", reason.advice);
  if (reason.core_ml)
    out += field("Core ML", fmt::format("its own plan gives such operations message class {}",
                                        *reason.core_ml));
  return out + field("Source", reason.source);
}

class RulesCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("CODE", m_code, "A gate rule or reason code to explain");
    app.add_option("--rules", m_directory,
                   "Use the op rules in this directory, not the built-in ones")
        ->type_name("DIR");
    app.footer(
        "Examples:\n"
        "  anecompat rules\n"
        "  anecompat rules fp32-precision\n"
        "  anecompat rules expectation-not-met\n"
        "\n"
        "Exit codes: 0 listed, 2 there is no such code.");
  }

  int run() override {
    const auto rules = ane::RuleSet::load(m_directory);
    if (!rules)
      return fail_with(rules.error());
    if (m_code.empty())
      return print(all_rules(**rules)) ? 0 : k_exit_not_evaluated;
    if (const auto* rule = manifest::find_gate_rule(m_code))
      return print(gate_rule_text(*rule)) ? 0 : k_exit_not_evaluated;
    if (const auto* reason = (*rules)->reason(m_code))
      return print(reason_text(*reason)) ? 0 : k_exit_not_evaluated;
    return unknown_code(**rules);
  }

 private:
  int unknown_code(const ane::RuleSet& rules) const {
    auto known = manifest::gate_rule_ids();
    for (const auto& reason : rules.reasons())
      known.emplace_back(reason.code);
    const auto index = parse_choice("rules", m_code, known);
    return index ? 0 : fail_with(index.error());
  }

  std::string m_code;
  std::string m_directory;
};

}  // namespace

std::unique_ptr<Command> make_rules_command() {
  return std::make_unique<RulesCommand>();
}

}  // namespace anecompat::cli
