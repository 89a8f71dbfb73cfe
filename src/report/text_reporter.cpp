// The report for people: a table, then what is wrong, then one line that says it all.
#include "github/workflow_commands.hpp"
#include "report/comparison_view.hpp"
#include "report/reporters.hpp"
#include "report/view.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace anecompat::report {

namespace {

constexpr std::size_t k_details_shown = 5;
constexpr std::size_t k_widest_entry = 48;  // columns, where the width is unlimited
constexpr std::size_t k_widest_why = 120;
constexpr std::size_t k_narrowest = 12;  // what a column that gives way keeps
constexpr std::size_t k_gap = 2;

enum class Color : std::uint8_t { none, red, green, yellow, cyan, bold, dim };

constexpr std::size_t k_columns = 7;
enum Column : std::size_t {
  entry_column,
  target_column,
  level_column,
  evidence_column,
  ops_column,
  segments_column,
  why_column
};

struct Cell {
  std::string text;
  Color color = Color::none;
};
using Row = std::array<Cell, k_columns>;

Color level_color(const evaluate::Evaluation& evaluation) {
  if (evaluation.error)
    return Color::red;
  switch (evaluation.level) {
    case ane::Level::full:
      return Color::green;
    case ane::Level::partial:
      return Color::yellow;
    case ane::Level::none:
      return Color::red;
    case ane::Level::unknown:
      return Color::cyan;
  }
  return Color::none;
}

std::string_view level_icon(const evaluate::Evaluation& evaluation) {
  if (evaluation.error)
    return "!";
  switch (evaluation.level) {
    case ane::Level::full:
      return "●";
    case ane::Level::partial:
      return "◐";
    case ane::Level::none:
      return "○";
    case ane::Level::unknown:
      return "?";
  }
  return " ";
}

Color severity_color(Severity severity) {
  switch (severity) {
    case Severity::error:
      return Color::red;
    case Severity::warning:
      return Color::yellow;
    case Severity::notice:
      return Color::cyan;
    case Severity::off:
      return Color::dim;
  }
  return Color::none;
}

// Long names are cut before they are cleaned, so that a name of a megabyte costs nothing.
std::string shown(std::string_view text, std::size_t columns) {
  constexpr std::size_t k_bytes_per_column = 4;
  if (text.size() > columns * k_bytes_per_column)
    return fit_middle(printable(elide_middle(text, columns * k_bytes_per_column)), columns);
  return fit_middle(printable(text), columns);
}

class TextWriter {
 public:
  TextWriter(const Report& report, const RenderOptions& options)
      : m_report(report), m_options(options) {}

  std::string write() {
    if (!m_options.quiet) {
      write_header();
      write_table();
    }
    write_findings();
    if (m_options.verbose)
      write_verbose();
    write_line(paint(summary_line(m_report), m_report.exit_code == 0 ? Color::green : Color::red));
    // What came from models must not act on the runner that shows this.
    return github::scrub_commands(m_out);
  }

 private:
  std::string paint(std::string text, Color color) const {
    if (!m_options.color || color == Color::none || text.empty())
      return text;
    constexpr std::array<std::string_view, 7> k_codes = {"0", "31", "32", "33", "36", "1", "2"};
    return fmt::format("\x1b[{}m{}\x1b[0m", k_codes.at(static_cast<std::size_t>(color)), text);
  }

  void write_line(std::string_view line) { (m_out += line) += '\n'; }

  void write_header() {
    const auto& host = m_report.host;
    auto text = fmt::format("anecompat {}", printable(m_report.tool.version));
    if (!m_report.manifest.empty())
      text += fmt::format(" · {}", shown(m_report.manifest, k_widest_why));
    if (!m_report.policy.empty())
      text += fmt::format(" · policy {}", shown(m_report.policy, k_widest_entry));
    if (!m_report.baseline.empty())
      text += fmt::format(" · baseline {}", shown(m_report.baseline, k_widest_why));
    if (!m_report.run.shard.empty())
      text += fmt::format(" · shard {}", printable(m_report.run.shard));
    if (!host.os.empty()) {
      text += fmt::format(" · {} {}{}", shown(host.os, k_widest_entry), printable(host.arch),
                          host.ane ? "" : ", no ANE");
    }
    write_line(paint(std::move(text), Color::dim));
    write_line("");
  }

