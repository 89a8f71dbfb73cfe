// report.json read back. The file may come from anywhere, also from a fork's pull request.
#include "evaluate/evaluation_json.hpp"
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

using Json = nlohmann::json;

// Some 50 times the report on a hundred large models for six chips; larger runs are sharded.
constexpr std::size_t k_largest_report = 1U << 30U;
// Reports nest 7 deep; extensions may go deeper, bombs may not.
constexpr int k_deepest = 32;
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
  report.findings = root.list("findings", Need::optional, read_finding);
  report.exit_code = root.integer<int>("exit_code", Need::optional);
}

// Turns each entry into its small form as soon as it is complete, so that the tree of a large
// report is never whole in memory.
class EntryCollector {
 public:
  // For nlohmann's parser callback: false drops the value.
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > k_deepest)
      throw TooDeep{};
    if (event == Json::parse_event_t::key && depth == 1)
      m_in_entries = parsed.get_ref<const std::string&>() == "entries";
    if (event != Json::parse_event_t::object_end || depth != 2 || !m_in_entries)
      return true;
    if (!m_problem.found()) {
      const Json nothing;
      const JsonCursor root(nothing, m_problem);
      const auto entries = root.member(nothing, "entries");
      m_entries.push_back(read_entry(JsonCursor(parsed, entries, m_entries.size())));
    }
    return false;
  }

  struct TooDeep {};

  const JsonProblem& problem() const { return m_problem; }
  std::vector<Entry>& entries() { return m_entries; }

 private:
  bool m_in_entries = false;
  JsonProblem m_problem;
  std::vector<Entry> m_entries;
};

TextPosition position_of(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, std::min(byte == 0 ? 0 : byte - 1, text.size()));
  const auto line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
          .column = before.size() - line_begin + 1};
}

Error unreadable(const std::string& name, std::string message, TextPosition position = {}) {
  return {.kind = ErrorKind::unreadable,
          .message = std::move(message),
          .file = name,
          .position = position,
          .advice = "give a report.json that `anecompat check --report json=PATH` wrote"};
}

}  // namespace

Result<Report> report_from_json(std::string_view text, const std::string& name) {
  if (text.size() > k_largest_report) {
    return fail(
        unreadable(name, fmt::format("has {}, more than the {} a report may have",
                                     human_bytes(text.size()), human_bytes(k_largest_report))));
  }
  EntryCollector collector;
  Json json;
  try {
    json = Json::parse(text, std::ref(collector));
  } catch (const Json::parse_error& error) {
    return fail(unreadable(name, "is not valid JSON", position_of(text, error.byte)));
  } catch (const Json::exception&) {
    return fail(unreadable(name, "is not valid JSON: a number is out of range"));
  } catch (const EntryCollector::TooDeep&) {
    return fail(unreadable(name, fmt::format("nests deeper than {} levels", k_deepest)));
  }

  Report report;
  report.entries = std::move(collector.entries());
  JsonProblem problem;
  const JsonCursor root(json, problem);
  read_schema(root);
  if (!problem.found() && collector.problem().found())
    return fail(unreadable(name, collector.problem().message()));
  root.each("entries", Need::required, [](const JsonCursor& item) { item.expected("an object"); });
  read_rest(root, report);
  if (problem.found())
    return fail(unreadable(name, problem.message()));
  report.totals = count_totals(report);
  return report;
}

}  // namespace anecompat::report
