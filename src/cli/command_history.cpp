#include "cli/command_history.hpp"

#include "cli/console.hpp"
#include "cli/saved_report.hpp"
#include "history/store.hpp"
#include "history/trend_page.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace anecompat::cli {

namespace {

constexpr const char* k_examples =
    "Examples:\n"
    "  anecompat history add report.json\n"
    "  anecompat history list --last 30\n"
    "  anecompat history html -o trend.html\n"
    "\n"
    "The record is one SQLite file; a report that is in it already counts once.\n"
    "Exit codes: 0 done, 2 the command line is wrong, 3 a file cannot be read or written.";

class HistoryCommand : public Command {
 public:
  void setup(CLI::App& app) override;
  int run() override;

 private:
  Result<void> add() const;
  Result<void> show() const;

  CLI::App* m_add = nullptr;
  CLI::App* m_list = nullptr;
  CLI::App* m_html = nullptr;
  std::string m_database = "anecompat-history.sqlite";
  std::vector<std::string> m_reports;
  std::string m_commit;
  std::uint32_t m_last = 0;
  std::string m_output;
};

void HistoryCommand::setup(CLI::App& app) {
  if (const char* commit = std::getenv("GITHUB_SHA"); commit != nullptr)
    m_commit = commit;
  const auto database = [this](CLI::App* command) {
    command->add_option("--db", m_database, "The record (default: anecompat-history.sqlite)")
        ->type_name("PATH");
  };
  const auto last = [this](CLI::App* command) {
    command->add_option("--last", m_last, "Only the last N runs of each manifest")->type_name("N");
  };
  m_add = app.add_subcommand("add", "Record the results of a run");
  m_add->add_option("REPORTS", m_reports, "What check wrote")->type_name("REPORT.json")->required();
  m_add->add_option("--commit", m_commit, "What was checked (default: $GITHUB_SHA)")
      ->type_name("SHA");
  database(m_add);
  m_list = app.add_subcommand("list", "One line per model and chip: its level, since when");
  database(m_list);
  last(m_list);
  m_html = app.add_subcommand("html", "The trends as one HTML page");
  database(m_html);
  last(m_html);
  m_html->add_option("--output,-o", m_output, "default: standard output")->type_name("PATH");
  app.require_subcommand(0, 1);
  app.footer(k_examples);
}

Result<void> HistoryCommand::add() const {
  // Everything is read before anything is recorded.
  std::vector<report::Report> reports;
  for (const auto& path : m_reports) {
    ANECOMPAT_TRY_ASSIGN(auto report, load_report(path));
    reports.push_back(std::move(report));
  }
  ANECOMPAT_TRY_ASSIGN(auto store, history::Store::open(m_database, history::Store::Mode::create));
  for (std::size_t i = 0; i < reports.size(); ++i) {
    ANECOMPAT_TRY_ASSIGN(const auto added, store.add(reports[i], m_commit));
    fmt::print(stderr, "{}: {}\n", printable(m_reports[i]),
               added == history::Added::added
                   ? counted(reports[i].totals.evaluations, "result") + " recorded"
                   : "is in the record already");
  }
  return {};
}

Result<void> HistoryCommand::show() const {
  ANECOMPAT_TRY_ASSIGN(const auto store,
                       history::Store::open(m_database, history::Store::Mode::read_only));
  ANECOMPAT_TRY_ASSIGN(const auto series, store.series(m_last));
  const auto text = m_html->parsed() ? history::render_html(series) : history::render_text(series);
  if (!m_output.empty())
    return write_text_file(m_output, text);
  if (!print(text))
    return fail({.kind = ErrorKind::system, .message = "nobody takes standard output"});
  return {};
}

int HistoryCommand::run() {
  if (!m_add->parsed() && !m_list->parsed() && !m_html->parsed()) {
    return fail_with({.kind = ErrorKind::usage,
                      .message = "history: what shall it do?",
                      .advice = "history add, history list or history html"});
  }
  const auto done = m_add->parsed() ? add() : show();
  return done ? 0 : fail_with(done.error());
}

}  // namespace

std::unique_ptr<Command> make_history_command() {
  return std::make_unique<HistoryCommand>();
}

}  // namespace anecompat::cli
