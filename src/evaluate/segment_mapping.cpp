#include "evaluate/segment_mapping.hpp"

#include "coreml/walk.hpp"
#include "evaluate/model_kinds.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace anecompat::evaluate {

namespace {

using coreml::Block;
using coreml::Function;
using coreml::Graph;
using coreml::Model;
using coreml::Operation;
using coreml::OperationKind;
using coreml::ValueId;

// What Core ML puts between a model's inputs and outputs and its ANE segments: fp32 features are
// cast on the CPU, and buffers change their layout there.
constexpr std::array<std::string_view, 8> k_adapters = {"cast",
                                                        "tensor_buffer_to_tensor",
                                                        "tensor_to_tensor_buffer",
                                                        "identity",
                                                        "reshape",
                                                        "squeeze",
                                                        "expand_dims",
                                                        "transpose"};

bool is_adapter(const Operation& op) {
  return std::find(k_adapters.begin(), k_adapters.end(), op.type) != k_adapters.end();
}

// The functions that run, each with its compute operations in walk order.
struct FunctionOps {
  const Function* function = nullptr;
  bool in_level = true;
  std::string stage;
  std::vector<std::pair<const Operation*, std::size_t>> ops;  // with their index in the mapping
};

void name_stages(const Model& model, const std::string& stage,
                 std::unordered_map<const Model*, std::string>& names) {
  names[&model] = stage;
  std::size_t position = 0;
  for (const auto& child : model.stages) {
    const auto number = std::to_string(position++);
    name_stages(child, stage.empty() ? number : stage + "/" + number, names);
  }
}

std::vector<FunctionOps> collect(const Graph& graph, std::string_view wanted) {
  std::unordered_map<const Model*, std::string> stages;
  name_stages(graph.model(), "", stages);
  std::vector<FunctionOps> functions;
  std::size_t next = 0;
  const bool networks_only = has_neural_part(graph.model());
  coreml::walk(graph, wanted, [&](const coreml::OperationSite& site) {
    if (functions.empty() || functions.back().function != &site.function)
      functions.push_back(
          {&site.function, !networks_only || is_neural(site.model), stages[&site.model], {}});
    if (site.op.kind == OperationKind::compute)
      functions.back().ops.emplace_back(&site.op, next++);
  });
  return functions;
}

// Calls visit for every operand of an operation, those of its blocks' operations included. Nested
// blocks are as deep as the reader allows them to be.
template <typename Visit>
void each_operand(const Operation& op, const Visit& visit) {
  for (const auto& argument : op.inputs) {
    for (const auto value : argument.values)
      visit(value);
  }
  for (const auto& block : op.blocks) {
    for (const auto& nested : block.operations)
      each_operand(nested, visit);
    for (const auto output : block.outputs)
      visit(output);
  }
}

class FunctionMap {
 public:
  FunctionMap(const Graph& graph, const FunctionOps& function, std::vector<MappedOp>& mapped)
      : m_graph(graph), m_function(function), m_mapped(mapped) {
    for (const auto& [op, index] : function.ops) {
      m_index[op] = index;
      for (const auto output : op->outputs)
        m_by_name.emplace(graph.value(output).name, output);
    }
    for (const auto input : function.function->inputs) {
      m_inputs.insert(input);
      m_by_name.emplace(graph.value(input).name, input);
    }
  }

  void mark_boundary() {
    const auto& body = m_function.function->body;
    std::unordered_set<ValueId> adapted(m_inputs);
    for (const auto& op : body.operations) {
      if (!is_adapter(op) || op.kind != OperationKind::compute || !takes_only(op, adapted))
        continue;
      adapted.insert(op.outputs.begin(), op.outputs.end());
      m_mapped[m_index.at(&op)].boundary = true;
    }
    // From the end: what leads to outputs only.
    std::unordered_set<ValueId> used;
    std::unordered_set<ValueId> leads_out(body.outputs.begin(), body.outputs.end());
    for (std::size_t i = body.operations.size(); i-- > 0;) {
      const auto& op = body.operations[i];
      const bool out = op.kind == OperationKind::compute && is_adapter(op) &&
                       std::all_of(op.outputs.begin(), op.outputs.end(), [&](ValueId id) {
                         return leads_out.contains(id) && !used.contains(id);
                       });
      if (out)
        m_mapped[m_index.at(&op)].boundary = true;
      each_operand(op, [&](ValueId id) { (out ? leads_out : used).insert(id); });
    }
  }

