#include "cli/command_schema.hpp"

#include "cli/console.hpp"
#include "cli/parse_values.hpp"
#include "support/embedded_files.hpp"

#include <string>
#include <vector>

namespace anecompat::cli {

namespace {

constexpr std::string_view k_directory = "schema/";
constexpr std::string_view k_ending = ".json";

// The schemas this program carries, by name.
std::vector<std::string_view> schema_names() {
  std::vector<std::string_view> names;
  for (const auto& file : embedded_files()) {
    if (file.name.starts_with(k_directory) && file.name.ends_with(k_ending)) {
      auto name = file.name.substr(k_directory.size());
      name.remove_suffix(k_ending.size());
      names.push_back(name);
    }
  }
  return names;
}

class SchemaCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option(
        "NAME", m_name,
        "The file format: manifest, policy, suppression, baseline or report; without NAME they "
        "are listed");
    app.footer(
        "Examples:\n"
        "  anecompat schema manifest > anecompat.schema.json\n"
        "  # first line of a manifest, for editors with a YAML language server:\n"
        "  # yaml-language-server: $schema=anecompat.schema.json\n"
        "\n"
        "Exit codes: 0 printed, 2 there is no such format.");
  }

  int run() override {
    const auto names = schema_names();
    if (m_name.empty()) {
      std::string list;
      for (const auto name : names)
        list += std::string(name) + "\n";
      return print(list) ? 0 : k_exit_not_evaluated;
    }
    const auto index = parse_choice("schema", m_name, names);
    if (!index)
      return fail_with(index.error());
    const auto contents = embedded_file(std::string(k_directory) + m_name + std::string(k_ending));
    return contents && print(*contents) ? 0 : k_exit_not_evaluated;
  }

 private:
  std::string m_name;
};

}  // namespace

std::unique_ptr<Command> make_schema_command() {
  return std::make_unique<SchemaCommand>();
}

}  // namespace anecompat::cli
