// JUnit XML: one suite, one test case per entry and target.
//
// Failure means that something is not as it was asked to be, error that it could not be found out,
// skipped that nobody needed to know.
#include "report/reporters.hpp"
#include "report/view.hpp"
#include "support/text.hpp"
#include "support/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace anecompat::report {

namespace {

enum class Outcome : std::uint8_t { passed, failure, error, skipped };

struct TestCase {
  std::string group;  // classname
  std::string name;
  std::string file;
  std::uint64_t line = 0;
  std::chrono::microseconds time{0};
  Outcome outcome = Outcome::passed;
  std::string type;     // of the failure: the rule
  std::string message;  // one line
  std::string text;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<std::string> output;  // findings that fail nothing
  const evaluate::Evaluation* evaluation = nullptr;
};

// "anecompat.yml:12" leads, because some readers look for a place in the text only.
std::string full_text(const Finding& finding) {
  auto text =
      fmt::format("{}{}{}[{}]: {}: {}\n", location(finding), finding.file.empty() ? "" : " ",
                  to_string(finding.severity), finding.rule, subject(finding), finding.message);
  for (const auto& detail : finding.details)
    text += fmt::format("  {}\n", detail);
  return text;
}

// Readers take [[PROPERTY|…]] and [[ATTACHMENT|path]] from output; only ours are to be found there.
std::string without_markers(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    if ((c == '[' || c == ']') && !result.empty() && result.back() == c)
      result += ' ';
    result += c;
  }
  return result;
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

bool is_broken(const Finding& finding) {
  return finding.severity == Severity::error && !finding.suppressed;
}

// Readers take one element of a test case: several findings become one.
void add_broken(TestCase& test, const std::vector<const Finding*>& broken) {
  if (broken.empty())
    return;
  const bool not_evaluated = std::ranges::any_of(
      broken, [](const Finding* finding) { return finding->rule == "evaluation-failed"; });
  const auto first = std::ranges::find_if(broken, [&](const Finding* finding) {
    return !not_evaluated || finding->rule == "evaluation-failed";
  });
  test.outcome = not_evaluated ? Outcome::error : Outcome::failure;
  test.type = (*first)->rule;
  test.message = (*first)->message;
  if (broken.size() > 1)
    test.message += fmt::format(" (and {} more)", broken.size() - 1);
  for (const auto* finding : broken)
    test.text += full_text(*finding);
}

void add_findings(TestCase& test, const std::vector<const Finding*>& findings) {
  std::vector<const Finding*> broken;
  for (const auto* finding : findings) {
    if (is_broken(*finding)) {
      broken.push_back(finding);
    } else if (finding->suppressed) {
      test.output.push_back("suppressed (" + *finding->suppressed + "): " + full_text(*finding));
    } else if (finding->severity != Severity::off) {
      test.output.push_back(full_text(*finding));
    }
  }
  add_broken(test, broken);
}

void add_measurements(TestCase& test, const Entry& entry, const evaluate::Evaluation& evaluation) {
  const auto add = [&](std::string_view name, std::string value) {
    if (!value.empty())
      test.properties.emplace_back(name, std::move(value));
  };
  add("level", std::string(level_word(evaluation)));
  add("eligible_level", std::string(ane::to_string(evaluation.eligible_level)));
  add("expect", entry.expectation.expect);
  add("expect_eligible", entry.expectation.expect_eligible);
  add("evidence", std::string(ane::to_string(evaluation.evidence)));
  add("confidence", std::string(ane::to_string(evaluation.confidence)));
  if (!evaluation.error) {
    add("ops", fmt::format("{}", evaluation.counts.ops));
    add("ane_ops", fmt::format("{}", evaluation.counts.ane));
    add("segments", fmt::format("{}", evaluation.segments.size()));
  }
  if (evaluation.shares.ops)
    add("ane_share_ops", fmt::format("{:.4f}", *evaluation.shares.ops));
  if (evaluation.shares.cost)
    add("ane_share_cost", fmt::format("{:.4f}", *evaluation.shares.cost));
  add("why", why(evaluation));
  if (!evaluation.comparison)
    return;
  const auto& comparison = *evaluation.comparison;
  add("baseline", comparison.with);
  add("baseline_level", std::string(ane::to_string(comparison.before.level)));
  add("baseline_segments", fmt::format("{}", comparison.before.segments));
  if (comparison.before.ops_share)
    add("baseline_ane_share_ops", fmt::format("{:.4f}", *comparison.before.ops_share));
  if (comparison.before.cost_share)
    add("baseline_ane_share_cost", fmt::format("{:.4f}", *comparison.before.cost_share));
  add("ops_left_ane", fmt::format("{}", comparison.left));
  add("ops_joined_ane", fmt::format("{}", comparison.joined));
}

// What an evaluation itself means where no finding has said so already.
void add_outcome(TestCase& test, const Report& report, const Entry& entry,
                 const evaluate::Evaluation& evaluation) {
  if (evaluation.error) {
    if (failure_tolerated(report, entry, evaluation)) {
      if (test.outcome == Outcome::passed) {
        test.outcome = Outcome::skipped;
        test.message = "not evaluated, which the policy allows: " + why(evaluation);
      }
    } else if (test.outcome != Outcome::error) {
      test.outcome = Outcome::error;
      test.type = "evaluation-failed";
      test.message = why(evaluation);
      test.text += why(evaluation) + "\n";
    }
  } else if (evaluation.level == ane::Level::unknown && test.outcome == Outcome::passed) {
    test.outcome = Outcome::skipped;
    const auto reason = why(evaluation);
    test.message = reason.empty() ? "level unknown" : "level unknown: " + reason;
  }
}

TestCase new_case(const Entry& entry, std::string name) {
  TestCase test;
  test.group = entry.name.empty() ? "unnamed" : entry.name;
  test.name = std::move(name);
  test.file = entry.manifest_file;
  test.line = entry.manifest_line;
  return test;
}

void add_entry(std::vector<TestCase>& tests, const Report& report, const Entry& entry) {
  const auto first = tests.size();
  for (const auto& evaluation : entry.evaluations) {
    auto test = new_case(entry, fmt::format("{} on {}", entry.name, evaluation.target));
    test.time = evaluation.duration;
    test.evaluation = &evaluation;
    add_measurements(test, entry, evaluation);
    tests.push_back(std::move(test));
  }
  if (entry.evaluations.empty())
    tests.push_back(new_case(entry, entry.name.empty() ? "unnamed" : entry.name));

  std::vector<std::vector<const Finding*>> findings(tests.size() - first);
  for (const auto& finding : entry.findings) {
    const auto found =
        std::ranges::find(entry.evaluations, finding.target, &evaluate::Evaluation::target);
    // What concerns all targets is told once, in the first.
    const auto index =
        found == entry.evaluations.end()
            ? 0U
            : static_cast<std::size_t>(std::distance(entry.evaluations.begin(), found));
    findings[index].push_back(&finding);
  }
  for (std::size_t i = 0; i < findings.size(); ++i) {
    auto& test = tests[first + i];
    add_findings(test, findings[i]);
    if (test.evaluation != nullptr)
      add_outcome(test, report, entry, *test.evaluation);
    if (entry.skipped && test.outcome == Outcome::passed) {
      test.outcome = Outcome::skipped;
      test.message = *entry.skipped;
    }
  }
}

std::vector<TestCase> test_cases(const Report& report) {
  std::vector<TestCase> tests;
  if (!report.findings.empty()) {
    TestCase test;
    test.group = "the whole run";
    test.name = "the whole run";
    test.file = report.manifest;
    std::vector<const Finding*> findings;
    for (const auto& finding : report.findings)
      findings.push_back(&finding);
    const auto placed = std::ranges::find_if(
        report.findings, [](const Finding& finding) { return !finding.file.empty(); });
    if (placed != report.findings.end()) {
      test.file = placed->file;
      test.line = placed->line;
    }
    add_findings(test, findings);
    tests.push_back(std::move(test));
  }
  for (const auto& entry : report.entries)
    add_entry(tests, report, entry);
  return tests;
}

class JunitWriter {
 public:
  explicit JunitWriter(JunitDialect dialect) : m_dialect(dialect) {}

