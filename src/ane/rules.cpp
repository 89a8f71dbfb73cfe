#include "ane/rules.hpp"

#include <algorithm>

namespace anecompat::ane {

namespace {

bool has_factor_beyond(std::int64_t number, const std::vector<std::int64_t>& factors) {
  for (const auto factor : factors) {
    while (factor > 1 && number != 0 && number % factor == 0)
      number /= factor;
  }
  return number != 1;
}

bool contains(const std::vector<std::int64_t>& numbers, std::int64_t number) {
  return std::ranges::find(numbers, number) != numbers.end();
}

}  // namespace

bool Condition::holds(const OpFacts& facts) const {
  const auto& value = facts[fact];
  if (comparison == Comparison::known)
    return value.known == (numbers[0] != 0);
  if (!value.known)
    return false;
  const bool text = !texts.empty();
  switch (comparison) {
    case Comparison::min:
      return value.number >= numbers[0];
    case Comparison::max:
      return value.number <= numbers[0];
    case Comparison::above:
      return value.number > numbers[0];
    case Comparison::below:
      return value.number < numbers[0];
    case Comparison::equals:
    case Comparison::in:
      return text ? std::ranges::find(texts, value.text) != texts.end()
                  : contains(numbers, value.number);
    case Comparison::not_in:
      return text ? std::ranges::find(texts, value.text) == texts.end()
                  : !contains(numbers, value.number);
    case Comparison::any:
      return (value.number & numbers[0]) != 0;
    case Comparison::only:
      return (value.number & ~numbers[0]) == 0;
    case Comparison::multiple_of:
      return value.number % numbers[0] == 0;
    case Comparison::not_multiple_of:
      return value.number % numbers[0] != 0;
    case Comparison::factors_beyond:
      return has_factor_beyond(value.number, numbers);
    case Comparison::known:
      break;
  }
  return false;
}

bool OsRange::contains(const std::optional<OsVersion>& os) const {
  if (!os)
    return includes_newest();
  return (!min || os->core_ml() >= *min) && (!below || os->core_ml() < *below);
}

bool Rule::concerns(const Target& target) const {
  return chips.contains(target.chip) && systems.contains(target.os);
}

bool Rule::holds(const OpFacts& facts) const {
  return std::ranges::all_of(when, [&](const Condition& c) { return c.holds(facts); });
}

const RuleSet::OpEntry* RuleSet::entry(std::string_view type) const {
  const auto found = m_ops.find(type);
  return found == m_ops.end() ? nullptr : &found->second;
}

const OpRow* RuleSet::op(std::string_view type) const {
  const auto* found = entry(type);
  return found == nullptr ? nullptr : &found->row;
}

std::span<const Rule* const> RuleSet::rules_for(std::string_view type) const {
  const auto* found = entry(type);
  return found == nullptr ? std::span<const Rule* const>() : found->rules;
}

std::span<const RiskRow* const> RuleSet::risks_for(std::string_view type) const {
  const auto* found = entry(type);
  return found == nullptr ? std::span<const RiskRow* const>() : found->risks;
}

const ReasonInfo* RuleSet::reason(std::string_view code) const {
  const auto found = std::ranges::lower_bound(m_reasons, code, {}, &ReasonInfo::code);
  return found == m_reasons.end() || found->code != code ? nullptr : &*found;
}

std::vector<std::string_view> RuleSet::op_types() const {
  std::vector<std::string_view> types;
  types.reserve(m_ops.size());
  for (const auto& [type, entry] : m_ops)
    types.push_back(type);
  std::ranges::sort(types);
  return types;
}

void RuleSet::index() {
  const auto concerns = [](const Rule& rule, const std::string& type) {
    const auto names = [&](const std::vector<std::string>& list) {
      return std::ranges::find(list, type) != list.end();
    };
    return (rule.ops.empty() || names(rule.ops)) && !names(rule.except);
  };
  for (auto& [type, entry] : m_ops) {
    for (const auto& rule : m_rules) {
      if (concerns(rule, type))
        entry.rules.push_back(&rule);
    }
    for (const auto& risk : m_risks) {
      if (risk.scope == RiskRow::Scope::operation && concerns(risk.rule, type))
        entry.risks.push_back(&risk);
    }
  }
}

std::string fill_message(std::string_view message, const MessageContext& context) {
  std::string text;
  while (!message.empty()) {
    const auto open = message.find('{');
    const auto close = message.find('}', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos) {
      text += message;
      break;
    }
    text += message.substr(0, open);
    const auto name = message.substr(open + 1, close - open - 1);
    const auto fact = find_fact(name);
    if (name == "chip")
      text += context.chip;
    else if (name == "os")
      text += context.os;
    else if (name == "type")
      text += context.type;
    else if (name == "input")
      text += context.input;
    else if (name == "output")
      text += context.output;
    else if (name == "limit" && context.limit)
      text += std::to_string(*context.limit);
    else if (fact && context.facts != nullptr)
      text += context.facts->to_string(fact->fact);
    else
      text += message.substr(open, close - open + 1);
    message.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace anecompat::ane
