#include "cli/command_explain.hpp"

#include "cli/console.hpp"
#include "cli/explain_view.hpp"
#include "cli/host_info.hpp"
#include "cli/parse_values.hpp"
#include "cli/single_model.hpp"
#include "report/reporter.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace anecompat::cli {

namespace {

class ExplainCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("MODEL", m_model,
                   "An .mlmodel, .mlmodel.gz or .mil file, or an .mlpackage or .mlmodelc directory")
        ->required();
    app.add_option("--target", m_targets,
                   "Answer for this chip; repeatable (default: this host's, else h16)")
        ->type_name("CHIP[@OS]")
        ->allow_extra_args(false);
    app.add_option("--function", m_function, "Of a model with several functions (default: its own)")
        ->type_name("NAME");
    app.add_flag("--all-ops", m_all_ops, "List every operation, also those on the ANE");
    app.add_option("--format", m_format,
                   "text or json, the entry object of report.json (default: text)")
        ->type_name("FORMAT");
    app.add_option("--what-if", m_what_if,
                   "Show the level without the ops that match, or with GLOB=ane or GLOB=cpu as if "
                   "they were there; repeatable")
        ->type_name("GLOB")
        ->allow_extra_args(false);
    app.add_option("--compute-units", m_units, "cpu_and_ne or all (default: cpu_and_ne)")
        ->type_name("UNITS");
    app.add_flag(
        "--infrequent-reshapes", m_infrequent_reshapes,
        "As if the app gave Core ML the hint reshapeFrequency infrequent, for models whose "
        "inputs have a range of shapes");
    app.add_option("--rules", m_rules, "Use the op rules in this directory, not the built-in ones")
        ->type_name("DIR");
    app.footer(
        "Examples:\n"
        "  anecompat explain Detector.mlpackage\n"
        "  anecompat explain Detector.mlpackage --target m1 --target a17pro --all-ops\n"
        "  anecompat explain Detector.mlpackage --what-if 'main/nms*' --what-if main/cast_3=ane\n"
        "  anecompat explain Detector.mlpackage --format json | jq '.evaluations[].level'\n"
        "\n"
        "Exit codes: 0 explained, whatever the level is; 2 the command line is wrong; 3 the model\n"
        "cannot be read or evaluated.");
  }

  int run() override {
    const auto format = parse_text_or_json(m_format);
    if (!format)
      return fail_with(format.error());
    auto targets = parse_targets(m_targets);
    if (!targets)
      return fail_with(targets.error());
    if (targets->empty())
      targets->push_back(default_target());
    const auto rules = ane::RuleSet::load(m_rules);
    if (!rules)
      return fail_with(rules.error());
    const auto units = parse_units(m_units);
    if (!units)
      return fail_with(units.error());
    SingleOptions options{.function = m_function,
                          .compute_units = *units,
                          .reshape_frequency = m_infrequent_reshapes
                                                   ? ane::ReshapeFrequency::infrequent
                                                   : ane::ReshapeFrequency::frequent,
                          .what_if = m_what_if};
    const auto report = evaluate_single(m_model, m_rules, *targets, options);
    if (!report)
      return fail_with(report.error());
    if (*format == TextOrJson::json || m_what_if.empty())
      return show(report->entries[0], nullptr, **rules, *format);
    options.what_if.clear();
    const auto as_it_is = evaluate_single(m_model, m_rules, *targets, options);
    if (!as_it_is)
      return fail_with(as_it_is.error());
    return show(report->entries[0], &as_it_is->entries[0], **rules, *format);
  }

 private:
  int show(const report::Entry& entry, const report::Entry* as_it_is, const ane::RuleSet& rules,
           TextOrJson format) const {
    const auto failed = std::ranges::find_if(
        entry.evaluations, [](const auto& evaluation) { return evaluation.error.has_value(); });
    // A question about an operation that is not there is the caller's mistake, not the model's.
    if (failed != entry.evaluations.end() && failed->error->kind == to_string(ErrorKind::usage))
      return fail_with({.kind = ErrorKind::usage, .message = failed->error->message});
    if (format == TextOrJson::text && failed != entry.evaluations.end()) {
      print_error({.kind = ErrorKind::unreadable, .message = failed->error->message});
      return k_exit_not_evaluated;
    }
    if (format == TextOrJson::json) {
      const bool printed = print(report::to_json(entry) + "\n");
      return printed && failed == entry.evaluations.end() ? 0 : k_exit_not_evaluated;
    }
    const auto tables = ane::load_cost_tables(m_rules);
    if (!tables)
      return fail_with(tables.error());
    const ExplainView view{
        .detail = m_all_ops ? ExplainDetail::all_ops : ExplainDetail::off_the_ane,
        .tables = &*tables,
        .as_it_is = as_it_is,
        .what_if = m_what_if};
    return print(explain_text(entry, rules, view)) ? 0 : k_exit_not_evaluated;
  }

  std::string m_model;
  std::vector<std::string> m_targets;
  std::string m_function;
  bool m_infrequent_reshapes = false;
  bool m_all_ops = false;
  std::string m_format = "text";
  std::vector<std::string> m_what_if;
  std::string m_units = "cpu_and_ne";
  std::string m_rules;
};

}  // namespace

std::unique_ptr<Command> make_explain_command() {
  return std::make_unique<ExplainCommand>();
}

}  // namespace anecompat::cli
