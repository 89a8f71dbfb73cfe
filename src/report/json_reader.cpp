// report.json read back. The file may come from anywhere, also from a fork's pull request.
#include "evaluate/evaluation_json.hpp"
#include "report/json_stream.hpp"
#include "report/reporter.hpp"
#include "support/json_cursor.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace anecompat::report {

namespace {

// Some 50 times the report on a hundred large models for six chips; larger runs are sharded.
constexpr std::size_t k_largest_report = 1U << 30U;
constexpr const char* k_advice =
    "give a report.json that `anecompat check --report json=PATH` wrote";
constexpr double k_longest_run_s = 1e9;

Finding read_finding(const JsonCursor& json) {
  Finding finding;
  finding.rule = json.text("rule", Need::required);
  finding.severity = json.word("severity", parse_severity, Severity::error);
  finding.entry = json.text("entry", Need::optional);
  finding.target = json.text("target", Need::optional);
  finding.message = json.text("message", Need::required);
  finding.details =
      json.list("details", Need::optional, [](const JsonCursor& item) { return item.as_text(); });
  finding.file = json.text("file", Need::optional);
  finding.line = json.integer<std::uint64_t>("line", Need::optional);
  finding.fingerprint = json.text("fingerprint", Need::optional);
  if (const auto suppressed = json.find("suppressed", Need::optional))
    finding.suppressed = suppressed->as_text();
  return finding;
}

Entry read_entry(const JsonCursor& json) {
  Entry entry;
  entry.name = json.text("name", Need::required);
  entry.source = json.text("source", Need::optional);
  if (const auto manifest = json.object("manifest", Need::optional)) {
    entry.manifest_file = manifest->text("file", Need::optional);
    entry.manifest_line = manifest->integer<std::uint64_t>("line", Need::optional);
  }
  entry.digest = json.text("digest", Need::optional);
  entry.format = json.text("format", Need::optional);
  entry.type = json.text("type", Need::optional);
  entry.spec_version = json.integer<std::int64_t>("spec_version", Need::optional);
  entry.size = json.integer<std::uint64_t>("size", Need::optional);
  if (const auto expectation = json.object("expectation", Need::optional)) {
    entry.expectation.expect = expectation->text("expect", Need::optional);
    entry.expectation.expect_eligible = expectation->text("expect_eligible", Need::optional);
  }
  if (const auto skipped = json.find("skipped", Need::optional))
    entry.skipped = skipped->as_text();
  entry.evaluations = json.list("evaluations", Need::required, evaluate::read_evaluation);
  entry.findings = json.list("findings", Need::optional, read_finding);
  return entry;
}

// Durations are told apart from the entries (see the writer); ones that match none are dropped.
void read_times(const JsonCursor& run, Report& report) {
  std::size_t entry = 0;
  run.each("times", Need::optional, [&](const JsonCursor& of_entry) {
    std::size_t evaluation = 0;
    of_entry.each([&](const JsonCursor& of_evaluation) {
      std::size_t number = 0;
      of_evaluation.each([&](const JsonCursor& item) {
        // Small enough that no sum of them overflows.
        const std::int64_t duration = item.as_integer<std::uint32_t>();
        if (entry < report.entries.size() &&
            evaluation < report.entries[entry].evaluations.size()) {
          auto& target = report.entries[entry].evaluations[evaluation];
          if (number == 0)
            target.duration = std::chrono::microseconds(duration);
          else if (number <= target.attempts.size())
            target.attempts[number - 1].duration = std::chrono::milliseconds(duration);
        }
        ++number;
      });
      ++evaluation;
    });
    ++entry;
  });
}

void read_run(const JsonCursor& root, Report& report) {
  const auto run = root.object("run", Need::optional);
  if (!run)
    return;
  report.run.started = run->text("started", Need::optional);
  if (const auto duration = run->real("duration")) {
    if (*duration > k_longest_run_s)
      run->wrong("\"duration\" is out of range");
    else
      report.run.duration = std::chrono::milliseconds(std::llround(*duration * 1e3));
  }
  report.run.shard = run->text("shard", Need::optional);
  if (const auto part = run->object("part", Need::optional)) {
    report.run.part =
        ShardPart{.manifest_sha256 = part->text("manifest_sha256", Need::required),
                  .plan = part->text("plan", Need::required),
                  .entries = part->integer<std::uint64_t>("entries", Need::required),
                  .positions = part->list("positions", Need::required, [](const JsonCursor& item) {
                    return static_cast<std::uint64_t>(item.as_integer<std::uint32_t>());
                  })};
  }
  read_times(*run, report);
}

void read_schema(const JsonCursor& root) {
  const auto schema = root.integer<std::int64_t>("schema", Need::required);
  if (schema != k_report_schema) {
    root.wrong(fmt::format("schema: is {}, and this program reads schema {} only{}", schema,
                           k_report_schema,
                           schema > k_report_schema ? "; a newer anecompat wrote it" : ""));
  }
}

// All but the entries.
void read_rest(const JsonCursor& root, Report& report) {
  if (const auto tool = root.object("tool", Need::optional)) {
    report.tool = {.version = tool->text("version", Need::optional),
                   .commit = tool->text("commit", Need::optional)};
  }
  if (const auto host = root.object("host", Need::optional)) {
    report.host = {.os = host->text("os", Need::optional),
                   .build = host->text("build", Need::optional),
                   .arch = host->text("arch", Need::optional),
                   .chip = host->text("chip", Need::optional),
                   .ane = host->flag("ane"),
                   .vm = host->flag("vm")};
  }
  read_run(root, report);
  report.manifest = root.text("manifest", Need::optional);
  report.policy = root.text("policy", Need::optional);
  report.baseline = root.text("baseline", Need::optional);
  report.findings = root.list("findings", Need::optional, read_finding);
  report.exit_code = root.integer<int>("exit_code", Need::optional);
}

Error unreadable(const std::string& name, std::string message) {
  return {.kind = ErrorKind::unreadable,
          .message = std::move(message),
          .file = name,
          .position = {},
          .advice = k_advice};
}

}  // namespace

Result<Report> report_from_json(std::string_view text, const std::string& name) {
  Report report;
  JsonProblem entry_problem;
  ANECOMPAT_TRY_ASSIGN(
      const auto json,
      read_json_list(
          text, {.name = name, .advice = k_advice, .list = "entries", .largest = k_largest_report},
          report.entries, entry_problem, read_entry));
  JsonProblem problem;
  const JsonCursor root(json, problem);
  read_schema(root);
  if (!problem.found() && entry_problem.found())
    return fail(unreadable(name, entry_problem.message()));
  root.each("entries", Need::required, [](const JsonCursor& item) { item.expected("an object"); });
  read_rest(root, report);
  if (problem.found())
    return fail(unreadable(name, problem.message()));
  report.totals = count_totals(report);
  return report;
}

}  // namespace anecompat::report
