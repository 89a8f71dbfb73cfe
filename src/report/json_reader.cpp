// report.json read back. The file may come from anywhere, also from a fork's pull request.
#include "report/json_cursor.hpp"
#include "report/json_stream.hpp"
#include "report/reporter.hpp"
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
constexpr const char* k_advice =
    "give a report.json that `anecompat check --report json=PATH` wrote";
constexpr double k_longest_run_s = 1e9;

ane::Reason read_reason(const JsonCursor& json) {
  return {.code = json.text("code", Need::required),
          .message = json.text("message", Need::optional)};
}

std::optional<ane::Reason> optional_reason(const JsonCursor& json) {
  const auto reason = json.object("reason", Need::optional);
  if (!reason)
    return std::nullopt;
  return read_reason(*reason);
}

evaluate::OpResult read_op(const JsonCursor& json) {
  evaluate::OpResult op;
  op.path = json.text("path", Need::required);
  op.type = json.text("type", Need::required);
  op.shape = json.text("shape", Need::optional);
  if (const auto placement = json.find("placement", Need::optional))
    op.placement = placement->as_word(ane::parse_backend);
  op.eligible = json.list("eligible", Need::optional, [](const JsonCursor& item) {
    return item.as_word(ane::parse_backend).value_or(ane::Backend::cpu);
  });
  op.boundary = json.flag("boundary");
  op.reason = optional_reason(json);
  op.cost_us = json.real("cost_us");
  op.inputs = json.list("inputs", Need::optional,
                        [](const JsonCursor& item) { return item.as_integer<std::uint32_t>(); });
  return op;
}

evaluate::Segment read_segment(const JsonCursor& json) {
  return {.backend = json.word("backend", ane::parse_backend, ane::Backend::cpu),
          .first = json.integer<std::uint32_t>("first", Need::required),
          .count = json.integer<std::uint32_t>("count", Need::required),
          .cost_us = json.real("cost_us")};
}

evaluate::Counts read_counts(const JsonCursor& json) {
  return {.ops = json.integer<std::uint32_t>("ops", Need::required),
          .ane = json.integer<std::uint32_t>("ane", Need::required),
          .cpu = json.integer<std::uint32_t>("cpu", Need::required),
          .gpu = json.integer<std::uint32_t>("gpu", Need::required),
          .unplaced = json.integer<std::uint32_t>("unplaced", Need::optional),
          .boundary = json.integer<std::uint32_t>("boundary", Need::optional),
          .eligible = json.integer<std::uint32_t>("eligible", Need::optional)};
}

std::optional<double> read_share(const JsonCursor& shares, const char* key) {
  const auto value = shares.real(key);
  if (value && *value > 1)
    shares.wrong(fmt::format("\"{}\" is a share, between 0 and 1", key));
  return value;
}

evaluate::EvaluationError read_error(const JsonCursor& json) {
  evaluate::EvaluationError error;
  error.kind = json.text("kind", Need::required);
  if (const auto signal = json.find("signal", Need::optional))
    error.signal = signal->as_integer<int>();
  error.message = json.text("message", Need::optional);
  return error;
}

// Segments index operations, and renderers trust them to.
void check_segments(const JsonCursor& json, const evaluate::Evaluation& evaluation) {
  const std::uint64_t ops = evaluation.ops.empty() ? evaluation.counts.ops : evaluation.ops.size();
  for (const auto& segment : evaluation.segments) {
    if (std::uint64_t{segment.first} + segment.count > ops) {
      json.wrong(fmt::format("a segment ends after the last of {}", counted(ops, "operation")));
      return;
    }
  }
}

// So do the inputs of operations.
void check_inputs(const JsonCursor& json, const evaluate::Evaluation& evaluation) {
  for (const auto& op : evaluation.ops) {
    for (const auto input : op.inputs) {
      if (input >= evaluation.ops.size()) {
        json.wrong(fmt::format("an input of an operation is none of {}",
                               counted(evaluation.ops.size(), "operation")));
        return;
      }
    }
  }
}

evaluate::Standing read_standing(const JsonCursor& json) {
  return {.level = json.word("level", ane::parse_level, ane::Level::unknown),
          .eligible_level = json.word("eligible_level", ane::parse_level, ane::Level::unknown),
          .ops = json.integer<std::uint32_t>("ops", Need::required),
          .segments = json.integer<std::uint32_t>("segments", Need::required),
          .transitions = json.integer<std::uint32_t>("transitions", Need::optional),
          .ops_share = read_share(json, "ops_share"),
          .cost_share = read_share(json, "cost_share")};
}

