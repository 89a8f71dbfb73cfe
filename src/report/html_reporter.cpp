// The report as one page that needs nothing but itself.
#include "report/comparison_view.hpp"
#include "report/html_style.hpp"
#include "report/op_map.hpp"
#include "report/reporters.hpp"
#include "report/view.hpp"
#include "support/text.hpp"
#include "support/unicode.hpp"
#include "support/xml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace anecompat::report {

namespace {

// Cells a page may have before browsers get slow; models beyond it get one bar.
constexpr std::size_t k_most_cells = 60'000;
constexpr std::size_t k_longest_name = 160;
constexpr std::size_t k_changes_shown = 50;
constexpr std::size_t k_ops_shown = 12;

std::string text(std::string_view raw) {
  return xml_text(raw);
}

std::string name(std::string_view raw) {
  return xml_text(elide_middle(raw, k_longest_name));
}

std::string code(std::string_view raw) {
  return fmt::format("<code>{}</code>", name(raw));
}

std::string chip(const evaluate::Evaluation& evaluation) {
  return fmt::format(R"(<span class="chip {0}">{0}</span>)", level_word(evaluation));
}

// Two targets that look the same are drawn once.
bool same_picture(const evaluate::Evaluation& a, const evaluate::Evaluation& b) {
  const auto same_op = [](const evaluate::OpResult& x, const evaluate::OpResult& y) {
    return x.placement == y.placement && x.boundary == y.boundary && x.reason == y.reason &&
           x.path == y.path;
  };
  const auto same_segment = [](const evaluate::Segment& x, const evaluate::Segment& y) {
    return x.backend == y.backend && x.first == y.first && x.count == y.count;
  };
  return a.level == b.level && a.error.has_value() == b.error.has_value() &&
         std::ranges::equal(a.segments, b.segments, same_segment) &&
         std::ranges::equal(a.ops, b.ops, same_op);
}

struct Picture {
  const evaluate::Evaluation* evaluation;
  std::vector<std::string_view> targets;
};

std::vector<Picture> pictures_of(const Entry& entry) {
  std::vector<Picture> pictures;
  for (const auto& evaluation : entry.evaluations) {
    const auto same = std::ranges::find_if(pictures, [&](const Picture& picture) {
      return same_picture(*picture.evaluation, evaluation);
    });
    if (same != pictures.end())
      same->targets.push_back(evaluation.target);
    else
      pictures.push_back({.evaluation = &evaluation, .targets = {evaluation.target}});
  }
  return pictures;
}

class HtmlWriter {
 public:
  HtmlWriter(const Report& report, std::span<const RuleText> rules)
      : m_report(report), m_rules(rules) {}

  std::string write() {
    choose_maps();
    write_head();
    write_cards();
    write_table();
    write_findings();
    write_models();
    write_rules();
    write_foot();
    return std::move(m_out);
  }

 private:
  void add(std::string_view html) { (m_out += html) += '\n'; }

  // Models that are not full come first: one that is has a dull map.
  void choose_maps() {
    std::size_t cells = 0;
    for (const bool wanted_full : {false, true}) {
      for (const auto& entry : m_report.entries) {
        for (const auto& picture : pictures_of(entry)) {
          const auto& evaluation = *picture.evaluation;
          const auto count = evaluation.ops.size();
          if ((evaluation.level == ane::Level::full) != wanted_full || cells + count > k_most_cells)
            continue;
          cells += count;
          m_mapped.insert(&evaluation);
        }
      }
    }
  }

