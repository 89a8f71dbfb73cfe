#include "gate/checks.hpp"

#include "ane/target.hpp"
#include "gate/failures.hpp"
#include "gate/op_groups.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

namespace anecompat::gate {

namespace {

using ane::Level;
using evaluate::Evaluation;
using manifest::Expect;
using report::Entry;

constexpr std::size_t k_named_segments = 8;

bool meets(Expect expect, Level level) {
  switch (expect) {
    case Expect::full:
      return level == Level::full;
    case Expect::partial:
      return level == Level::partial;
    case Expect::none:
      return level == Level::none;
    case Expect::at_least_partial:
      return level == Level::full || level == Level::partial;
    case Expect::any:
      return true;
  }
  return true;
}

std::string quoted(const Entry& entry) {
  return fmt::format("\"{}\"", printable(entry.name));
}

Draft draft(std::string_view rule, const Evaluation& evaluation, std::string message) {
  Draft result;
  result.finding.rule = rule;
  result.finding.target = evaluation.target;
  result.finding.message = std::move(message);
  return result;
}

void add_details(Draft& result, const OpGroups& groups) {
  std::ranges::copy(groups.lines, std::back_inserter(result.finding.details));
  std::ranges::copy(groups.codes, std::back_inserter(result.keys));
  result.ops = groups.ops;
}

void add_advice(Draft& result, const Entry& entry, const Evaluation& evaluation) {
  result.finding.details.push_back(
      fmt::format("`anecompat explain {} --target {}` says what to change", printable(entry.source),
                  printable(evaluation.target)));
}

Draft unknown(const Entry& entry, const Evaluation& evaluation, std::string_view which) {
  const auto why = evaluation.reason ? ": " + printable(evaluation.reason->message) : "";
  auto result = draft("level-unknown", evaluation,
                      fmt::format("the {} of {} on {} is not known{}", which, quoted(entry),
                                  ane::describe_target(evaluation.target), why));
  result.keys = {std::string(which), evaluation.reason ? evaluation.reason->code : ""};
  return result;
}

Draft not_met(const Entry& entry, const Evaluation& evaluation, Expect expect, bool eligible) {
  const auto level = eligible ? evaluation.eligible_level : evaluation.level;
  auto result =
      draft("expectation-not-met", evaluation,
            fmt::format("{} {} {} on {}, {} was expected", quoted(entry),
                        eligible ? "could reach" : "is", ane::to_string(level),
                        ane::describe_target(evaluation.target), manifest::to_string(expect)));
  result.keys = {eligible ? "expect_eligible" : "expect", std::string(manifest::to_string(expect)),
                 std::string(ane::to_string(level))};
  const bool better = expect == Expect::none || (expect == Expect::partial && level == Level::full);
  if (better) {
    if (!eligible)
      add_details(result, ops_on_ane(evaluation));
    result.finding.details.push_back(
        fmt::format("better than expected: if that is meant, set `{}: {}`", result.keys[0],
                    ane::to_string(level)));
    return result;
  }
  add_details(result, eligible ? ops_not_eligible(evaluation) : ops_off_ane(evaluation));
  if (!eligible && evaluation.eligible_level != Level::unknown &&
      meets(expect, evaluation.eligible_level)) {
    result.finding.details.push_back(
        fmt::format("its ops would allow {}: it is their cost that keeps them off the ANE",
                    ane::to_string(evaluation.eligible_level)));
  }
  add_advice(result, entry, evaluation);
  return result;
}

// Rounded towards zero, so that a share below its budget never looks like it.
std::string percent(double share) {
  return fmt::format("{:.2f} %", std::floor(share * 10'000 + 1e-9) / 100);
}

std::string segments_text(const Evaluation& evaluation) {
  std::string text = "segments: ";
  for (std::size_t i = 0; i < evaluation.segments.size() && i < k_named_segments; ++i) {
    const auto& segment = evaluation.segments[i];
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", ane::to_string(segment.backend),
                        counted(segment.count, "op"));
  }
  if (evaluation.segments.size() > k_named_segments)
    text += fmt::format(" and {} more", evaluation.segments.size() - k_named_segments);
  return text;
}

class BudgetCheck {
 public:
  BudgetCheck(const Entry& entry, const Evaluation& evaluation, std::vector<Draft>& drafts)
      : m_entry(entry), m_evaluation(evaluation), m_drafts(drafts) {}

  void at_most(std::string_view budget, std::optional<std::uint32_t> limit, std::size_t value,
               std::string_view noun) {
    if (!limit || value <= *limit)
      return;
    exceeded(budget, fmt::format("has {} on {}, at most {} allowed", counted(value, noun),
                                 ane::describe_target(m_evaluation.target),
                                 *limit == 1 ? "1 is" : fmt::format("{} are", *limit)));
  }

  void at_least(std::string_view budget, std::optional<double> limit, std::optional<double> share,
                std::string_view of) {
    if (!limit || m_evaluation.counts.ops == 0)
      return;
    if (!share) {
      m_drafts.push_back(unknown(m_entry, m_evaluation, fmt::format("ANE share of {}", of)));
    } else if (*share < *limit) {
      exceeded(budget, fmt::format("has {} of its {} on the ANE of {}, at least {} is asked for",
                                   percent(*share), of, ane::describe_target(m_evaluation.target),
                                   percent(*limit)));
    }
  }

 private:
  void exceeded(std::string_view budget, const std::string& what) {
    auto result = draft("budget-exceeded", m_evaluation,
                        fmt::format("{} {} ({})", quoted(m_entry), what, budget));
    result.keys = {std::string(budget)};
    add_details(result, ops_off_ane(m_evaluation));
    if (budget == "max_segments")
      result.finding.details.insert(result.finding.details.begin(), segments_text(m_evaluation));
    add_advice(result, m_entry, m_evaluation);
    m_drafts.push_back(std::move(result));
  }

  const Entry& m_entry;
  const Evaluation& m_evaluation;
  std::vector<Draft>& m_drafts;
};

bool has_budget(const manifest::Budgets& budgets) {
  return budgets.max_segments || budgets.min_ane_share || budgets.min_ane_cost_share ||
         budgets.max_cpu_ops;
}

void check_expectations(const Entry& entry, const Evaluation& evaluation,
                        const manifest::EntrySpec& spec, std::vector<Draft>& drafts) {
  const auto asks = [](const std::optional<Expect>& expect) {
    return expect && *expect != Expect::any;
  };
  if (evaluation.level == Level::unknown) {
    if (asks(spec.expect) || has_budget(spec.budgets))
      drafts.push_back(unknown(entry, evaluation, "level"));
  } else {
    if (spec.expect && !meets(*spec.expect, evaluation.level))
      drafts.push_back(not_met(entry, evaluation, *spec.expect, false));
    BudgetCheck check(entry, evaluation, drafts);
    check.at_most("max_segments", spec.budgets.max_segments, evaluation.segments.size(), "segment");
    check.at_least("min_ane_share", spec.budgets.min_ane_share, evaluation.shares.ops, "ops");
    check.at_least("min_ane_cost_share", spec.budgets.min_ane_cost_share, evaluation.shares.cost,
                   "estimated time");
    check.at_most("max_cpu_ops", spec.budgets.max_cpu_ops, evaluation.counts.cpu, "CPU op");
  }
  if (!asks(spec.expect_eligible))
    return;
  if (evaluation.eligible_level == Level::unknown)
    drafts.push_back(unknown(entry, evaluation, "eligible level"));
  else if (!meets(*spec.expect_eligible, evaluation.eligible_level))
    drafts.push_back(not_met(entry, evaluation, *spec.expect_eligible, true));
}

void check_evidence(const Entry& entry, const Evaluation& evaluation, const Policy& policy,
                    std::vector<Draft>& drafts) {
  const auto at_least = static_cast<ane::Evidence>(policy.threshold("evidence-too-weak.at_least"));
  if (evaluation.evidence >= at_least)
    return;
  auto result = draft("evidence-too-weak", evaluation,
                      fmt::format("the verdict on {} for {} is only {}, the policy asks for {}",
                                  quoted(entry), ane::describe_target(evaluation.target),
                                  ane::to_string(evaluation.evidence), ane::to_string(at_least)));
  result.finding.details.emplace_back("`anecompat doctor` says which evidence a host can give");
  result.keys = {std::string(ane::to_string(evaluation.evidence)),
                 std::string(ane::to_string(at_least))};
  drafts.push_back(std::move(result));
}

void check_risks(const Entry& entry, const Evaluation& evaluation, std::vector<Draft>& drafts) {
  for (const auto& risk : evaluation.risks) {
    const auto where = risk.op.empty() ? "" : fmt::format(" at {}", printable(risk.op));
    auto result = draft("model-risk", evaluation,
                        fmt::format("{}{}: {}: {}", quoted(entry), where, printable(risk.code),
                                    printable(risk.message)));
    result.keys = {risk.code, risk.op};
    if (!risk.op.empty())
      result.ops = {risk.op};
    drafts.push_back(std::move(result));
  }
}

// Makes one finding without a target of those that every target has alike.
std::vector<Draft> joined(std::vector<Draft> drafts, std::size_t targets) {
  const auto key = [](const Draft& one) {
    return std::tie(one.finding.rule, one.finding.message, one.finding.details);
  };
  std::map<decltype(key(drafts[0])), std::size_t> counts;
  for (const auto& one : drafts)
    ++counts[key(one)];
  std::map<decltype(key(drafts[0])), bool> kept;
  std::vector<Draft> result;
  result.reserve(drafts.size());
  for (const auto& one : drafts) {
    const bool shared = targets > 1 && counts[key(one)] == targets;
    if (shared && std::exchange(kept[key(one)], true))
      continue;
    result.push_back(one);
    if (shared)
      result.back().finding.target.clear();
  }
  return result;
}

}  // namespace

std::vector<Draft> check_entry(const Entry& entry, const manifest::EntrySpec* spec,
                               const Policy& policy) {
  if (entry.skipped)
    return {};
  if (entry.evaluations.empty())
    return {not_evaluated(entry)};
  std::vector<Draft> drafts;
  std::vector<Draft> of_the_model;  // the same on every target more often than not
  for (const auto& evaluation : entry.evaluations) {
    if (evaluation.error) {
      of_the_model.push_back(evaluation_failed(entry, evaluation));
      continue;
    }
    if (spec != nullptr)
      check_expectations(entry, evaluation, *spec, drafts);
    check_evidence(entry, evaluation, policy, drafts);
    check_risks(entry, evaluation, of_the_model);
  }
  std::ranges::move(joined(std::move(of_the_model), entry.evaluations.size()),
                    std::back_inserter(drafts));
  return drafts;
}

}  // namespace anecompat::gate