  std::string write(const Report& report) {
    const auto tests = test_cases(report);
    const auto count = [&](Outcome outcome) {
      return std::ranges::count(tests, outcome, &TestCase::outcome);
    };
    std::chrono::microseconds time{0};
    for (const auto& test : tests)
      time += test.time;

    const auto name = report.manifest.empty() ? "anecompat" : report.manifest;
    m_out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites";
    attribute("name", "anecompat");
    attribute("tests", fmt::format("{}", tests.size()));
    attribute("failures", fmt::format("{}", count(Outcome::failure)));
    attribute("errors", fmt::format("{}", count(Outcome::error)));
    attribute("time", seconds(time));
    m_out += ">\n  <testsuite";
    attribute("name", name);
    attribute("tests", fmt::format("{}", tests.size()));
    attribute("failures", fmt::format("{}", count(Outcome::failure)));
    attribute("errors", fmt::format("{}", count(Outcome::error)));
    attribute("skipped", fmt::format("{}", count(Outcome::skipped)));
    attribute("time", seconds(time));
    attribute("timestamp", without_zone(report.run.started));
    // The name of the machine would make the file differ from run to run and says nothing.
    attribute("hostname", "localhost");
    attribute("id", "0");
    attribute("package", "anecompat");
    m_out += ">\n";
    write_properties(report);
    for (const auto& test : tests)
      write_case(test);
    m_out += "    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n";
    return std::move(m_out);
  }