  void write_head() {
    const auto title = fmt::format("{} · Neural Engine compatibility", verdict(m_report.exit_code));
    add("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
    add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    // Nothing is loaded and nothing runs, whatever a model is called.
    add("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">");
    add(fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>", title,
                    k_html_style));
    add(
        fmt::format("<header><h1>Neural Engine compatibility</h1><span class=\"verdict {}\">{}"
                    "</span></header>",
                    m_report.exit_code == 0 ? "pass" : "fail", verdict(m_report.exit_code)));
    std::string facts;
    const auto fact = [&](std::string_view label, std::string_view value) {
      if (!value.empty())
        facts += fmt::format("<span><b>{}</b> {}</span>", label, name(value));
    };
    fact("manifest", m_report.manifest);
    fact("policy", m_report.policy);
    fact("baseline", m_report.baseline);
    fact("host", fmt::format("{} {}{}", m_report.host.os, m_report.host.arch,
                             m_report.host.ane ? "" : ", no ANE"));
    fact("chip", m_report.host.chip);
    fact("shard", m_report.run.shard);
    fact("started", m_report.run.started);
    add(fmt::format("<p class=\"facts\">{}</p>", facts));
  }

  void write_cards() {
    const auto& totals = m_report.totals;
    std::string cards;
    const auto card = [&](std::string_view kind, std::uint32_t count, std::string_view label) {
      cards += fmt::format("<div class=\"card {}{}\"><b>{}</b><span>{}</span></div>", kind,
                           count == 0 ? " zero" : "", count, label);
    };
    card("plain", totals.entries, "models");
    card("full", totals.full, "full");
    card("partial", totals.partial, "partial");
    card("none", totals.none, "none");
    card("unknown", totals.unknown, "unknown");
    card("failed", totals.failed, "not evaluated");
    card("error", totals.errors, "errors");
    card("warning", totals.warnings, "warnings");
    card("notice", totals.notices, "notices");
    add(fmt::format("<section class=\"cards\">{}</section>", cards));
  }

  void write_table() {
    if (m_report.entries.empty())
      return;
    add("<section><h2>Models</h2><div class=\"scroll\"><table "
        "class=\"models\">\n<thead><tr><th>Model</th>"
        "<th>Target</th><th>Level</th><th>Evidence</th><th>Ops on the ANE</th><th>Segments</th>"
        "<th>Why</th></tr></thead>\n<tbody>");
    for (std::size_t i = 0; i < m_report.entries.size(); ++i)
      write_rows(m_report.entries[i], i);
    add("</tbody></table></div></section>");
  }

  void write_rows(const Entry& entry, std::size_t index) {
    const auto head = fmt::format("<td><a href=\"#m{}\">{}</a></td>", index, name(entry.name));
    if (entry.evaluations.empty()) {
      add(fmt::format(
          "<tr class=\"first\">{}<td></td><td><span class=\"chip unknown\">{}</span>"
          "</td><td></td><td></td><td></td><td>{}</td></tr>",
          head, entry.skipped ? "skipped" : "no result", text(entry.skipped.value_or(""))));
    }
    bool first = true;
    for (const auto& evaluation : entry.evaluations) {
      const auto& counts = evaluation.counts;
      const auto share = std::clamp(evaluation.shares.ops.value_or(0), 0.0, 1.0);
      const auto meter = fmt::format(
          "<span class=\"meter\"><i style=\"width:{:.1f}%\"></i></span>{}/{} <small>{}</small>",
          share * 100, counts.ane, counts.ops, percent(evaluation.shares.ops));
      add(fmt::format(
          "<tr{}>{}<td>{}</td><td>{}</td><td>{} <small>{}</small></td><td "
          "class=\"share\">{}</td><td class=\"number\">{}</td><td>{}</td></tr>",
          first ? " class=\"first\"" : "", first ? head : "<td></td>", name(evaluation.target),
          chip(evaluation), ane::to_string(evaluation.evidence),
          ane::to_string(evaluation.confidence), evaluation.error ? "" : meter,
          evaluation.error ? "" : fmt::format("{}", evaluation.segments.size()),
          name(why(evaluation))));
      first = false;
    }
  }

  void write_finding(const Finding& finding) {
    const std::string_view kind = finding.suppressed ? "suppressed" : to_string(finding.severity);
    add(
        fmt::format("<li class=\"finding {}\"><p><span class=\"tag\">{}</span> <b>{}</b> {}</p>"
                    "<p>{}</p>",
                    kind, kind, name(finding.rule), name(subject(finding)), text(finding.message)));
    if (!finding.details.empty()) {
      std::string lines;
      for (const auto& detail : finding.details)
        lines += text(detail) + "\n";
      add(fmt::format("<pre>{}</pre>", lines));
    }
    if (finding.suppressed)
      add(fmt::format("<p>suppressed: {}</p>", text(*finding.suppressed)));
    add(fmt::format("<p class=\"place\">{}{}{}</p></li>", name(location(finding)),
                    finding.fingerprint.empty() ? "" : " · fingerprint ",
                    name(finding.fingerprint)));
  }

  void write_findings() {
    const auto findings = ranked_findings(m_report, Suppressed::included);
    add(fmt::format("<section><h2>Findings</h2><p>{}</p>", findings_in_words(m_report.totals)));
    if (!findings.empty())
      add("<ul class=\"findings\">");
    for (const auto* finding : findings)
      write_finding(*finding);
    if (!findings.empty())
      add("</ul>");
    add("</section>");
  }

  void write_models() {
    if (m_report.entries.empty())
      return;
    add("<section><h2>Where the operations run</h2><p class=\"legend\"><i class=\"ane\"></i>ANE "
        "<i class=\"cpu\"></i>CPU <i class=\"gpu\"></i>GPU <i class=\"unplaced\"></i>unplaced "
        "<i class=\"outline\"></i>frame: one segment</p>");
    for (std::size_t i = 0; i < m_report.entries.size(); ++i)
      write_model(m_report.entries[i], i);
    add("</section>");
  }

  void write_model(const Entry& entry, std::size_t index) {
    add(fmt::format("<article id=\"m{}\"><h3>{}</h3>", index, name(entry.name)));
    std::string facts = fmt::format("<span>{}</span>", name(entry.source));
    if (!entry.type.empty()) {
      facts += fmt::format("<span>{} {}, spec {}</span>", name(entry.format), name(entry.type),
                           entry.spec_version);
    }
    if (entry.size != 0)
      facts += fmt::format("<span>{}</span>", human_bytes(entry.size));
    if (!entry.expectation.expect.empty())
      facts += fmt::format("<span>expected: {}</span>", name(entry.expectation.expect));
    add(fmt::format("<p class=\"facts\">{}</p>", facts));
    for (const auto& picture : pictures_of(entry))
      write_picture(picture.targets, *picture.evaluation);
    for (const auto& evaluation : entry.evaluations) {
      if (evaluation.comparison && !evaluation.comparison->same())
        write_changes(evaluation.target, *evaluation.comparison);
    }
    add("</article>");
  }

  void write_changes(std::string_view target, const evaluate::Comparison& comparison) {
    add(fmt::format("<div class=\"picture\"><h4>{}: changes since {}</h4>", name(target),
                    name(compared_with(comparison))));
    add(
        fmt::format("<p class=\"facts\"><span>{}</span><span>{}</span><span>{}</span>"
                    "<span>{}</span></p>",
                    text(level_change(comparison)), text(share_change(comparison)),
                    text(segment_change(comparison)), text(op_counts(comparison))));
    add("<div class=\"scroll\"><table>\n<thead><tr><th>What</th><th>Operation</th></tr></thead>\n"
        "<tbody>");
    for (std::size_t i = 0; i < std::min(comparison.changes.size(), k_changes_shown); ++i) {
      const auto& change = comparison.changes[i];
      add(fmt::format("<tr><td>{}</td><td>{}</td></tr>", change_word(change.kind),
                      text(change_line(change))));
    }
    add("</tbody></table></div>");
    const auto more = comparison.changes.size() -
                      std::min(comparison.changes.size(), k_changes_shown) +
                      comparison.more_changes;
    if (more > 0)
      add(fmt::format("<p>and {} more</p>", more));
    add("</div>");
  }

  void write_picture(const std::vector<std::string_view>& targets,
                     const evaluate::Evaluation& evaluation) {
    std::string names;
    for (const auto target : targets)
      names += fmt::format("{}{}", names.empty() ? "" : ", ", name(target));
    const auto& counts = evaluation.counts;
    add(fmt::format("<div class=\"picture\"><h4>{} {}</h4>", names, chip(evaluation)));
    if (evaluation.error) {
      add(fmt::format("<p>{}</p></div>", text(why(evaluation))));
      return;
    }
    add(fmt::format(
        "<p class=\"facts\"><span>{}: {} ANE, {} CPU, {} GPU</span><span>{}</span>"
        "<span>cost share {}</span></p>",
        counted(counts.ops, "op"), counts.ane, counts.cpu, counts.gpu,
        counted(evaluation.segments.size(), "segment"), percent(evaluation.shares.cost)));
    m_out += m_mapped.contains(&evaluation) ? op_map_svg(evaluation) : segment_bar_svg(evaluation);
    write_reasons(evaluation);
    for (const auto& risk : evaluation.risks) {
      add(fmt::format("<p class=\"risk\">risk {}: {}{}{}</p>", code(risk.code), text(risk.message),
                      risk.op.empty() ? "" : " at ", name(risk.op)));
    }
    add("</div>");
  }

  void write_reasons(const evaluate::Evaluation& evaluation) {
    const auto groups = reason_groups(evaluation);
    if (groups.empty())
      return;
    add("<ul class=\"reasons\">");
    for (const auto& group : groups) {
      std::string ops;
      for (std::size_t i = 0; i < std::min(group.ops.size(), k_ops_shown); ++i)
        ops += fmt::format("{} ", code(evaluation.ops[group.ops[i]].path));
      if (group.ops.size() > k_ops_shown)
        ops += fmt::format("… {} more", group.ops.size() - k_ops_shown);
      add(fmt::format(
          "<li><b>{}</b> ×{}: {}<details><summary>operations</summary>{}</details></li>",
          name(group.reason.code), group.ops.size(), text(group.reason.message), ops));
    }
    add("</ul>");
  }

  // Only the rules that have something to say here.
  void write_rules() {
    std::string items;
    for (const auto& rule : m_rules) {
      const auto findings = all_findings(m_report);
      if (std::ranges::none_of(findings,
                               [&](const Finding* finding) { return finding->rule == rule.id; }))
        continue;
      items += fmt::format("<dt>{} – {}</dt><dd>{}</dd>\n", code(rule.id), text(rule.title),
                           text(rule.help));
    }
    if (!items.empty())
      add(fmt::format("<section><h2>Rules</h2><dl>{}</dl></section>", items));
  }

  void write_foot() {
    add(fmt::format("<footer>anecompat {} {}</footer>\n</main>\n</body>\n</html>",
                    name(m_report.tool.version), name(m_report.tool.commit)));
  }

  const Report& m_report;
  std::span<const RuleText> m_rules;
  std::unordered_set<const evaluate::Evaluation*> m_mapped;
  std::string m_out;
};

}  // namespace

std::string render_html(const Report& report, std::span<const RuleText> rules) {
  return HtmlWriter(report, rules).write();
}

}  // namespace anecompat::report
