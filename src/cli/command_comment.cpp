#include "cli/command_comment.hpp"

#include "cli/console.hpp"
#include "cli/parse_values.hpp"
#include "cli/saved_report.hpp"
#include "github/comment.hpp"
#include "github/pull_request_event.hpp"
#include "github/workflow_commands.hpp"
#include "report/reporter.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <string>

namespace anecompat::cli {

namespace {

constexpr const char* k_examples =
    "Examples:\n"
    "  anecompat comment report.json\n"
    "  anecompat comment report.json --when on-failure\n"
    "  anecompat comment report.json --repository owner/name --pull-request 12\n"
    "\n"
    "Needs GITHUB_TOKEN with `pull-requests: write`. There is one comment for each manifest and\n"
    "workflow; it is updated in place, and only when it changes.\n"
    "\n"
    "Exit codes: 0 also when GitHub says no (which is a warning), 2 the command line is wrong,\n"
    "3 the report cannot be read, or with --strict GitHub said no.";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

class CommentCommand : public Command {
 public:
  void setup(CLI::App& app) override;
  int run() override;

 private:
  // A pull request, or the exit code when there is none.
  tl::expected<std::uint64_t, int> pull_request(const github::ApiClient& client) const;
  // Says why there is no comment. The gate's own verdict is not for us to change.
  int no_comment(const Error& error) const;

  std::string m_report;
  std::string m_repository = environment("GITHUB_REPOSITORY");
  std::uint64_t m_pull_request = 0;
  std::string m_key;
  std::string m_author;
  std::string m_when = "always";
  bool m_strict = false;
  bool m_dry_run = false;
  bool m_allow_loopback = false;
};

void CommentCommand::setup(CLI::App& app) {
  app.add_option("REPORT", m_report, "What check wrote")->type_name("REPORT.json")->required();
  app.add_option("--repository", m_repository, "default: $GITHUB_REPOSITORY")
      ->type_name("OWNER/NAME");
  app.add_option("--pull-request", m_pull_request,
                 "default: that of the event at $GITHUB_EVENT_PATH")
      ->type_name("N")
      ->check(CLI::Validator(CLI::PositiveNumber).description(""));
  app.add_option("--key", m_key, "Tells this comment from others of the same manifest and workflow")
      ->type_name("TEXT");
  app.add_option("--author", m_author,
                 "Whose comments are ours (default: the token's user, for a token of Actions "
                 "github-actions[bot])")
      ->type_name("LOGIN");
  app.add_option("--when", m_when,
                 "always, or on-failure: no new comment when the gate passed; one that is there is "
                 "updated (default: always)")
      ->type_name("WHEN");
  app.add_flag("--strict", m_strict, "Exit 3 when GitHub says no");
  app.add_flag("--dry-run", m_dry_run, "Print the comment instead");
  app.add_flag("--allow-loopback", m_allow_loopback)->group("");  // for tests
  app.footer(k_examples);
}

int CommentCommand::no_comment(const Error& error) const {
  if (m_strict) {
    print_error(error);
    return k_exit_not_evaluated;
  }
  const auto text = "no comment on the pull request: " + error.to_string();
  fmt::print(stderr, "anecompat: warning: {}\n", printable(text));
  if (environment("GITHUB_ACTIONS") == "true")
    print(github::to_command({.level = github::AnnotationLevel::warning,
                              .title = "anecompat",
                              .message = text,
                              .file = {}}));
  return 0;
}

tl::expected<std::uint64_t, int> CommentCommand::pull_request(
    const github::ApiClient& client) const {
  if (m_pull_request != 0)
    return m_pull_request;
  const auto path = environment("GITHUB_EVENT_PATH");
  if (path.empty()) {
    return tl::unexpected(fail_with({.kind = ErrorKind::usage,
                                     .message = "which pull request? $GITHUB_EVENT_PATH is not set",
                                     .advice = "name it by --pull-request"}));
  }
  const auto text = read_text_file(path);
  if (!text)
    return tl::unexpected(fail_with(text.error()));
  auto event = github::parse_pull_request_event(*text, path);
  if (!event)
    return tl::unexpected(fail_with(event.error()));
  const auto number = github::find_pull_request(client, m_repository, *event);
  if (!number)
    return tl::unexpected(no_comment(number.error().error));
  if (!*number) {
    fmt::print(stderr, "anecompat: no comment: {}\n", event->why_not);
    return tl::unexpected(0);
  }
  return **number;
}

int CommentCommand::run() {
  static constexpr std::array<std::string_view, 2> k_when = {"always", "on-failure"};
  const auto when = parse_choice("--when", m_when, k_when);
  if (!when)
    return fail_with(when.error());
  const auto report = load_report(m_report);
  if (!report)
    return fail_with(report.error());

  github::CommentRequest request;
  request.repository = m_repository;
  request.author = m_author;
  request.only_existing = *when == 1 && report->exit_code == 0;
  request.marker = github::comment_marker(report->manifest, environment("GITHUB_WORKFLOW"), m_key);
  const report::RenderOptions options{.comment_limit =
                                          github::k_comment_limit - request.marker.size() - 1};
  request.markdown = report::render(
      *report, {.format = report::Format::markdown, .dialect = {}, .path = {}}, options);
  if (m_dry_run)
    return print(request.marker + "\n" + request.markdown) ? 0 : k_exit_not_evaluated;

  if (!github::is_repository(m_repository)) {
    return fail_with({.kind = ErrorKind::usage,
                      .message = fmt::format("`{}` is no repository", printable(m_repository)),
                      .advice = "set GITHUB_REPOSITORY or --repository to OWNER/NAME"});
  }
  auto settings = github::api_settings_from_environment();
  if (!settings)
    return no_comment(settings.error());
  settings->network.allow_loopback = m_allow_loopback;
  const github::ApiClient client(std::move(*settings));
  const auto number = pull_request(client);
  if (!number)
    return number.error();
  request.pull_request = *number;

  const auto change = github::put_comment(client, request);
  if (!change)
    return no_comment(change.error().error);
  static constexpr std::array k_words = {"created", "updated", "unchanged", "not needed"};
  fmt::print(stderr, "anecompat: comment on {}#{}: {}\n", m_repository, *number,
             k_words.at(static_cast<std::size_t>(*change)));
  return 0;
}

}  // namespace

std::unique_ptr<Command> make_comment_command() {
  return std::make_unique<CommentCommand>();
}

}  // namespace anecompat::cli