 private:
  void attribute(std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(m_out), " {}=\"{}\"", name, xml_attribute(value));
  }

  // xs:dateTime in the form Ant's schema wants; the zone is UTC.
  static std::string without_zone(std::string_view started) {
    constexpr std::size_t k_length = std::string_view("2026-01-31T12:00:00").size();
    if (started.size() < k_length || started[4] != '-' || started[10] != 'T')
      return "1970-01-01T00:00:00";
    return std::string(started.substr(0, k_length));
  }

  void write_properties(const Report& report) {
    m_out += "    <properties>\n";
    const auto add = [&](std::string_view name, std::string_view value) {
      if (value.empty())
        return;
      m_out += "      <property";
      attribute("name", name);
      attribute("value", value);
      m_out += "/>\n";
    };
    add("tool.version", report.tool.version);
    add("tool.commit", report.tool.commit);
    add("policy", report.policy);
    add("baseline", report.baseline);
    add("exit_code", fmt::format("{}", report.exit_code));
    add("shard", report.run.shard);
    add("host.os", report.host.os);
    add("host.build", report.host.build);
    add("host.arch", report.host.arch);
    add("host.chip", report.host.chip);
    add("host.ane", report.host.ane ? "true" : "false");
    add("host.vm", report.host.vm ? "true" : "false");
    m_out += "    </properties>\n";
  }

  void write_case(const TestCase& test) {
    m_out += "    <testcase";
    attribute("classname", test.group);
    attribute("name", test.name);
    attribute("time", seconds(test.time));
    // Some readers ignore one without the other and then search the text for a place.
    if (m_dialect == JunitDialect::common && !test.file.empty()) {
      attribute("file", test.file);
      attribute("line", fmt::format("{}", std::max<std::uint64_t>(test.line, 1)));
    }
    m_out += ">\n";
    write_outcome(test);
    write_reruns(test);
    write_output(test);
    m_out += "    </testcase>\n";
  }

  void write_outcome(const TestCase& test) {
    if (test.outcome == Outcome::passed)
      return;
    if (test.outcome == Outcome::skipped) {
      m_out += "      <skipped";
      attribute("message", test.message);
      m_out += "/>\n";
      return;
    }
    const std::string_view element = test.outcome == Outcome::error ? "error" : "failure";
    fmt::format_to(std::back_inserter(m_out), "      <{}", element);
    attribute("message", test.message);
    attribute("type", test.type);
    fmt::format_to(std::back_inserter(m_out), ">{}</{}>\n", xml_text(test.text), element);
  }

  // Tries that failed before: a flaky success is told apart from a plain one.
  void write_reruns(const TestCase& test) {
    if (test.evaluation == nullptr)
      return;
    const auto& attempts = test.evaluation->attempts;
    const std::string_view element = test.evaluation->error ? "rerunFailure" : "flakyFailure";
    for (std::size_t i = 0; i + 1 < attempts.size(); ++i) {
      if (attempts[i].outcome == "ok")
        continue;
      fmt::format_to(std::back_inserter(m_out), "      <{}", element);
      attribute("message", attempts[i].message);
      attribute("type", attempts[i].outcome);
      fmt::format_to(std::back_inserter(m_out), "><stackTrace>{}</stackTrace></{}>\n",
                     xml_text(attempts[i].message), element);
    }
  }

  // Test cases may have no properties in most schemas; this form is read from their output.
  void write_output(const TestCase& test) {
    if (test.properties.empty() && test.output.empty())
      return;
    m_out += "      <system-out>";
    for (const auto& [name, value] : test.properties) {
      fmt::format_to(std::back_inserter(m_out), "[[PROPERTY|{}={}]]\n", name,
                     xml_text(without_markers(one_line(value))));
    }
    for (const auto& text : test.output)
      m_out += xml_text(without_markers(text));
    m_out += "</system-out>\n";
  }

  JunitDialect m_dialect;
  std::string m_out;
};

}  // namespace

std::string render_junit(const Report& report, JunitDialect dialect) {
  return JunitWriter(dialect).write(report);
}

}  // namespace anecompat::report
