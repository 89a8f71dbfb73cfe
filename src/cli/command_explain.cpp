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
        ->type_name("CHIP")
        ->allow_extra_args(false);
    app.add_option("--function", m_function, "Of a model with several functions (default: its own)")
        ->type_name("NAME");
    app.add_flag("--all-ops", m_all_ops, "List every operation, also those on the ANE");
    app.add_option("--format", m_format,
                   "text or json, the entry object of report.json (default: text)")
        ->type_name("FORMAT");
    app.add_option("--rules", m_rules, "Use the op rules in this directory, not the built-in ones")
        ->type_name("DIR");
    app.footer(
        "Examples:\n"
        "  anecompat explain Detector.mlpackage\n"
        "  anecompat explain Detector.mlpackage --target m1 --target a17pro --all-ops\n"
        "  anecompat explain Detector.mlpackage --format json | jq '.evaluations[].level'");
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
    const auto report = evaluate_single(m_model, m_rules, *targets, m_function);
    if (!report)
      return fail_with(report.error());
    return show(report->entries[0], **rules, *format);
  }

 private:
  int show(const report::Entry& entry, const ane::RuleSet& rules, TextOrJson format) const {
    const auto failed = std::ranges::find_if(
        entry.evaluations, [](const auto& evaluation) { return evaluation.error.has_value(); });
    if (format == TextOrJson::text && failed != entry.evaluations.end()) {
      print_error({.kind = ErrorKind::unreadable, .message = failed->error->message});
      return k_exit_not_evaluated;
    }
    const auto detail = m_all_ops ? ExplainDetail::all_ops : ExplainDetail::off_the_ane;
    const bool printed = format == TextOrJson::json ? print(report::to_json(entry) + "\n")
                                                    : print(explain_text(entry, rules, detail));
    return printed && failed == entry.evaluations.end() ? 0 : k_exit_not_evaluated;
  }

  std::string m_model;
  std::vector<std::string> m_targets;
  std::string m_function;
  bool m_all_ops = false;
  std::string m_format = "text";
  std::string m_rules;
};

}  // namespace

std::unique_ptr<Command> make_explain_command() {
  return std::make_unique<ExplainCommand>();
}

}  // namespace anecompat::cli
