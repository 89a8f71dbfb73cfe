#include "ane/eligibility.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::ane {

namespace {

// The first operand that depends on the model's inputs, as its type reads.
std::string first_input(const GraphContext& context, const coreml::Operation& op) {
  for (const auto& argument : op.inputs) {
    for (const auto id : argument.values) {
      if (!context.is_constant(id))
        return context.graph().value(id).type.to_string();
    }
  }
  return {};
}

std::string first_output(const GraphContext& context, const coreml::Operation& op) {
  return op.outputs.empty() ? std::string() : context.graph().value(op.outputs[0]).type.to_string();
}

std::optional<std::int64_t> limit_of(const Rule& rule) {
  for (const auto& condition : rule.when) {
    if (condition.texts.empty() && !condition.numbers.empty())
      return condition.numbers[0];
  }
  return std::nullopt;
}

Reason reason_of(const Rule& rule, MessageContext context) {
  context.limit = limit_of(rule);
  return {.code = rule.reason, .message = fill_message(rule.message, context)};
}

std::string_view source_name(const coreml::Operation& op) {
  return op.source_type.empty() ? op.type : op.source_type;
}

}  // namespace

MessageContext message_context(const GraphContext& context, const coreml::OperationSite& site,
                               const OpFacts& facts, const Target& target) {
  return {.facts = &facts,
          .chip = to_string(target.chip),
          .os = target.os ? display_name(*target.os) : std::string(),
          .type = source_name(site.op),
          .input = first_input(context, site.op),
          .output = first_output(context, site.op)};
}

Eligibility check(const GraphContext& context, const coreml::OperationSite& site,
                  const OpFacts& facts, const Target& target, const RuleSet& rules) {
  const auto& op = site.op;
  Eligibility result;
  if (site.model.kind == coreml::ModelKind::classic ||
      site.model.kind == coreml::ModelKind::opaque) {
    result.confidence = Confidence::high;
    result.reason =
        Reason{.code = "classic-model",
               .message = fmt::format("{} is not a neural network", printable(source_name(op)))};
    return result;
  }
  const auto* row = rules.op(op.type);
  if (row == nullptr) {
    result.gpu = false;
    result.reason = Reason{
        .code = "unknown-op",
        .message = fmt::format("no rule knows {}: taken as CPU only", printable(source_name(op)))};
    return result;
  }
  result.gpu = row->gpu;
  result.adapter = row->boundary;
  const auto bound = rules.chip(target.chip).confidence;
  result.confidence = row->ane ? std::min(row->confidence, bound) : row->confidence;
  if (!row->ane) {
    const auto* info = rules.reason(row->reason);
    result.reason = Reason{
        .code = row->reason,
        .message = row->message.empty()
                       ? fmt::format("{}: {}", printable(source_name(op)), info->title)
                       : fill_message(row->message, message_context(context, site, facts, target))};
    return result;
  }
  for (const auto* rule : rules.rules_for(op.type)) {
    if (!rule->concerns(target) || !rule->holds(facts))
      continue;
    if (result.reason) {
      // Already off for the system's sake: any other rule would keep it off on every system.
      if (rule->effect == Rule::Effect::ineligible && rule->systems.includes_newest()) {
        result.ane_on_newer_os = false;
        return result;
      }
      continue;
    }
    // A row about named chips was written for them; any other was measured on one of them.
    const auto confidence =
        rule->names_chips ? rule->confidence : std::min(rule->confidence, bound);
    if (rule->effect == Rule::Effect::doubt) {
      result.confidence = std::min(result.confidence, confidence);
      continue;
    }
    result.confidence = confidence;
    result.reason = reason_of(*rule, message_context(context, site, facts, target));
    if (rule->systems.includes_newest())
      return result;
    result.ane_on_newer_os = true;
  }
  result.ane = !result.reason;
  if (result.ane && !row->placed) {
    result.never_placed = true;
    result.reason = Reason{
        .code = "never-placed",
        .message = fmt::format("{} was seen on the CPU in every measured model, though the ANE "
                               "takes it",
                               printable(source_name(op)))};
  }
  return result;
}

Eligibility check(const coreml::Graph& graph, const coreml::OperationSite& site,
                  const Target& target, const RuleSet& rules) {
  const GraphContext context(graph);
  return check(context, site, context.facts(site), target, rules);
}

}  // namespace anecompat::ane
