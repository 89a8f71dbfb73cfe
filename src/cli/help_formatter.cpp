#include "cli/help_formatter.hpp"

#include "cli/wrap.hpp"

#include <fmt/format.h>

namespace anecompat::cli {

namespace {

constexpr std::size_t k_width = 100;
constexpr std::size_t k_column = 28;

// "  term                    text, wrapped" with the text in its own column.
std::string row(const std::string& term, std::string_view text) {
  auto out = "  " + term;
  auto column = out.size();
  if (column + 2 > k_column) {
    out += '\n';
    column = 0;
  }
  return out + std::string(k_column - column, ' ') + wrap(text, k_column, k_width);
}

std::string option_term(const CLI::Option& option) {
  std::string term;
  for (const auto& name : option.get_snames())
    term += (term.empty() ? "-" : ", -") + name;
  for (const auto& name : option.get_lnames())
    term += (term.empty() ? "--" : ", --") + name;
  // CLI11 leaves the type name of a flag empty.
  if (const auto type = option.get_type_name(); !type.empty())
    term += " " + type;
  return term;
}

std::string positional_term(const CLI::Option& option) {
  const auto name = option.get_name(true, false);
  return option.get_required() ? name : "[" + name + "]";
}

}  // namespace

std::string HelpFormatter::make_help(const CLI::App* app, std::string name,
                                     CLI::AppFormatMode) const {
  std::string positionals;
  std::string options;
  auto usage = name == "anecompat" ? name : "anecompat " + name;
  std::string usage_positionals;
  for (const auto* option : app->get_options()) {
    if (option->get_positional()) {
      usage_positionals += " " + positional_term(*option);
      positionals += row(option->get_name(true, false), option->get_description());
    } else if (!option->get_group().empty()) {  // without a group it is for tests
      options += row(option_term(*option), option->get_description());
    }
  }
  std::string commands;
  for (const auto* command : app->get_subcommands([](const CLI::App*) { return true; }))
    commands += row(command->get_name(), command->get_description());

  if (!commands.empty())
    usage += " COMMAND";
  auto out = app->get_description() + "\n\n";
  out += fmt::format("Usage: {}{} [OPTIONS]\n", usage, usage_positionals);
  if (!commands.empty() && name == "anecompat")
    out += "       anecompat MODELPATH [LOGDIR]\n";
  if (!positionals.empty())
    out += "\n" + positionals;
  if (!commands.empty())
    out += "\nCommands:\n" + commands;
  if (!options.empty())
    out += "\nOptions:\n" + options;
  // The examples and exit codes of a group of commands are those of each of them.
  const auto* group = app->get_parent();
  const auto footer =
      app->get_footer().empty() && group != nullptr ? group->get_footer() : app->get_footer();
  if (!footer.empty())
    out += "\n" + footer + "\n";
  return out;
}

}  // namespace anecompat::cli
