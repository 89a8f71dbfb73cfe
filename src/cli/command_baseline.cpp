#include "cli/command_baseline.hpp"

#include "cli/console.hpp"
#include "cli/gate_inputs.hpp"
#include "cli/saved_report.hpp"
#include "report/view.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

namespace anecompat::cli {

namespace {

constexpr const char* k_examples =
    "Examples:\n"
    "  anecompat baseline update --reason \"first baseline\"\n"
    "  anecompat baseline update models.yml --filter detector --reason \"gelu is meant, see #12\"\n"
    "  anecompat baseline update --from report.json --reason \"measured on an M4\"\n"
    "  anecompat baseline show --baseline origin/main:anecompat.baseline.json\n"
    "  anecompat baseline prune\n"
    "\n"
    "Exit codes: 0 done, 2 the command line, manifest or baseline is wrong, 3 something could not "
    "be\n"
    "evaluated (its record stays as it was) or read.";

class BaselineCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    m_update = app.add_subcommand("update", "Record what the models do now; only what changed");
    add_common(*m_update);
    m_update->add_option("--reason", m_reason, "Why; kept with every record that changes")
        ->type_name("TEXT");
    m_update->add_option("--from", m_from, "Take the results of this report instead of a new run")
        ->type_name("REPORT");
    m_update->add_option("--filter", m_filters, "Only entries whose name matches; repeatable")
        ->type_name("GLOB")
        ->allow_extra_args(false);
    m_update->add_option("--rules", m_rules, "Use the op rules in this directory")
        ->type_name("DIR");
    m_update->add_option("--jobs,-j", m_jobs, "Evaluate so many models at a time")
        ->type_name("N")
        ->check(CLI::Range(1U, 1024U).description(""));
    add_source_options(*m_update, m_sources);
    m_show = app.add_subcommand("show", "List what is recorded");
    add_common(*m_show);
    m_prune = app.add_subcommand("prune", "Take out what the manifest does not have any more");
    add_common(*m_prune);
    app.require_subcommand(1);
    app.footer(k_examples);
  }

  int run() override {
    auto manifest = manifest::load_manifest(m_manifest);
    if (!manifest) {
      print_errors(manifest.error());
      return k_exit_usage;
    }
    m_path = baseline_path(m_baseline, *manifest);
    auto reference = gate::load_baseline(m_path, m_manifest);
    if (!reference)
      return fail_with(reference.error());
    if (m_show->parsed())
      return show(*reference);
    if (const auto writable = require_writable(); !writable)
      return fail_with(writable.error());
    return m_prune->parsed() ? prune(*reference, *manifest) : update(*reference, *manifest);
  }

 private:
  void add_common(CLI::App& command) {
    command.add_option("MANIFEST", m_manifest, "The manifest (default: anecompat.yml)");
    command
        .add_option(
            "--baseline", m_baseline,
            "The baseline (default: the manifest's, else anecompat.baseline.json beside it)")
        ->type_name("PATH");
  }

  // A name like origin/main:x would be written as a file of that odd name.
  Result<void> require_writable() const {
    std::error_code ignored;
    if (m_path.find(':') == std::string::npos || std::filesystem::exists(m_path, ignored))
      return {};
    return fail({.kind = ErrorKind::usage,
                 .message = fmt::format("the baseline {} is in a commit, which cannot be written",
                                        printable(m_path)),
                 .advice = "name the file in the work tree with --baseline"});
  }