  Row header() const {
    Row row;
    constexpr std::array<std::string_view, k_columns> k_titles = {
        "ENTRY", "TARGET", "LEVEL", "EVIDENCE", "ANE OPS", "SEGMENTS", "WHY"};
    for (std::size_t i = 0; i < k_columns; ++i)
      row[i] = {std::string(k_titles[i]), Color::bold};
    return row;
  }

  Row row_of(const Entry& entry, const evaluate::Evaluation& evaluation, bool first) const {
    Row row;
    // The name once: the rows below it are the same model's.
    if (first)
      row[entry_column] = {shown(entry.name, k_widest_entry), Color::bold};
    row[target_column] = {shown(evaluation.target, k_narrowest)};
    row[level_column] = {fmt::format("{} {}", level_icon(evaluation), level_word(evaluation)),
                         level_color(evaluation)};
    if (!evaluation.error) {
      row[evidence_column] = {fmt::format("{}, {}", ane::to_string(evaluation.evidence),
                                          ane::to_string(evaluation.confidence))};
      row[ops_column] = {fmt::format("{}/{} {:>6}", evaluation.counts.ane, evaluation.counts.ops,
                                     percent(evaluation.shares.ops))};
      row[segments_column] = {fmt::format("{}", evaluation.segments.size())};
    }
    row[why_column] = {shown(why(evaluation), k_widest_why)};
    return row;
  }

  std::vector<Row> rows() const {
    std::vector<Row> rows = {header()};
    for (const auto& entry : m_report.entries) {
      for (const auto& evaluation : entry.evaluations)
        rows.push_back(row_of(entry, evaluation, &evaluation == &entry.evaluations.front()));
      if (entry.evaluations.empty()) {
        Row row;
        row[entry_column] = {shown(entry.name, k_widest_entry), Color::bold};
        row[level_column] = {entry.skipped ? "- skipped" : "? no result", Color::dim};
        row[why_column] = {shown(entry.skipped.value_or(""), k_widest_why)};
        rows.push_back(std::move(row));
      }
    }
    return rows;
  }

  // The widths of all columns; on a narrow terminal the last one gives way first, then the names.
  std::array<std::size_t, k_columns> widths(const std::vector<Row>& rows) const {
    std::array<std::size_t, k_columns> widths = {};
    for (const auto& row : rows) {
      for (std::size_t i = 0; i < k_columns; ++i)
        widths[i] = std::max(widths[i], display_width(row[i].text));
    }
    if (m_options.width == 0)
      return widths;
    std::size_t total = (k_columns - 1) * k_gap;
    for (const auto width : widths)
      total += width;
    for (const auto column : {why_column, entry_column}) {
      const auto over = total > m_options.width ? total - m_options.width : 0;
      const auto least = std::min(widths[column], k_narrowest);
      const auto less = std::min(over, widths[column] - least);
      widths[column] -= less;
      total -= less;
    }
    return widths;
  }

  void write_table() {
    if (m_report.entries.empty())
      return;
    const auto table = rows();
    const auto columns = widths(table);
    for (const auto& row : table) {
      std::string line;
      std::size_t missing = 0;  // spaces owed, so that no line ends with some
      for (std::size_t i = 0; i < k_columns; ++i) {
        const auto text = i == why_column ? fit_end(row[i].text, columns[i])
                                          : fit_middle(row[i].text, columns[i]);
        const auto padding = columns[i] - std::min(columns[i], display_width(text));
        const bool right = i == ops_column || i == segments_column;
        if (!text.empty()) {
          line.append(missing + (right ? padding : 0), ' ').append(paint(text, row[i].color));
          missing = right ? k_gap : padding + k_gap;
        } else {
          missing += columns[i] + k_gap;
        }
      }
      write_line(line);
    }
    write_line("");
  }

