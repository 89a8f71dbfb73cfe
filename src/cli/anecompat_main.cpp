#include "cli/anecompat_main.hpp"

#include "cli/command_baseline.hpp"
#include "cli/command_calibrate.hpp"
#include "cli/command_check.hpp"
#include "cli/command_comment.hpp"
#include "cli/command_diff.hpp"
#include "cli/command_doctor.hpp"
#include "cli/command_explain.hpp"
#include "cli/command_history.hpp"
#include "cli/command_init.hpp"
#include "cli/command_inspect.hpp"
#include "cli/command_level.hpp"
#include "cli/command_merge.hpp"
#include "cli/command_render.hpp"
#include "cli/command_rules.hpp"
#include "cli/command_schema.hpp"
#include "cli/command_shards.hpp"
#include "cli/command_suppress.hpp"
#include "cli/command_worker.hpp"
#include "cli/console.hpp"
#include "cli/help_formatter.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <vector>

namespace anecompat::cli {

namespace {

struct CommandRow {
  const char* name;
  const char* description;
  std::unique_ptr<Command> (*make)();
};

constexpr std::array k_commands = {
    CommandRow{"check", "Check every model of a manifest, and report", make_check_command},
    CommandRow{"explain", "Say why operations of a model are off the ANE, and what to change",
               make_explain_command},
    CommandRow{"inspect", "Show what is in a model: functions, operations, types, weights",
               make_inspect_command},
    CommandRow{"diff", "Show what changed between two models or two reports, op by op",
               make_diff_command},
    CommandRow{"baseline", "Update, show or prune the record that check compares with",
               make_baseline_command},
    CommandRow{"suppress", "Accept a finding for a time, in the manifest", make_suppress_command},
    CommandRow{"render", "Make any report from a saved report.json", make_render_command},
    CommandRow{"shards", "Split a manifest into the jobs of a matrix", make_shards_command},
    CommandRow{"merge", "Join the reports of all shards", make_merge_command},
    CommandRow{"comment", "Put a report on its pull request, and keep it up to date",
               make_comment_command},
    CommandRow{"history", "Record runs and show the trend of each model", make_history_command},
    CommandRow{"init", "Write a manifest for the models below a directory", make_init_command},
    CommandRow{"calibrate", "Compare cost tables with estimates that Core ML wrote itself",
               make_calibrate_command},
    CommandRow{"doctor", "Say what this host can do: chip, ANE, Core ML, hooks, with advice",
               make_doctor_command},
    CommandRow{"rules", "List every gate rule and reason code, or explain one", make_rules_command},
    CommandRow{"schema", "Print the JSON Schema of a file format", make_schema_command},
};

constexpr const char* k_examples =
    "Examples:\n"
    "  anecompat init models            write models/anecompat.yml\n"
    "  anecompat check models/anecompat.yml\n"
    "  anecompat explain models/Detector.mlpackage --target m1\n"
    "  anecompat Detector.mlpackage     print the level\n"
    "\n"
    "Exit codes of check: 0 passed, 1 the gate failed, 2 the command line, manifest or policy is\n"
    "wrong, 3 something could not be evaluated, 4 nothing to check; of MODELPATH: 0 full, 1 "
    "partial,\n"
    "2 none, 3 unreadable, 4 to 7 other errors, 8 unknown. COMMAND --help has those of the others.";

std::string compiler() {
#if defined(__apple_build_version__)
  return fmt::format("Apple clang {}.{}.{}", __clang_major__, __clang_minor__,
                     __clang_patchlevel__);
#elif defined(__clang__)
  return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string version_text() {
  auto text = fmt::format("anecompat {}", k_version);
  if (!k_commit.empty())
    text += fmt::format(" (commit {})", k_commit);
  return text + fmt::format(", built with {}\n", compiler());
}

Error unknown_command(std::string_view word) {
  std::vector<std::string_view> names;
  for (const auto& row : k_commands)
    names.emplace_back(row.name);
  const auto meant = did_you_mean(word, names);
  return {.kind = ErrorKind::usage,
          .message = fmt::format("unknown command `{}`", word),
          .advice = meant ? fmt::format("did you mean `{}`?", *meant)
                          : "anecompat --help lists the commands; a model is a path"};
}

// The option of `app` that a mistyped one was most likely meant to be.
std::string option_advice(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options()) {
    for (const auto& name : option->get_lnames())
      names.push_back("--" + name);
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  for (const auto& argument : arguments) {
    const auto name = std::string_view(argument).substr(0, argument.find('='));
    if (!name.starts_with("-") || std::ranges::find(views, name) != views.end())
      continue;
    if (const auto meant = did_you_mean(name, views))
      return fmt::format("did you mean `{}`?", *meant);
  }
  return fmt::format("see anecompat {} --help", app.get_name());
}

// CLI11's messages as one line in our form.
Error usage_error(const CLI::App& app, const std::vector<std::string>& arguments,
                  const CLI::ParseError& error) {
  auto message = std::string(error.what());
  std::ranges::replace(message, '\n', ' ');
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    const auto extras = app.remaining(true);
    message = extras.empty() ? message : fmt::format("unexpected argument `{}`", extras.front());
  }
  return {.kind = ErrorKind::usage,
          .message = fmt::format("{}: {}", app.get_name(), trim(message)),
          .advice = option_advice(app, arguments)};
}

int run_command(const CommandRow& row, std::vector<std::string> arguments) {
  CLI::App app(row.description, row.name);
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("--help,-h", "Show this text");
  const auto command = row.make();
  command->setup(app);
  try {
    auto reversed = arguments;
    std::ranges::reverse(reversed);
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return print(app.help()) ? 0 : k_exit_not_evaluated;
  } catch (const CLI::ParseError& error) {
    return fail_with(usage_error(app, arguments, error));
  }
  return command->run();
}

std::string overview() {
  CLI::App app(
      "Checks that Core ML models still run on the Apple Neural Engine, and says which operations "
      "do not.",
      "anecompat");
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("--help,-h", "Show this text; COMMAND --help shows more");
  app.set_version_flag("--version", std::string(k_version), "Show version, commit and compiler");
  for (const auto& row : k_commands)
    app.add_subcommand(row.name, row.description);
  app.footer(k_examples);
  return app.help();
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    print(overview());
    return k_exit_usage;
  }
  const auto& first = arguments.front();
  if (first == "help" && arguments.size() > 1)
    return dispatch({arguments.at(1), "--help"});
  if (first == "--help" || first == "-h" || first == "help")
    return print(overview()) ? 0 : k_exit_not_evaluated;
  if (first == "--version")
    return print(version_text()) ? 0 : k_exit_not_evaluated;
  const auto row =
      std::ranges::find_if(k_commands, [&](const CommandRow& each) { return first == each.name; });
  if (row != k_commands.end())
    return run_command(*row, {arguments.begin() + 1, arguments.end()});
  if (first == "worker") {
    if (arguments.size() == 1)
      return run_worker_command();
    return fail_with({.kind = ErrorKind::usage,
                      .message = "worker takes no arguments",
                      .advice = "workers are started by anecompat itself, not by hand"});
  }
  if (first.starts_with("-")) {
    return fail_with({.kind = ErrorKind::usage,
                      .message = fmt::format("unknown option `{}` before a command", first),
                      .advice = "see anecompat --help"});
  }
  if (looks_like_model(first))
    return run_level(arguments);
  return fail_with(unknown_command(first));
}

}  // namespace

int anecompat_main(int argc, const char* const* argv) {
  try {
    return dispatch({argv + std::min(argc, 1), argv + argc});
  } catch (const std::exception& error) {
    return fail_with({.kind = ErrorKind::system,
                      .message = fmt::format("internal error: {}", error.what()),
                      .advice = "please report it with the command and the model"});
  }
}

}  // namespace anecompat::cli
