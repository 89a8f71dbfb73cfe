#include "cli/command_inspect.hpp"

#include "cli/console.hpp"
#include "cli/inspect_view.hpp"
#include "cli/parse_values.hpp"
#include "coreml/reader.hpp"

#include <string>

namespace anecompat::cli {

namespace {

class InspectCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("MODEL", m_model,
                   "An .mlmodel, .mlmodel.gz or .mil file, or an .mlpackage or .mlmodelc directory")
        ->required();
    app.add_option("--format", m_format, "text or json (default: text)")->type_name("FORMAT");
    app.footer(
        "Examples:\n"
        "  anecompat inspect Detector.mlpackage\n"
        "  anecompat inspect Detector.mlmodelc --format json | jq '.functions[].histogram'\n"
        "\n"
        "Exit codes: 0 shown, 2 the command line is wrong, 3 the model cannot be read.");
  }

  int run() override {
    const auto format = parse_text_or_json(m_format);
    if (!format)
      return fail_with(format.error());
    const auto graph = coreml::read_model(m_model);
    if (!graph)
      return fail_with(graph.error());
    const auto text =
        *format == TextOrJson::json ? inspect_json(*graph, m_model) : inspect_text(*graph, m_model);
    return print(text) ? 0 : k_exit_not_evaluated;
  }

 private:
  std::string m_model;
  std::string m_format = "text";
};

}  // namespace

std::unique_ptr<Command> make_inspect_command() {
  return std::make_unique<InspectCommand>();
}

}  // namespace anecompat::cli