  // Marks the operations between the ends of the segment, and says whether any of them is new.
  // nullopt when the ends are no values of this function, or something between them is not.
  std::optional<bool> mark_segment(const AneProcedure& procedure) {
    if (procedure.outputs.empty() || procedure.inputs.empty())
      return std::nullopt;
    std::unordered_set<ValueId> stops;
    for (const auto& name : procedure.inputs) {
      const auto found = m_by_name.find(name);
      if (found == m_by_name.end())
        return std::nullopt;
      stops.insert(found->second);
    }
    std::vector<ValueId> open;
    for (const auto& name : procedure.outputs) {
      const auto found = m_by_name.find(name);
      if (found == m_by_name.end())
        return std::nullopt;
      open.push_back(found->second);
    }
    return mark_between(std::move(open), stops);
  }

 private:
  bool takes_only(const Operation& op, const std::unordered_set<ValueId>& values) const {
    bool any = false;
    bool only = true;
    each_operand(op, [&](ValueId id) {
      if (id == coreml::k_no_value || m_graph.value(id).is_constant)
        return;
      any = true;
      only = only && values.contains(id);
    });
    return any && only;
  }

  std::optional<bool> mark_between(std::vector<ValueId> open,
                                   const std::unordered_set<ValueId>& stops) {
    std::unordered_set<ValueId> seen;
    std::set<std::size_t> ops;
    while (!open.empty()) {
      const auto id = open.back();
      open.pop_back();
      if (id == coreml::k_no_value || stops.contains(id) || !seen.insert(id).second)
        continue;
      const auto& value = m_graph.value(id);
      if (value.is_constant || value.producer == nullptr) {
        // Coming out at a model input that is none of the segment's, the names are of another
        // graph than this one.
        if (m_inputs.contains(id))
          return std::nullopt;
        continue;
      }
      add(*value.producer, ops);
      each_operand(*value.producer, [&](ValueId operand) { open.push_back(operand); });
    }
    bool any_new = false;
    for (const auto index : ops)
      any_new = !std::exchange(m_mapped[index].in_segment, true) || any_new;
    return any_new;
  }

  // An operation with everything in its blocks.
  void add(const Operation& op, std::set<std::size_t>& ops) const {
    if (const auto found = m_index.find(&op); found != m_index.end())
      ops.insert(found->second);
    for (const auto& block : op.blocks) {
      for (const auto& nested : block.operations)
        add(nested, ops);
    }
  }

  const Graph& m_graph;
  const FunctionOps& m_function;
  std::vector<MappedOp>& m_mapped;
  std::unordered_map<const Operation*, std::size_t> m_index;
  std::unordered_map<std::string_view, ValueId> m_by_name;
  std::unordered_set<ValueId> m_inputs;
};

void apply_plan(const ComputePlan& plan, const std::vector<FunctionOps>& functions,
                SegmentMapping& mapping) {
  // A name can occur again in another block of the same function: then they come in order.
  using Key = std::pair<std::pair<std::string_view, std::string_view>, std::string_view>;
  std::map<Key, std::vector<std::size_t>> by_name;
  for (const auto& function : functions) {
    for (const auto& [op, index] : function.ops)
      by_name[{{function.stage, function.function->name}, op->name}].push_back(index);
  }
  std::map<Key, std::size_t> taken;
  PlanCounts counts;
  for (const auto& planned : plan.ops) {
    const Key key{{planned.stage, planned.function}, planned.name};
    const auto found = by_name.find(key);
    const auto nth = taken[key]++;
    if (found == by_name.end() || nth >= found->second.size()) {
      if (planned.preferred)
        mapping.unmatched.push_back(planned.name);
      continue;
    }
    auto& op = mapping.ops[found->second[nth]];
    op.placement = planned.preferred;
    op.supported = planned.supported;
    op.ane_message = planned.ane_message;
    op.weight = planned.weight;
  }
  for (const auto& op : mapping.ops) {
    if (!op.placement || !op.in_level)
      continue;
    const bool on_ane = *op.placement == ane::Backend::ane;
    ++counts.total;
    counts.preferred += on_ane ? 1U : 0U;
    counts.supported +=
        std::find(op.supported.begin(), op.supported.end(), ane::Backend::ane) != op.supported.end()
            ? 1U
            : 0U;
    counts.boundary += op.boundary && !on_ane ? 1U : 0U;
  }
  mapping.plan = counts;
}

// The procedures that ran in predictions; null where a program has no such procedure.
std::set<std::pair<std::uint32_t, std::uint32_t>> procedures_that_ran(
    const Measurement& measurement) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> ran;
  for (const auto& tally : measurement.tallies) {
    if (tally.phase == Phase::predict && tally.succeeded != 0 && tally.program &&
        tally.kind != AneEventKind::compile && tally.kind != AneEventKind::load)
      ran.emplace(*tally.program, tally.procedure);
  }
  return ran;
}

