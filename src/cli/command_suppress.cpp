#include "cli/command_suppress.hpp"

#include "cli/console.hpp"
#include "cli/gate_inputs.hpp"
#include "cli/saved_report.hpp"
#include "gate/gate.hpp"
#include "gate/manifest_edit.hpp"
#include "support/date.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace anecompat::cli {

namespace {

class SuppressCommand : public Command {
 public:
  void setup(CLI::App& app) override {
    app.add_option(
           "FINGERPRINT", m_fingerprint,
           "Of the finding: 16 hex digits, as report.json, SARIF and check --verbose show it")
        ->required();
    app.add_option("--reason", m_reason, "Why it is accepted")->type_name("TEXT")->required();
    app.add_option("--owner", m_owner, "Who will look at it again")->type_name("TEXT")->required();
    app.add_option("--expires", m_expires, "The last day it is accepted, as 2027-03-31")
        ->type_name("DATE")
        ->required();
    app.add_option("--manifest", m_manifest, "The manifest to edit (default: anecompat.yml)")
        ->type_name("PATH");
    app.add_option("--from", m_from,
                   "Look the finding up in this report (default: the manifest is checked anew)")
        ->type_name("REPORT");
    app.add_option("--baseline", m_baseline, "Of the new check (default: the manifest's)")
        ->type_name("PATH|GITREF:PATH");
    app.add_option("--policy", m_policy, "Of the new check (default: the manifest's)")
        ->type_name("NAME|PATH");
    add_source_options(app, m_sources);
    app.footer(
        "Examples:\n"
        "  anecompat suppress 3f2a90c1d4e5b678 --reason \"gelu moves back in 2.1\" --owner @vision "
        "\\\n"
        "      --expires 2027-03-31 --from report.json\n"
        "\n"
        "Exit codes: 0 the manifest was edited, 2 the command line or manifest is wrong or no "
        "finding\n"
        "has this fingerprint, 3 something could not be read or written.");
  }

  int run() override {
    auto suppression = read_options();
    if (!suppression)
      return fail_with(suppression.error());
    auto manifest = manifest::load_manifest(m_manifest);
    if (!manifest) {
      print_errors(manifest.error());
      return k_exit_usage;
    }
    if (const auto twin = std::ranges::find(manifest->suppressions, suppression->fingerprint,
                                            &manifest::Suppression::fingerprint);
        twin != manifest->suppressions.end()) {
      return fail_with({.kind = ErrorKind::usage,
                        .message = fmt::format("{}:{} has a suppression of {} already", m_manifest,
                                               twin->position.line, suppression->fingerprint),
                        .advice = "change its date there"});
    }
    const auto finding = find(*manifest, suppression->fingerprint);
    if (!finding)
      return fail_with(finding.error());
    suppression->rule = finding->rule;
    suppression->model = finding->entry;
    suppression->target = finding->target;
    return edit(*suppression, *finding);
  }

 private:
  Result<manifest::Suppression> read_options() const {
    manifest::Suppression suppression;
    suppression.fingerprint = to_lower(m_fingerprint);
    constexpr std::size_t k_digits = 16;
    if (suppression.fingerprint.size() != k_digits ||
        suppression.fingerprint.find_first_not_of("0123456789abcdef") != std::string::npos) {
      return fail({.kind = ErrorKind::usage,
                   .message = fmt::format("\"{}\" is no fingerprint, which has 16 hex digits",
                                          printable(m_fingerprint)),
                   .advice = "copy it from the report"});
    }
    suppression.reason = trim(m_reason);
    suppression.owner = trim(m_owner);
    if (suppression.reason.empty() || suppression.owner.empty()) {
      return fail({.kind = ErrorKind::usage,
                   .message = fmt::format("{} must not be empty",
                                          suppression.reason.empty() ? "--reason" : "--owner")});
    }
    const auto date = parse_date(m_expires);
    if (!date || std::chrono::sys_days(*date) < std::chrono::sys_days(today())) {
      return fail({.kind = ErrorKind::usage,
                   .message = fmt::format("--expires: \"{}\" is {}", printable(m_expires),
                                          date ? "in the past" : "not a day"),
                   .advice = "write a day to come, as 2027-03-31"});
    }
    suppression.expires = *date;
    return suppression;
  }

  Result<report::Report> report_to_search(const manifest::Manifest& manifest) const {
    if (!m_from.empty())
      return load_report(m_from);
    auto policy = gate::load_policy(m_policy.empty() ? manifest.policy : m_policy);
    if (!policy)
      return fail(std::move(policy.error().front()));
    // A finding that is off can be accepted, too: the policy may change.
    for (auto& [rule, severity] : policy->severities) {
      if (severity == report::Severity::off)
        severity = report::Severity::notice;
    }
    ANECOMPAT_TRY_ASSIGN(auto report, evaluate_now(manifest, {.manifest_path = m_manifest,
                                                              .filters = {},
                                                              .rules = {},
                                                              .sources = m_sources}));
    std::optional<gate::Reference> reference;
    if (const auto& name = m_baseline.empty() ? manifest.baseline : m_baseline; !name.empty()) {
      ANECOMPAT_TRY_ASSIGN(reference, gate::load_baseline(name, m_manifest));
    }
    gate::judge(report, manifest, *policy, reference ? &*reference : nullptr);
    return report;
  }

  Result<report::Finding> find(const manifest::Manifest& manifest,
                               const std::string& fingerprint) const {
    ANECOMPAT_TRY_ASSIGN(const auto report, report_to_search(manifest));
    std::vector<std::string_view> known;
    for (const auto* finding : report::all_findings(report)) {
      if (finding->fingerprint == fingerprint)
        return *finding;
      known.push_back(finding->fingerprint);
    }
    const auto meant = did_you_mean(fingerprint, known);
    return fail(
        {.kind = ErrorKind::usage,
         .message = fmt::format("no finding of {} has the fingerprint {}",
                                m_from.empty() ? "a check of " + m_manifest : m_from, fingerprint),
         .advice = meant ? fmt::format("did you mean {}?", printable(*meant))
                         : "`anecompat check --verbose` shows the fingerprints"});
  }

  int edit(const manifest::Suppression& suppression, const report::Finding& finding) const {
    const auto text = read_text_file(m_manifest);
    if (!text)
      return fail_with(text.error());
    const auto edited = gate::add_suppression(*text, m_manifest, suppression);
    if (!edited)
      return fail_with(edited.error());
    if (const auto written = write_text_file(m_manifest, *edited); !written)
      return fail_with(written.error());
    return print(fmt::format("{}: accepts until {}: {}: {}\n", printable(m_manifest),
                             to_string(suppression.expires), finding.rule,
                             printable(finding.message)))
               ? 0
               : k_exit_not_evaluated;
  }

  std::string m_fingerprint;
  std::string m_reason;
  std::string m_owner;
  std::string m_expires;
  std::string m_manifest = "anecompat.yml";
  std::string m_from;
  std::string m_baseline;
  std::string m_policy;
  SourceSettings m_sources;
};

}  // namespace

std::unique_ptr<Command> make_suppress_command() {
  return std::make_unique<SuppressCommand>();
}

}  // namespace anecompat::cli
