#include "cli/command_diff.hpp"

#include "cli/console.hpp"
#include "cli/diff_view.hpp"
#include "cli/host_info.hpp"
#include "cli/parse_values.hpp"
#include "cli/saved_report.hpp"
#include "cli/single_model.hpp"
#include "gate/baseline.hpp"
#include "gate/op_diff.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace anecompat::cli {

namespace {

constexpr std::size_t k_shown = 20;
constexpr int k_exit_different = 1;

constexpr const char* k_examples =
    "Examples:\n"
    "  anecompat diff main/Detector.mlpackage Detector.mlpackage --target m1\n"
    "  anecompat diff nightly-1.json nightly-2.json --format markdown\n"
    "  anecompat diff origin/main:anecompat.baseline.json report.json\n"
    "\n"
    "Exit codes: 0 no difference (names and order do not count), 1 different, 2 the command line "
    "is\n"
    "wrong, 3 something could not be read or evaluated.";

enum class SideKind : std::uint8_t { model, record };

// What one side knows, by entry, target and evidence.
struct Side {
  using Key = std::tuple<std::string, std::string, ane::Evidence>;
  std::map<Key, evaluate::Evaluation> evaluations;
  std::map<Key, std::string> digests;
};

std::string title_of(const Side::Key& key) {
  const auto& [entry, target, evidence] = key;
  return fmt::format("{} on {}", entry, target);
}

class DiffCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option("OLD", m_old, "A model, a report.json, or a baseline (also GITREF:PATH)")
        ->required();
    app.add_option("NEW", m_new, "What it became")->required();
    app.add_option("--target", m_targets,
                   "Compare on this chip; repeatable (default: of models this host's, else h16; of "
                   "reports all)")
        ->type_name("CHIP[@OS]")
        ->allow_extra_args(false);
    app.add_option("--format", m_format, "text, json or markdown (default: text)")
        ->type_name("FORMAT");
    app.add_flag("--all", m_all, "List every operation that changed");
    app.add_option("--function", m_function, "Of models with several functions")->type_name("NAME");
    app.add_option("--rules", m_rules, "Use the op rules in this directory, not the built-in ones")
        ->type_name("DIR");
    app.footer(k_examples);
  }

  int run() override {
    static constexpr std::array<std::string_view, 3> k_formats = {"text", "json", "markdown"};
    const auto format = parse_choice("--format", m_format, k_formats);
    if (!format)
      return fail_with(format.error());
    auto targets = parse_targets(m_targets);
    if (!targets)
      return fail_with(targets.error());
    const auto result = compare(*targets);
    if (!result)
      return fail_with(result.error());
    const auto shown = m_all ? gate::k_all_changes : k_shown;
    const bool printed = print(*format == 1   ? diff_json(*result)
                               : *format == 2 ? diff_markdown(*result, shown)
                                              : diff_text(*result, shown));
    if (!printed || !result->unknown.empty())
      return k_exit_not_evaluated;
    return result->same() ? 0 : k_exit_different;
  }

 private:
  static SideKind kind_of(const std::string& name) {
    return name.ends_with(".json") ? SideKind::record : SideKind::model;
  }

  Result<DiffResult> compare(const std::vector<ane::Target>& targets) const {
    if (kind_of(m_old) != kind_of(m_new)) {
      return fail(
          {.kind = ErrorKind::usage,
           .message = "diff: a model can be compared with a model only, a report or baseline "
                      "(.json) with one of those",
           .advice = "make a report of the model with `anecompat check --report json=PATH`"});
    }
    DiffResult result;
    result.old_name = m_old;
    result.new_name = m_new;
    const bool models = kind_of(m_old) == SideKind::model;
    ANECOMPAT_TRY_ASSIGN(auto before,
                         models ? read_model(m_old, targets) : read_record(m_old, targets));
    ANECOMPAT_TRY_ASSIGN(auto after,
                         models ? read_model(m_new, targets) : read_record(m_new, targets));
    if (models)
      rename(before, after);
    join(before, after, result);
    return result;
  }

  Result<Side> read_model(const std::string& path, std::vector<ane::Target> targets) const {
    if (targets.empty())
      targets.push_back(default_target());
    ANECOMPAT_TRY_ASSIGN(auto report,
                         evaluate_single(path, m_rules, targets, {.function = m_function}));
    for (const auto& evaluation : report.entries[0].evaluations) {
      if (evaluation.error)
        return fail({.kind = ErrorKind::unreadable, .message = evaluation.error->message});
    }
    return side_of(std::move(report), {});
  }

  static Result<Side> read_record(const std::string& name,
                                  const std::vector<ane::Target>& targets) {
    const auto report = load_report(name);
    if (report)
      return side_of(*report, targets);
    // Neither of the two kinds of file holds what the other must have.
    auto reference = gate::load_baseline(name, "");
    if (!reference || !reference->exists)
      return fail(report.error().kind == ErrorKind::not_found && !reference ? reference.error()
                                                                            : report.error());
    Side side;
    for (auto& record : reference->baseline.records)
      add(side, targets, record.entry, record.digest, std::move(record.evaluation));
    return side;
  }

  static Side side_of(report::Report report, const std::vector<ane::Target>& targets) {
    Side side;
    for (auto& entry : report.entries) {
      for (auto& evaluation : entry.evaluations)
        add(side, targets, entry.name, entry.digest, std::move(evaluation));
    }
    return side;
  }

  static void add(Side& side, const std::vector<ane::Target>& targets, const std::string& entry,
                  const std::string& digest, evaluate::Evaluation evaluation) {
    const auto target = ane::parse_target(evaluation.target);
    if (!targets.empty() && (!target || std::ranges::find(targets, *target) == targets.end()))
      return;
    const Side::Key key(entry, evaluation.target, evaluation.evidence);
    side.digests.emplace(key, digest);
    side.evaluations.emplace(key, std::move(evaluation));
  }

  // Two models are one entry, whatever their files are called.
  static void rename(Side& before, const Side& after) {
    Side renamed;
    for (auto& [key, evaluation] : before.evaluations) {
      auto name = std::get<0>(after.evaluations.begin()->first);
      const Side::Key now(name, std::get<1>(key), std::get<2>(key));
      renamed.digests.emplace(now, before.digests[key]);
      renamed.evaluations.emplace(now, std::move(evaluation));
    }
    before = std::move(renamed);
  }

  static void join(const Side& before, const Side& after, DiffResult& result) {
    for (const auto& [key, evaluation] : before.evaluations) {
      if (!after.evaluations.contains(key))
        result.only_old.push_back(title_of(key));
    }
    for (const auto& [key, now] : after.evaluations) {
      const auto found = before.evaluations.find(key);
      if (found == before.evaluations.end()) {
        result.only_new.push_back(title_of(key));
        continue;
      }
      const auto& was = found->second;
      if (was.error || now.error) {
        const auto& error = now.error ? *now.error : *was.error;
        result.unknown.push_back(
            fmt::format("{}: could not be evaluated: {}", title_of(key), error.message));
        continue;
      }
      DiffedPair pair{.title = title_of(key),
                      .entry = std::get<0>(key),
                      .target = std::get<1>(key),
                      .comparison = gate::compare_evaluations(was, now)};
      pair.comparison.digest = before.digests.at(key);
      result.pairs.push_back(std::move(pair));
    }
  }

  std::string m_old;
  std::string m_new;
  std::vector<std::string> m_targets;
  std::string m_format = "text";
  bool m_all = false;
  std::string m_function;
  std::string m_rules;
};

}  // namespace

std::unique_ptr<Command> make_diff_command() {
  return std::make_unique<DiffCommand>();
}

}  // namespace anecompat::cli
