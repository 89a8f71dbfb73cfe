#include "cli/command_render.hpp"

#include "cli/check_outputs.hpp"
#include "cli/console.hpp"
#include "cli/parse_values.hpp"
#include "cli/rule_texts.hpp"
#include "cli/saved_report.hpp"
#include "support/terminal.hpp"

#include <unistd.h>

#include <string>
#include <vector>

namespace anecompat::cli {

namespace {

class RenderCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("REPORT", m_report, "A report.json that `check --report json=PATH` wrote")
        ->required();
    app.add_option("--report", m_reports,
                   "Write a report; repeatable. FORMAT is text, junit, github, summary, json, "
                   "markdown, sarif or html; without PATH it goes to standard output (default: as "
                   "`check` does)")
        ->type_name("FORMAT[=PATH]")
        ->allow_extra_args(false);
    app.add_option("--color", m_color, "auto, always or never (default: auto)")->type_name("WHEN");
    auto* quiet = app.add_flag("--quiet,-q", m_quiet, "Print failures and the last line only");
    app.add_flag("--verbose,-v", m_verbose, "Print details of what passed, too")->excludes(quiet);
    app.footer(
        "Examples:\n"
        "  anecompat render report.json --report html=report.html --report sarif=report.sarif\n"
        "  anecompat render report.json --report junit:jenkins=anecompat.xml\n"
        "\n"
        "Exit codes: 0 written, whatever the report says; 2 the command line is wrong; 3 the "
        "report\n"
        "cannot be read.");
  }

  int run() override {
    const auto outputs = parse_outputs(m_reports);
    if (!outputs)
      return fail_with(outputs.error());
    const auto when = parse_color_when(m_color);
    if (!when)
      return fail_with(when.error());
    const auto report = load_report(m_report);
    if (!report)
      return fail_with(report.error());
    const auto rules = rule_texts();
    const bool written = write_outputs(*report, *outputs,
                                       {.color = color_wanted(*when, is_terminal(STDOUT_FILENO)),
                                        .verbose = m_verbose,
                                        .quiet = m_quiet,
                                        .width = terminal_width(STDOUT_FILENO),
                                        .rules = rules});
    return written ? 0 : k_exit_usage;
  }

 private:
  std::string m_report;
  std::vector<std::string> m_reports;
  std::string m_color = "auto";
  bool m_quiet = false;
  bool m_verbose = false;
};

}  // namespace

std::unique_ptr<Command> make_render_command() {
  return std::make_unique<RenderCommand>();
}

}  // namespace anecompat::cli