evaluate::OpChange read_change(const JsonCursor& json) {
  const auto place = [&](const char* key) -> std::optional<ane::Backend> {
    const auto value = json.find(key, Need::optional);
    return value ? value->as_word(ane::parse_backend) : std::nullopt;
  };
  evaluate::OpChange change;
  change.kind = json.word("kind", evaluate::parse_change_kind, evaluate::OpChange::Kind::changed);
  change.path = json.text("path", Need::required);
  change.type = json.text("type", Need::required);
  change.shape = json.text("shape", Need::optional);
  change.before = place("before");
  change.after = place("after");
  change.reason = optional_reason(json);
  change.old_path = json.text("old_path", Need::optional);
  change.old_type = json.text("old_type", Need::optional);
  change.old_shape = json.text("old_shape", Need::optional);
  change.eligible = json.flag("eligible");
  change.boundary = json.flag("boundary");
  change.cost_us = json.real("cost_us");
  change.caused_by = json.text("caused_by", Need::optional);
  change.pulled = json.integer<std::uint32_t>("pulled", Need::optional);
  return change;
}

evaluate::Comparison read_comparison(const JsonCursor& json) {
  evaluate::Comparison comparison;
  comparison.with = json.text("with", Need::optional);
  comparison.evidence = json.word("evidence", ane::parse_evidence, ane::Evidence::predicted);
  comparison.digest = json.text("digest", Need::optional);
  comparison.note = json.text("note", Need::optional);
  if (const auto before = json.object("before", Need::required))
    comparison.before = read_standing(*before);
  if (const auto after = json.object("after", Need::required))
    comparison.after = read_standing(*after);
  if (const auto counts = json.object("counts", Need::required)) {
    const auto count = [&](const char* key) {
      return counts->integer<std::uint32_t>(key, Need::optional);
    };
    comparison.left = count("left");
    comparison.joined = count("joined");
    comparison.moved = count("moved");
    comparison.changed = count("changed");
    comparison.added = count("added");
    comparison.removed = count("removed");
    comparison.more_changes = count("more");
  }
  comparison.changes = json.list("changes", Need::optional, read_change);
  return comparison;
}

evaluate::Evaluation read_evaluation(const JsonCursor& json) {
  evaluate::Evaluation evaluation;
  evaluation.target = json.text("target", Need::required);
  evaluation.evidence = json.word("evidence", ane::parse_evidence, ane::Evidence::predicted);
  evaluation.confidence = json.word("confidence", ane::parse_confidence, ane::Confidence::low);
  evaluation.level = json.word("level", ane::parse_level, ane::Level::unknown);
  evaluation.eligible_level = json.word("eligible_level", ane::parse_level, ane::Level::unknown);
  evaluation.reason = optional_reason(json);
  evaluation.segments = json.list("segments", Need::optional, read_segment);
  if (const auto counts = json.object("counts", Need::required))
    evaluation.counts = read_counts(*counts);
  if (const auto shares = json.object("shares", Need::optional)) {
    evaluation.shares.ops = read_share(*shares, "ops");
    evaluation.shares.cost = read_share(*shares, "cost");
  }
  evaluation.ops = json.list("ops", Need::optional, read_op);
  evaluation.risks = json.list("risks", Need::optional, [](const JsonCursor& item) {
    return evaluate::Risk{.code = item.text("code", Need::required),
                          .message = item.text("message", Need::required),
                          .op = item.text("op", Need::optional)};
  });
  evaluation.attempts = json.list("attempts", Need::optional, [](const JsonCursor& item) {
    return evaluate::Attempt{.outcome = item.text("outcome", Need::required),
                             .message = item.text("message", Need::optional)};
  });
  if (const auto error = json.object("error", Need::optional))
    evaluation.error = read_error(*error);
  if (const auto comparison = json.object("comparison", Need::optional))
    evaluation.comparison = read_comparison(*comparison);
  check_segments(json, evaluation);
  check_inputs(json, evaluation);
  return evaluation;
}

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
  entry.evaluations = json.list("evaluations", Need::required, read_evaluation);
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
  const Json nothing;
  const JsonCursor nowhere(nothing, entry_problem);
  const auto entries = nowhere.member(nothing, "entries");
  ANECOMPAT_TRY_ASSIGN(const auto json,
                       read_json_stream(text, {.name = name,
                                               .advice = k_advice,
                                               .list = "entries",
                                               .largest = k_largest_report,
                                               .take = [&](const Json& element, std::size_t index) {
                                                 if (!entry_problem.found()) {
                                                   report.entries.push_back(read_entry(
                                                       JsonCursor(element, entries, index)));
                                                 }
                                               }}));
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