const AneProcedure* find_procedure(const Measurement& measurement, std::uint32_t program,
                                   std::uint32_t procedure) {
  for (const auto& candidate : measurement.programs.at(program).procedures) {
    if (candidate.index == procedure)
      return &candidate;
  }
  return nullptr;
}

// Whether the segment was found. Stages of a pipeline may use the same names: it is then of the
// first one that no other segment accounts for.
bool mark_anywhere(const AneProcedure& procedure, std::vector<FunctionMap>& maps) {
  bool found = false;
  for (auto& map : maps) {
    const auto any_new = map.mark_segment(procedure);
    found = found || any_new.has_value();
    if (any_new.value_or(false))
      break;
  }
  return found;
}

Coverage coverage_of(const std::vector<MappedOp>& ops, bool all_found) {
  bool any = false;
  bool all = true;
  for (const auto& op : ops) {
    any = any || op.in_segment;
    all = all && (op.in_segment || op.boundary || !op.in_level);
  }
  if (!any)
    return Coverage::unknown;
  if (all)
    return Coverage::all;
  // A segment that could not be found may hold what is missing.
  return all_found ? Coverage::some : Coverage::unknown;
}

}  // namespace

SegmentMapping map_segments(const Graph& graph, std::string_view function,
                            const Measurement& measurement) {
  SegmentMapping mapping;
  const auto functions = collect(graph, function);
  std::size_t count = 0;
  for (const auto& one : functions)
    count += one.ops.size();
  mapping.ops.resize(count);
  for (const auto& one : functions) {
    for (const auto& [op, index] : one.ops)
      mapping.ops[index].in_level = one.in_level;
  }

  std::vector<FunctionMap> maps;
  maps.reserve(functions.size());
  for (const auto& one : functions)
    maps.emplace_back(graph, one, mapping.ops).mark_boundary();

  const auto ran = procedures_that_ran(measurement);
  mapping.segments = static_cast<std::uint32_t>(ran.size());
  bool all_found = true;
  for (const auto& [program, procedure] : ran) {
    const auto* names = find_procedure(measurement, program, procedure);
    all_found = names != nullptr && mark_anywhere(*names, maps) && all_found;
  }
  mapping.coverage = coverage_of(mapping.ops, all_found);
  if (measurement.plan)
    apply_plan(*measurement.plan, functions, mapping);
  return mapping;
}

MeasuredFacts measured_facts(const Measurement& measurement, const SegmentMapping& mapping) {
  const auto programs = program_failures(measurement);
  const auto evaluations = evaluation_failures(measurement);
  const auto narrow = [](std::uint64_t count) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(count, UINT32_MAX));
  };
  const auto hooked =
      std::any_of(measurement.hooks.begin(), measurement.hooks.end(), [](const HookStatus& hook) {
        return hook.state == HookState::installed &&
               (hook.purpose == HookPurpose::evaluate || hook.purpose == HookPurpose::process);
      });
  return {.ane_host = measurement.host.ane_host(),
          .virtual_machine = measurement.host.virtual_machine,
          .hooks_installed = hooked,
          .predicted = std::any_of(measurement.predictions.begin(), measurement.predictions.end(),
                                   [](const PredictionRecord& record) {
                                     return record.ok && record.phase == Phase::predict;
                                   }),
          .evaluations = evaluations_per_prediction(measurement),
          .compile_failures = narrow(programs.count),
          .evaluation_failures = narrow(evaluations.count),
          .failure = programs.count != 0 ? programs.text : evaluations.text,
          .plan = mapping.plan,
          .coverage = mapping.coverage};
}

}  // namespace anecompat::evaluate