  void write_finding(const Finding& finding) {
    write_line(fmt::format(
        "{}: {}: {}",
        paint(
            fmt::format("{}[{}]", to_string(finding.severity), shown(finding.rule, k_widest_entry)),
            severity_color(finding.severity)),
        paint(shown(subject(finding), k_widest_entry + k_narrowest), Color::bold),
        printable(finding.message)));
    const auto limit = m_options.verbose ? finding.details.size() : k_details_shown;
    // One more line says no less than "1 more".
    const auto end = finding.details.size() <= limit + 1 ? finding.details.size() : limit;
    for (std::size_t i = 0; i < end; ++i)
      write_line("    " + printable(finding.details[i]));
    if (end < finding.details.size()) {
      write_line(
          paint(fmt::format("    … {} more (--verbose shows all)", finding.details.size() - end),
                Color::dim));
    }
    if (finding.suppressed)
      write_line(paint("    suppressed: " + printable(*finding.suppressed), Color::dim));
    auto place = printable(location(finding));
    if (m_options.verbose && !finding.fingerprint.empty())
      place += fmt::format("{}fingerprint {}", place.empty() ? "" : "  ",
                           printable(finding.fingerprint));
    if (!place.empty())
      write_line(paint("    at " + place, Color::dim));
  }

  void write_findings() {
    auto findings =
        ranked_findings(m_report, m_options.verbose ? Suppressed::included : Suppressed::left_out);
    if (m_options.quiet) {
      std::erase_if(findings, [](const Finding* finding) {
        return finding->severity != Severity::error || finding->suppressed;
      });
    }
    for (const auto* finding : findings)
      write_finding(*finding);
    if (!findings.empty())
      write_line("");
  }

  void write_verbose() {
    for (const auto& entry : m_report.entries) {
      for (const auto& evaluation : entry.evaluations)
        write_evaluation(entry, evaluation);
    }
  }

  static void add_comparison(const evaluate::Comparison& comparison,
                             std::vector<std::string>& lines) {
    lines.push_back(fmt::format("compared with {}: {}, {}", compared_with(comparison),
                                level_change(comparison), op_counts(comparison)));
    if (comparison.same())
      return;
    lines.push_back(fmt::format("  {}; {}", share_change(comparison), segment_change(comparison)));
    for (const auto& change : comparison.changes)
      lines.push_back(fmt::format("  {}: {}", change_word(change.kind), change_line(change)));
    if (comparison.more_changes > 0)
      lines.push_back(fmt::format("  and {} more", comparison.more_changes));
  }

  // Reasons, changes, risks and tries of one evaluation, if there are any.
  void write_evaluation(const Entry& entry, const evaluate::Evaluation& evaluation) {
    std::vector<std::string> lines;
    for (const auto& group : reason_groups(evaluation)) {
      lines.push_back(fmt::format("{} ×{}: {} ({})", printable(group.reason.code), group.ops.size(),
                                  printable(group.reason.message),
                                  shown(evaluation.ops[group.ops.front()].path, k_widest_why)));
    }
    if (evaluation.comparison)
      add_comparison(*evaluation.comparison, lines);
    for (const auto& risk : evaluation.risks) {
      lines.push_back(
          fmt::format("risk {}: {}{}", printable(risk.code), printable(risk.message),
                      risk.op.empty() ? "" : fmt::format(" ({})", shown(risk.op, k_widest_why))));
    }
    for (std::size_t i = 0; i < evaluation.attempts.size(); ++i) {
      const auto& attempt = evaluation.attempts[i];
      lines.push_back(fmt::format("attempt {}: {}{}{}", i + 1, printable(attempt.outcome),
                                  attempt.message.empty() ? "" : ": ", printable(attempt.message)));
    }
    if (lines.empty())
      return;
    write_line(paint(fmt::format("{} on {}", shown(entry.name, k_widest_entry),
                                 shown(evaluation.target, k_narrowest)),
                     Color::bold));
    for (const auto& line : lines)
      write_line("    " + line);
    write_line("");
  }

  const Report& m_report;
  const RenderOptions& m_options;
  std::string m_out;
};

}  // namespace

std::string render_text(const Report& report, const RenderOptions& options) {
  return TextWriter(report, options).write();
}

}  // namespace anecompat::report
