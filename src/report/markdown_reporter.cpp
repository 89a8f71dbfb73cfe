// The report as GitHub-flavoured Markdown, for job summaries and comments.
#include "report/comparison_view.hpp"
#include "report/reporters.hpp"
#include "report/view.hpp"
#include "support/markdown.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace anecompat::report {

namespace {

constexpr std::size_t k_longest_name = 120;
constexpr std::size_t k_longest_why = 200;
constexpr std::size_t k_longest_message = 2000;
constexpr std::size_t k_details_shown = 20;
constexpr std::string_view k_cut_note =
    "_Cut here to stay within GitHub's limit; the report has all of it._";

enum class Extent : std::uint8_t { everything, failures_only };

std::string code(std::string_view text, std::size_t limit) {
  return markdown_code(elide_middle(text, limit));
}

std::string prose(std::string_view text, std::size_t limit) {
  return markdown_text(cut_to_bytes(text, limit));
}

std::string_view level_icon(const evaluate::Evaluation& evaluation) {
  if (evaluation.error)
    return "💥";
  switch (evaluation.level) {
    case ane::Level::full:
      return "🟢";
    case ane::Level::partial:
      return "🟡";
    case ane::Level::none:
      return "🔴";
    case ane::Level::unknown:
      return "⚪";
  }
  return "";
}

std::string_view severity_icon(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "❌";
    case Severity::warning:
      return "⚠️";
    case Severity::notice:
    case Severity::off:
      return "ℹ️";
  }
  return "";
}

bool has_errors(const Entry& entry, const evaluate::Evaluation& evaluation) {
  return std::ranges::any_of(entry.findings, [&](const Finding& finding) {
    return finding.severity == Severity::error && !finding.suppressed &&
           concerns(finding, evaluation);
  });
}

class MarkdownWriter {
 public:
  // What is longer than `limit` will be cut or thrown away, so writing may stop there.
  MarkdownWriter(const Report& report, Extent extent, std::size_t limit)
      : m_report(report), m_extent(extent), m_limit(limit) {}

  std::string write() {
    write_header();
    write_table();
    write_changes();
    write_findings("Errors", Severity::error, Fold::open);
    if (m_extent == Extent::everything) {
      write_findings("Warnings", Severity::warning, Fold::closed);
      write_findings("Notices", Severity::notice, Fold::closed);
      write_suppressed();
      write_reasons();
    } else {
      line("_Only failures are listed, to stay within GitHub's limit; the report has the rest._");
    }
    write_footer();
    return std::move(m_out);
  }

 private:
  enum class Fold : std::uint8_t { open, closed };

  void line(std::string_view text) { (m_out += text) += '\n'; }

  bool too_long() const { return m_out.size() > m_limit; }

  void write_header() {
    const bool passed = m_report.exit_code == 0;
    line(fmt::format("### {} Neural Engine compatibility: {}", passed ? "✅" : "❌",
                     verdict(m_report.exit_code)));
    line("");
    line(fmt::format("**{}** · {}", findings_in_words(m_report.totals),
                     evaluations_in_words(m_report.totals)));
    line("");
  }

  void write_table() {
    bool begun = false;
    const auto row = [&](std::string_view text) {
      if (!begun) {
        line("| Model | Target | Level | Evidence | Ops on the ANE | Segments | Why |");
        line("|---|---|---|---|--:|--:|---|");
        begun = true;
      }
      line(text);
    };
    for (const auto& entry : m_report.entries) {
      if (too_long())
        return;
      for (const auto& evaluation : entry.evaluations) {
        if (m_extent == Extent::everything || has_errors(entry, evaluation))
          row(table_row(entry, evaluation));
      }
      if (entry.evaluations.empty() && m_extent == Extent::everything) {
        row(fmt::format("| {} | | {} | | | | {} |", code(entry.name, k_longest_name),
                        entry.skipped ? "skipped" : "no result",
                        prose(entry.skipped.value_or(""), k_longest_why)));
      }
    }
    if (begun)
      line("");
  }

  static std::string table_row(const Entry& entry, const evaluate::Evaluation& evaluation) {
    const auto name = code(entry.name, k_longest_name);
    const auto target = code(evaluation.target, k_longest_name);
    const auto reason = prose(why(evaluation), k_longest_why);
    if (evaluation.error) {
      return fmt::format("| {} | {} | {} failed | | | | {} |", name, target, level_icon(evaluation),
                         reason);
    }
    return fmt::format("| {} | {} | {} {} | {}, {} | {}/{} ({}) | {} | {} |", name, target,
                       level_icon(evaluation), ane::to_string(evaluation.level),
                       ane::to_string(evaluation.evidence), ane::to_string(evaluation.confidence),
                       evaluation.counts.ane, evaluation.counts.ops, percent(evaluation.shares.ops),
                       evaluation.segments.size(), reason);
  }