  int show(const gate::Reference& reference) const {
    if (!reference.exists)
      return fail_with(missing());
    std::vector<std::array<std::string, 7>> rows = {
        {"ENTRY", "TARGET", "EVIDENCE", "LEVEL", "ANE OPS", "SEGMENTS", "REASON"}};
    for (const auto& record : reference.baseline.records) {
      const auto& evaluation = record.evaluation;
      rows.push_back({printable(record.entry), printable(evaluation.target),
                      std::string(ane::to_string(evaluation.evidence)),
                      std::string(ane::to_string(evaluation.level)),
                      fmt::format("{}/{} {}", evaluation.counts.ane, evaluation.counts.ops,
                                  report::percent(evaluation.shares.ops)),
                      fmt::format("{}", evaluation.segments.size()), printable(record.reason)});
    }
    std::array<std::size_t, 7> widths = {};
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < row.size(); ++i)
        widths.at(i) = std::max(widths.at(i), display_width(row.at(i)));
    }
    std::string out;
    for (const auto& row : rows) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += row.at(i);
        if (i + 1 < row.size())
          line.append(widths.at(i) - display_width(row.at(i)) + 2, ' ');
      }
      out += line + "\n";
    }
    return print(out) ? 0 : k_exit_not_evaluated;
  }

  int prune(gate::Reference& reference, const manifest::Manifest& manifest) const {
    if (!reference.exists)
      return fail_with(missing());
    gate::BaselineChanges changes;
    changes.pruned = gate::prune_baseline(reference.baseline, manifest);
    return write(reference, changes);
  }

  int update(gate::Reference& reference, const manifest::Manifest& manifest) const {
    if (trim(m_reason).empty()) {
      return fail_with({.kind = ErrorKind::usage,
                        .message = "baseline update: --reason is required",
                        .advice = "say why the new state is accepted: the next reader will ask"});
    }
    auto report = m_from.empty() ? evaluate_now(manifest, {.manifest_path = m_manifest,
                                                           .filters = m_filters,
                                                           .rules = m_rules,
                                                           .jobs = m_jobs,
                                                           .sources = m_sources})
                                 : chosen_from_report();
    if (!report)
      return fail_with(report.error());
    auto changes = gate::update_baseline(reference.baseline, *report, m_reason);
    changes.pruned = gate::prune_baseline(reference.baseline, manifest);
    for (const auto& title : changes.kept_unevaluated) {
      fmt::print(stderr, "anecompat: warning: {} has no result, so its record stays as it was\n",
                 title);
    }
    const auto code = write(reference, changes);
    return code == 0 && !changes.kept_unevaluated.empty() ? k_exit_not_evaluated : code;
  }

  Result<report::Report> chosen_from_report() const {
    ANECOMPAT_TRY_ASSIGN(auto report, load_report(m_from));
    std::erase_if(report.entries, [&](const report::Entry& entry) {
      return !m_filters.empty() && std::ranges::none_of(m_filters, [&](const std::string& filter) {
        return glob_match(filter, entry.name);
      });
    });
    return report;
  }

  int write(const gate::Reference& reference, const gate::BaselineChanges& changes) const {
    if (changes.any() || !reference.exists) {
      if (const auto written = write_text_file(m_path, gate::to_json(reference.baseline)); !written)
        return fail_with(written.error());
    }
    std::string out;
    const auto list = [&](const std::vector<std::string>& titles, std::string_view word) {
      for (const auto& title : titles)
        fmt::format_to(std::back_inserter(out), "{} {}\n", word, title);
    };
    list(changes.added, "added  ");
    list(changes.updated, "updated");
    list(changes.pruned, "pruned ");
    out += fmt::format("{}: {}\n", printable(m_path),
                       changes.any()
                           ? fmt::format("{} added, {} updated, {} pruned", changes.added.size(),
                                         changes.updated.size(), changes.pruned.size())
                           : std::string("nothing changed"));
    return print(out) ? 0 : k_exit_not_evaluated;
  }

  Error missing() const {
    return {.kind = ErrorKind::not_found,
            .message = fmt::format("there is no baseline {}", printable(m_path)),
            .advice = "make it with `anecompat baseline update --reason \"first baseline\"`"};
  }

  CLI::App* m_update = nullptr;
  CLI::App* m_show = nullptr;
  CLI::App* m_prune = nullptr;
  std::string m_manifest = "anecompat.yml";
  std::string m_baseline;
  std::string m_reason;
  std::string m_from;
  std::vector<std::string> m_filters;
  std::string m_rules;
  unsigned m_jobs = 0;
  SourceSettings m_sources;
  std::string m_path;
};

}  // namespace

std::unique_ptr<Command> make_baseline_command() {
  return std::make_unique<BaselineCommand>();
}

}  // namespace anecompat::cli
