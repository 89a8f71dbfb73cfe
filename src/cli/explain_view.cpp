#include "cli/explain_view.hpp"

#include "cli/single_model.hpp"
#include "cli/wrap.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

namespace anecompat::cli {

namespace {

using evaluate::Evaluation;
using evaluate::OpResult;

constexpr std::size_t k_ops_shown = 8;       // with one and the same message
constexpr std::size_t k_messages_shown = 6;  // of one cause

bool on_ane(const OpResult& op) {
  return op.placement == ane::Backend::ane;
}

bool eligible_for_ane(const OpResult& op) {
  return std::ranges::find(op.eligible, ane::Backend::ane) != op.eligible.end();
}

std::string_view placement_word(const OpResult& op) {
  return op.placement ? ane::to_string(*op.placement) : "none";
}

// Operations that share a reason code.
struct Cause {
  std::string code;
  std::vector<const OpResult*> ops;
};

std::vector<Cause> causes_of(const Evaluation& evaluation) {
  std::map<std::string, Cause> by_code;
  for (const auto& op : evaluation.ops) {
    if (on_ane(op) || (!op.reason && !op.placement))
      continue;
    auto& cause = by_code[op.reason ? op.reason->code : std::string()];
    cause.code = op.reason ? op.reason->code : std::string();
    cause.ops.push_back(&op);
  }
  std::vector<Cause> causes;
  for (auto& [code, cause] : by_code)
    causes.push_back(std::move(cause));
  // What the ANE does not take comes before what does not pay: it is where to begin.
  std::ranges::stable_sort(causes, [](const Cause& a, const Cause& b) {
    const bool a_taken = eligible_for_ane(*a.ops[0]);
    const bool b_taken = eligible_for_ane(*b.ops[0]);
    return a_taken != b_taken ? b_taken : a.ops.size() > b.ops.size();
  });
  return causes;
}

// Operations of one cause of which one sentence is true.
struct Detail {
  std::string message;
  std::vector<const OpResult*> ops;
};

std::vector<Detail> details_of(const Cause& cause) {
  std::vector<Detail> details;
  std::map<std::string_view, std::size_t> where;
  for (const auto* op : cause.ops) {
    const std::string_view message = op->reason ? std::string_view(op->reason->message) : "";
    const auto [found, added] = where.emplace(message, details.size());
    if (added)
      details.push_back({.message = std::string(message), .ops = {}});
    details[found->second].ops.push_back(op);
  }
  return details;
}

enum class OpMessage : std::uint8_t { shown, said_already };

std::string op_line(const OpResult& op, std::size_t path_width, OpMessage message) {
  auto line = fmt::format("    {:<{}}  {}", printable(op.path), path_width, printable(op.type));
  if (!op.shape.empty())
    line += "  " + printable(op.shape);
  line += fmt::format("  on {}", placement_word(op));
  if (op.boundary)
    line += ", boundary";
  if (message == OpMessage::shown && op.reason && !op.reason->message.empty())
    line += ": " + printable(op.reason->message);
  return line + "\n";
}

std::string labelled(std::string_view label, std::string_view text) {
  constexpr std::size_t k_column = 11;
  return fmt::format("  {:<{}}", label, k_column - 2) + wrap(text, k_column);
}

std::string detail_text(const Detail& detail, ExplainDetail how_much) {
  std::string out;
  const bool said = detail.ops.size() > 1 && !detail.message.empty();
  if (said)
    out += labelled("here:", printable(detail.message));
  const auto shown = how_much == ExplainDetail::all_ops ? detail.ops.size()
                                                        : std::min(detail.ops.size(), k_ops_shown);
  std::size_t width = 0;
  for (std::size_t i = 0; i < shown; ++i)
    width = std::max(width, std::min<std::size_t>(printable(detail.ops[i]->path).size(), 40));
  for (std::size_t i = 0; i < shown; ++i)
    out += op_line(*detail.ops[i], width, said ? OpMessage::said_already : OpMessage::shown);
  if (shown < detail.ops.size())
    out += fmt::format("    and {} more; --all-ops lists them\n", detail.ops.size() - shown);
  return out;
}

std::string cause_text(const Cause& cause, const ane::RuleSet& rules, ExplainDetail detail) {
  const auto* info = rules.reason(cause.code);
  auto out = cause.code.empty() ? std::string("no reason known") : cause.code;
  if (info != nullptr)
    out += ": " + info->title;
  out += fmt::format(" ({})\n", counted(cause.ops.size(), "op"));
  if (info != nullptr) {
    out += labelled("cause:", info->cause);
    out += labelled("to do:", info->advice);
  }
  const bool all = detail == ExplainDetail::all_ops;
  const auto details = details_of(cause);
  const auto shown = all ? details.size() : std::min(details.size(), k_messages_shown);
  std::size_t left = 0;
  for (std::size_t i = 0; i < details.size(); ++i) {
    if (i < shown)
      out += detail_text(details[i], detail);
    else
      left += details[i].ops.size();
  }
  if (left > 0)
    out += fmt::format("  and {} more; --all-ops lists them\n", counted(left, "op"));
  return out;
}

std::string op_table(const Evaluation& evaluation) {
  auto out = fmt::format("all {}, in file order:\n", counted(evaluation.ops.size(), "op"));
  std::size_t width = 0;
  for (const auto& op : evaluation.ops)
    width = std::max(width, std::min<std::size_t>(printable(op.path).size(), 48));
  for (const auto& op : evaluation.ops) {
    out +=
        fmt::format("  {:<4}  {:<{}}  {}  {}{}{}\n", placement_word(op), printable(op.path), width,
                    printable(op.type), printable(op.shape), op.boundary ? "  boundary" : "",
                    !on_ane(op) && eligible_for_ane(op) ? "  eligible for the ANE" : "");
  }
  return out;
}

// Everything but the name of the target, so that targets that agree can be told.
std::string body_of(const Evaluation& evaluation, const ane::RuleSet& rules, ExplainDetail detail) {
  if (evaluation.error)
    return "  " + printable(evaluation.error->message) + "\n";
  std::string out;
  const auto causes = causes_of(evaluation);
  for (const auto& cause : causes)
    out += "\n" + cause_text(cause, rules, detail);
  if (causes.empty() && !evaluation.ops.empty())
    out += "\nnothing is off the ANE\n";
  if (!evaluation.risks.empty()) {
    out += "\nrisks although the placement is right:\n";
    for (const auto& risk : evaluation.risks)
      out +=
          fmt::format("  {}{}: {}\n", risk.code, risk.op.empty() ? "" : " at " + printable(risk.op),
                      printable(risk.message));
  }
  if (detail == ExplainDetail::all_ops && !evaluation.ops.empty())
    out += "\n" + op_table(evaluation);
  return out;
}

// Never "100 %" of what is not all, nor "0 %" of what is something.
std::string percent(double share) {
  const auto rounded = std::round(share * 100);
  if ((rounded >= 100 && share < 1) || (rounded <= 0 && share > 0))
    return rounded >= 100 ? "over 99 %" : "under 1 %";
  return fmt::format("{:.0f} %", rounded);
}

// "estimated 1.23 ms, 97 % of it on the ANE (estimates of an M4, macOS 27)".
std::string estimate_line(const Evaluation& evaluation, std::string_view type,
                          const ane::CostTables* tables) {
  if (!evaluation.shares.cost)
    return {};
  double total_us = 0;
  for (const auto& segment : evaluation.segments)
    total_us += segment.cost_us.value_or(0);
  auto line = fmt::format(
      "estimated {}, {} of it on the ANE",
      total_us < 1 ? std::string("under 0.001 ms") : fmt::format("{:.3g} ms", total_us / 1000),
      percent(*evaluation.shares.cost));
  const auto target = ane::parse_target(evaluation.target);
  if (type.starts_with("neuralNetwork")) {
    line += " (as if it were an ML Program; the placement does not rest on it)";
  } else if (tables != nullptr && target) {
    const auto choice = tables->choice(*target);
    line +=
        fmt::format(" (Core ML's own estimates for {}, {}", choice.table->chip, choice.table->os);
    if (!choice.note.empty())
      line += "; " + choice.note;
    line += ")";
  }
  return "  " + wrap(line, 2);
}

std::string change_line(const Evaluation& before, const Evaluation& after) {
  const auto level = [](const Evaluation& evaluation) {
    return fmt::format("{} ({} of {} on the ANE)", ane::to_string(evaluation.level),
                       evaluation.counts.ane, counted(evaluation.counts.ops, "op"));
  };
  return fmt::format("  as it is {}; with this change {}\n", level(before), level(after));
}

std::string headline(const Evaluation& evaluation, const Evaluation* before, std::string_view type,
                     const ane::CostTables* tables) {
  if (evaluation.error)
    return evaluation.target + ": not evaluated\n";
  auto line = fmt::format("{}\n  level {} ({}, confidence {})", summary_line(evaluation),
                          ane::to_string(evaluation.level), ane::to_string(evaluation.evidence),
                          ane::to_string(evaluation.confidence));
  if (evaluation.eligible_level != evaluation.level)
    line += fmt::format("; {} if every op the ANE would take were placed there",
                        ane::to_string(evaluation.eligible_level));
  line += "\n";
  if (before != nullptr)
    line += change_line(*before, evaluation);
  return line + estimate_line(evaluation, type, tables);
}

const Evaluation* same_target(const report::Entry* entry, const Evaluation& evaluation) {
  if (entry == nullptr)
    return nullptr;
  const auto found = std::ranges::find(entry->evaluations, evaluation.target, &Evaluation::target);
  return found == entry->evaluations.end() || found->error ? nullptr : &*found;
}

}  // namespace

std::string explain_text(const report::Entry& entry, const ane::RuleSet& rules,
                         const ExplainView& view) {
  auto out = printable(entry.source);
  if (!entry.format.empty())
    out += fmt::format(": {} in {}, specification {}, {}", printable(entry.type),
                       printable(entry.format), entry.spec_version, human_bytes(entry.size));
  out += "\n";
  for (const auto& question : view.what_if)
    out += fmt::format("what if: {}\n", printable(question));
  std::vector<std::pair<std::string, std::string>> sections;  // headlines, body
  for (const auto& evaluation : entry.evaluations) {
    const auto body = body_of(evaluation, rules, view.detail);
    const auto head =
        headline(evaluation, same_target(view.as_it_is, evaluation), entry.type, view.tables);
    const auto same =
        std::ranges::find_if(sections, [&](const auto& section) { return section.second == body; });
    if (same != sections.end())
      same->first += head;
    else
      sections.emplace_back(head, body);
  }
  for (const auto& [headlines, body] : sections)
    out += "\n" + headlines + body;
  return out;
}

}  // namespace anecompat::cli
