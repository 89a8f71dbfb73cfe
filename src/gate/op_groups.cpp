#include "gate/op_groups.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace anecompat::gate {

namespace {

using ane::Backend;
using evaluate::Evaluation;
using evaluate::OpResult;

constexpr std::size_t k_named_ops = 5;
constexpr std::size_t k_named_reasons = 10;
constexpr std::string_view k_no_reason = "no-reason";

bool takes_ane(const OpResult& op) {
  return std::ranges::find(op.eligible, Backend::ane) != op.eligible.end();
}

std::string names_of(const std::vector<const OpResult*>& ops) {
  std::string text;
  for (std::size_t i = 0; i < ops.size() && i < k_named_ops; ++i)
    text += fmt::format("{}{} ({})", i == 0 ? "" : ", ", printable(ops[i]->path),
                        printable(ops[i]->type));
  if (ops.size() > k_named_ops)
    text += fmt::format(" and {} more", ops.size() - k_named_ops);
  return text;
}

std::string line_of(std::string_view where, const std::string& raw_code,
                    const std::vector<const OpResult*>& ops) {
  const auto code = printable(raw_code);
  const auto& reason = ops.front()->reason;
  const auto why = reason && !reason->message.empty()
                       ? fmt::format("{} ({})", code, printable(reason->message))
                       : code;
  return fmt::format("{} {}: {}: {}", counted(ops.size(), "op"), where, why, names_of(ops));
}

template <typename Predicate>
OpGroups grouped(const Evaluation& evaluation, std::string_view where, Predicate concerned) {
  OpGroups result;
  std::map<std::string, std::vector<const OpResult*>> by_code;
  for (const auto& op : evaluation.ops) {
    if (op.boundary || !concerned(op))
      continue;
    by_code[op.reason ? op.reason->code : std::string(k_no_reason)].push_back(&op);
    result.ops.push_back(op.path);
  }
  std::vector<std::pair<std::string, std::vector<const OpResult*>>> groups;
  for (auto& [code, ops] : by_code) {
    result.codes.push_back(code);
    groups.emplace_back(code, std::move(ops));
  }
  // What the ANE does not take comes before what does not pay: it is what can be changed.
  std::ranges::stable_sort(groups, [](const auto& a, const auto& b) {
    const bool a_taken = takes_ane(*a.second.front());
    const bool b_taken = takes_ane(*b.second.front());
    return a_taken != b_taken ? b_taken : a.second.size() > b.second.size();
  });
  for (std::size_t i = 0; i < groups.size() && i < k_named_reasons; ++i)
    result.lines.push_back(line_of(where, groups[i].first, groups[i].second));
  if (groups.size() > k_named_reasons)
    result.lines.push_back(fmt::format("and {} in the report",
                                       counted(groups.size() - k_named_reasons, "more reason")));
  return result;
}

}  // namespace

OpGroups ops_off_ane(const Evaluation& evaluation) {
  return grouped(evaluation, "off the ANE", [](const OpResult& op) {
    // Without a placement and a reason it is folded away, which is nobody's fault.
    return op.placement ? *op.placement != Backend::ane : op.reason.has_value();
  });
}

OpGroups ops_not_eligible(const Evaluation& evaluation) {
  return grouped(evaluation, "not eligible for the ANE",
                 [](const OpResult& op) { return !takes_ane(op) && (op.placement || op.reason); });
}

OpGroups ops_on_ane(const Evaluation& evaluation) {
  OpGroups result;
  std::vector<const OpResult*> ops;
  for (const auto& op : evaluation.ops) {
    if (op.boundary || op.placement != Backend::ane)
      continue;
    ops.push_back(&op);
    result.ops.push_back(op.path);
  }
  if (!ops.empty())
    result.lines.push_back(
        fmt::format("{} on the ANE: {}", counted(ops.size(), "op"), names_of(ops)));
  return result;
}

}  // namespace anecompat::gate
