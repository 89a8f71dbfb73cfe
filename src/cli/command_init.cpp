#include "cli/command_init.hpp"

#include "cli/check_run.hpp"
#include "cli/console.hpp"
#include "cli/host_info.hpp"
#include "cli/manifest_draft.hpp"
#include "cli/model_finder.hpp"
#include "cli/parse_values.hpp"
#include "evaluate/predictor.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace anecompat::cli {

namespace fs = std::filesystem;

namespace {

Error exists_already(const std::string& path) {
  return {.kind = ErrorKind::usage,
          .message = "exists already",
          .file = path,
          .advice = "give --force to replace it, or --output for another place"};
}

Result<std::vector<FoundModel>> evaluate_models(const std::string& directory,
                                                const std::vector<std::string>& paths,
                                                const std::vector<ane::Target>& targets) {
  ANECOMPAT_TRY_ASSIGN(const auto predictor, evaluate::make_predictor({}));
  std::vector<manifest::EntrySpec> specs;
  for (const auto& path : paths) {
    manifest::EntrySpec spec;
    spec.name = path;
    spec.source.text = path;
    spec.source.resolved = (fs::path(directory) / path).string();
    spec.targets = targets;
    specs.push_back(std::move(spec));
  }
  RunSettings settings;
  settings.jobs = std::max(1U, std::thread::hardware_concurrency());
  auto entries = evaluate_entries({}, specs, *predictor, settings);
  std::vector<FoundModel> models;
  for (std::size_t i = 0; i < entries.size(); ++i)
    models.push_back({.path = paths[i], .entry = std::move(entries[i])});
  return models;
}

// How the paths have to begin to lead from the manifest to the models' directory.
std::string prefix_from(const std::string& manifest, const std::string& directory) {
  std::error_code error;
  const auto base = fs::weakly_canonical(fs::absolute(manifest).parent_path(), error);
  const auto relative = fs::weakly_canonical(directory, error).lexically_relative(base);
  return relative.empty() || relative == "." ? std::string() : relative.generic_string() + "/";
}

class InitCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("DIR", m_directory, "Where to look for models (default: here)");
    app.add_option("--output,-o", m_output, "Where to write (default: anecompat.yml in DIR)")
        ->type_name("PATH");
    app.add_option("--target", m_targets,
                   "A chip the models must run on; repeatable (default: this host's, else h16)")
        ->type_name("CHIP[@OS]")
        ->allow_extra_args(false);
    app.add_flag("--force", m_force, "Replace a manifest that is there");
    app.footer(
        "Examples:\n"
        "  anecompat init\n"
        "  anecompat init models --target m1 --target a17pro\n"
        "  anecompat init models --output ci/anecompat.yml\n"
        "\n"
        "Exit codes: 0 written, 2 the command line is wrong or there is a manifest already, 3 "
        "something\n"
        "cannot be read or written, 4 there is no model.");
  }

  int run() override {
    const auto written = write_manifest();
    return written ? *written : fail_with(written.error());
  }

 private:
  Result<int> write_manifest() const {
    ANECOMPAT_TRY_ASSIGN(auto targets, parse_targets(m_targets));
    if (targets.empty())
      targets.push_back(default_target());
    const auto output =
        m_output.empty() ? (fs::path(m_directory) / "anecompat.yml").string() : m_output;
    std::error_code error;
    if (!m_force && fs::exists(output, error))
      return fail(exists_already(output));
    ANECOMPAT_TRY_ASSIGN(auto paths, find_models(m_directory));
    if (paths.empty()) {
      constexpr int k_nothing_to_check = 4;
      print_error({.kind = ErrorKind::not_found,
                   .message = "no models here",
                   .file = m_directory,
                   .advice = "name the directory that holds .mlmodel, .mlpackage or .mlmodelc"});
      return k_nothing_to_check;
    }
    ANECOMPAT_TRY_ASSIGN(auto models, evaluate_models(m_directory, paths, targets));
    const auto prefix = prefix_from(output, m_directory);
    for (auto& model : models)
      model.path = prefix + model.path;
    ANECOMPAT_TRY(write_text_file(output, draft_manifest(models, targets)));
    return report_done(output, models) ? 0 : k_exit_not_evaluated;
  }

  static bool report_done(const std::string& output, const std::vector<FoundModel>& models) {
    const auto failed = std::ranges::count_if(models, [](const FoundModel& model) {
      return std::ranges::any_of(model.entry.evaluations, [](const auto& evaluation) {
        return evaluation.error.has_value();
      });
    });
    auto line = fmt::format("wrote {} with {}", printable(output), counted(models.size(), "model"));
    if (failed > 0)
      line += fmt::format("; {} of them cannot be evaluated, see the comments there", failed);
    return print(line + "\n");
  }

  std::string m_directory = ".";
  std::string m_output;
  std::vector<std::string> m_targets;
  bool m_force = false;
};

}  // namespace

std::unique_ptr<Command> make_init_command() {
  return std::make_unique<InitCommand>();
}

}  // namespace anecompat::cli