  // Against the baseline; what stayed as it was is not worth a row.
  void write_changes() {
    bool begun = false;
    for (const auto& entry : m_report.entries) {
      if (too_long())
        return;
      for (const auto& evaluation : entry.evaluations) {
        if (!evaluation.comparison || evaluation.comparison->same() ||
            (m_extent == Extent::failures_only && !has_errors(entry, evaluation)))
          continue;
        const auto& comparison = *evaluation.comparison;
        if (!std::exchange(begun, true)) {
          line(fmt::format("Changes since {}:", code(comparison.with, k_longest_name)));
          line("");
          line("| Model | Target | Level | ANE share | Segments | Operations |");
          line("|---|---|---|---|---|---|");
        }
        line(fmt::format("| {} | {} | {} | {} | {} | {} |", code(entry.name, k_longest_name),
                         code(evaluation.target, k_longest_name),
                         prose(level_change(comparison), k_longest_why),
                         prose(share_change(comparison), k_longest_why),
                         prose(segment_change(comparison), k_longest_why),
                         prose(op_counts(comparison), k_longest_why)));
      }
    }
    if (begun)
      line("");
  }

  void write_finding(const Finding& finding) {
    const auto subject_code =
        finding.entry.empty() ? std::string("the whole run") : code(finding.entry, k_longest_name);
    line(fmt::format("- {} {} {}{}: {}", severity_icon(finding.severity),
                     code(finding.rule, k_longest_name), subject_code,
                     finding.target.empty() ? "" : " on " + code(finding.target, k_longest_name),
                     prose(finding.message, k_longest_message)));
    const auto shown = std::min(finding.details.size(), k_details_shown);
    for (std::size_t i = 0; i < shown; ++i)
      line(fmt::format("  - {}", prose(finding.details[i], k_longest_message)));
    if (shown < finding.details.size())
      line(fmt::format("  - … {} more", finding.details.size() - shown));
    if (finding.suppressed)
      line(fmt::format("  - suppressed: {}", prose(*finding.suppressed, k_longest_message)));
    if (!finding.file.empty())
      line(fmt::format("  - at {}", code(location(finding), k_longest_name)));
  }

  template <typename Wanted>
  void write_list(std::string_view title, Fold fold, Wanted wanted) {
    auto findings = ranked_findings(m_report, Suppressed::included);
    std::erase_if(findings, [&](const Finding* finding) { return !wanted(*finding); });
    if (findings.empty())
      return;
    line(fmt::format("<details{}>", fold == Fold::open ? " open" : ""));
    line(fmt::format("<summary>{}: {}</summary>", title, findings.size()));
    line("");
    for (const auto* finding : findings) {
      if (too_long())
        return;
      write_finding(*finding);
    }
    line("");
    line("</details>");
    line("");
  }

  void write_findings(std::string_view title, Severity severity, Fold fold) {
    write_list(title, fold, [severity](const Finding& finding) {
      return finding.severity == severity && !finding.suppressed;
    });
  }

  void write_suppressed() {
    write_list("Suppressed", Fold::closed,
               [](const Finding& finding) { return finding.suppressed.has_value(); });
  }

  // What keeps operations off the ANE, model by model.
  void write_reasons() {
    std::string lines;
    for (const auto& entry : m_report.entries) {
      if (m_out.size() + lines.size() > m_limit)
        break;
      for (const auto& evaluation : entry.evaluations) {
        for (const auto& group : reason_groups(evaluation)) {
          lines += fmt::format("| {} | {} | {} | {} | {} |\n", code(entry.name, k_longest_name),
                               code(evaluation.target, k_longest_name),
                               code(group.reason.code, k_longest_name), group.ops.size(),
                               prose(group.reason.message, k_longest_why));
        }
      }
    }
    if (lines.empty())
      return;
    line("<details>");
    line("<summary>Why operations are off the ANE</summary>");
    line("");
    line("| Model | Target | Reason | Ops | First of them |");
    line("|---|---|---|--:|---|");
    m_out += lines;
    line("");
    line("</details>");
    line("");
  }

  void write_footer() {
    auto text = fmt::format("anecompat {}", prose(m_report.tool.version, k_longest_name));
    if (!m_report.policy.empty())
      text += fmt::format(" · policy {}", code(m_report.policy, k_longest_name));
    if (!m_report.manifest.empty())
      text += fmt::format(" · {}", code(m_report.manifest, k_longest_name));
    if (!m_report.run.shard.empty())
      text += fmt::format(" · shard {}", code(m_report.run.shard, k_longest_name));
    if (!m_report.host.os.empty()) {
      text += fmt::format(" · {} {}{}", prose(m_report.host.os, k_longest_name),
                          prose(m_report.host.arch, k_longest_name),
                          m_report.host.ane ? "" : ", no ANE");
    }
    line(fmt::format("<sub>{}</sub>", text));
  }

  const Report& m_report;
  Extent m_extent;
  std::size_t m_limit;
  std::string m_out;
};

}  // namespace

std::string render_markdown(const Report& report, std::size_t limit) {
  auto everything = MarkdownWriter(report, Extent::everything, limit).write();
  if (everything.size() <= limit)
    return everything;
  return markdown_cut(MarkdownWriter(report, Extent::failures_only, limit).write(), limit,
                      k_cut_note);
}

}  // namespace anecompat::report
