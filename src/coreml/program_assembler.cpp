#include "coreml/program_assembler.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace anecompat::coreml {

namespace {

std::string_view without_opset(std::string_view type) {
  constexpr std::string_view k_prefix = "ios";
  const auto dot = type.find('.');
  if (dot == std::string_view::npos || dot <= k_prefix.size() || !type.starts_with(k_prefix))
    return type;
  const auto version = type.substr(k_prefix.size(), dot - k_prefix.size());
  const bool digits = std::ranges::all_of(version, [](char c) { return c >= '0' && c <= '9'; });
  return digits ? type.substr(dot + 1) : type;
}

}  // namespace

ProgramAssembler::ProgramAssembler(GraphBuilder& builder, const ReadContext& context)
    : m_builder(&builder),
      m_limits(context.limits),
      m_tally(builder),
      m_weight_files(context.model_directory) {}

void ProgramAssembler::begin_function() {
  m_scope.clear();
  m_made_up_names.clear();
  m_name_numbers.clear();
}

ValueId ProgramAssembler::define(std::string_view name, const ValueType& type) {
  const auto id = add({.name = name, .type = type});
  m_scope.bind(name, id);
  return id;
}

ValueId ProgramAssembler::add_result(std::string_view name, const ValueType& type) {
  return add({.name = name, .type = type});
}

ValueId ProgramAssembler::add_constant(const Literal& literal) {
  return add({.name = {},
              .type = literal.type,
              .literal = m_builder->store_one(literal),
              .is_constant = true});
}

ValueId ProgramAssembler::add(const Value& value) {
  if (m_builder->value_count() >= m_limits.max_values)
    m_exceeded = "more values than the reader's limit";
  return m_builder->add_value(value);
}

void ProgramAssembler::begin_operation(Operation& op, std::string_view spelled) {
  op.type = without_opset(spelled);
  op.source_type = spelled;
  op.index = m_builder->next_operation_index();
  if (m_builder->graph().operation_count() > m_limits.max_operations)
    m_exceeded = "more operations than the reader's limit";
  if (op.type == "const") {
    op.kind = OperationKind::constant;
  } else if (op.type.starts_with("constexpr_")) {
    op.kind = OperationKind::constexpr_;
  }
}

void ProgramAssembler::finish_operation(Operation& op, const Literal* value) {
  if (op.kind == OperationKind::constant && value != nullptr) {
    set_constant(op, *value);
  } else if (op.kind == OperationKind::constexpr_) {
    const auto constant = [this](ValueId id) { return m_builder->value(id).is_constant; };
    const bool all = std::ranges::all_of(op.inputs, [&](const Argument& argument) {
      return std::ranges::all_of(argument.values, constant);
    });
    for (const auto id : op.outputs)
      m_builder->value(id).is_constant = all;
  }

  for (const auto id : op.outputs) {
    const auto name = m_builder->value(id).name;
    if (!m_scope.bind(name, id))
      note_once(
          fmt::format("the name \"{}\" is given to more than one value of the same block; "
                      "the later one counts",
                      printable(name)));
  }
  op.name = op.outputs.empty() ? name_without_outputs(op) : m_builder->value(op.outputs[0]).name;
  m_tally.add(op);
}

void ProgramAssembler::set_constant(const Operation& op, const Literal& value) {
  Literal literal = value;
  const auto* blob = std::get_if<BlobRef>(&literal.elements);
  if (blob != nullptr && WeightFiles::readable(literal.type)) {
    if (const auto integers = m_weight_files.read(*blob, literal.type)) {
      literal.elements = m_builder->store(*integers);
    } else {
      note_once(fmt::format("integers in {} were not read: {}", printable(blob->file),
                            m_weight_files.problem()));
    }
  }
  const auto* stored = m_builder->store_one(literal);
  for (const auto id : op.outputs) {
    m_builder->value(id).literal = stored;
    m_builder->value(id).is_constant = true;
  }
}

std::string_view ProgramAssembler::name_without_outputs(const Operation& op) {
  std::string base(op.type);
  if (const auto* state = m_builder->graph().operand(op, "input"); state && !state->name.empty())
    base += "_" + std::string(state->name);
  // A name that a value has already, or that was made up before, gets a number.
  std::string name = base;
  auto& number = m_name_numbers[base];
  while (m_scope.find(name) || !m_made_up_names.insert(name).second)
    name = fmt::format("{}_{}", base, ++number);
  return m_builder->intern(name);
}

void ProgramAssembler::note_once(std::string text) {
  constexpr std::size_t k_most_notes = 20;
  if (m_noted.size() < k_most_notes && m_noted.insert(text).second)
    m_builder->note(std::move(text));
}

std::string_view nested_block_label(std::string_view operation_type, std::size_t index,
                                    GraphBuilder& builder) {
  if (operation_type == "cond" && index < 2)
    return index == 0 ? "true" : "false";
  if (operation_type == "while_loop" && index < 2)
    return index == 0 ? "cond" : "body";
  return builder.intern(fmt::format("block{}", index));
}

}  // namespace anecompat::coreml
