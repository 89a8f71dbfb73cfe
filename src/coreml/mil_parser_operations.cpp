// Operations in MIL text: results, operands, attributes and nested blocks.
#include "coreml/mil_parser.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

namespace anecompat::coreml {

bool MilParser::parse_operation(Operation& op, int depth) {
  const auto begin = token().offset;
  std::string_view spelled;
  m_results.clear();
  if (!parse_results(spelled))
    return false;
  m_assembler.begin_operation(op, spelled);
  m_ids.clear();
  for (const auto& result : m_results)
    m_ids.push_back(m_assembler.add_result(result.name, result.type));
  op.outputs = m_builder.store(m_ids);

  std::optional<Literal> value;
  if (!parse_arguments(op) || !parse_attributes(op, value))
    return false;
  // What is observed is read before the blocks, which reuse the scratch it is in.
  if (m_observer != nullptr)
    m_observer->on_operation(m_function, op, m_lexer.position(begin), m_attribute_texts);
  if (!parse_nested_blocks(op, depth) || !expect(';', "after an operation"))
    return false;
  m_assembler.finish_operation(op, value ? &*value : nullptr);
  return within_limits();
}

// `T a, U b = type` or, for an operation without results, `type` alone.
bool MilParser::parse_results(std::string_view& spelled) {
  for (;;) {
    spelled = token().text;
    if (token().kind != MilToken::Kind::identifier)
      return fail_here("an operation or the \"}\" that ends the block");
    NamedResult result;
    if (!parse_type(result.type))
      return false;
    if (token().is('(') && m_results.empty())
      return true;
    if (!expect_name(result.name, "the name of a result"))
      return false;
    m_results.push_back(result);
    if (accept('='))
      break;
    if (!expect(',', "or \"=\" after a result"))
      return false;
  }
  if (!expect_name(spelled, "the type of an operation"))
    return false;
  return !token().is('<') || skip_type_arguments();
}

bool MilParser::parse_arguments(Operation& op) {
  if (!expect('(', "before the operands"))
    return false;
  m_arguments.clear();
  while (!token().is(')')) {
    if (!m_arguments.empty() && !expect(',', "between operands"))
      return false;
    std::string_view parameter;
    if (!expect_name(parameter, "the name of a parameter") ||
        !expect('=', "after the name of a parameter"))
      return false;
    m_ids.clear();
    if (!parse_argument(op, parameter, 0))
      return false;
    m_arguments.push_back({.name = parameter, .values = m_builder.store(m_ids)});
  }
  m_lexer.advance();
  op.inputs = m_builder.store(m_arguments);
  return true;
}

bool MilParser::parse_argument(const Operation& op, std::string_view parameter, int depth) {
  if (token().is('(')) {
    if (depth > m_assembler.limits().max_depth)
      return fail_at(token().offset, "operands nested too deeply");
    m_lexer.advance();
    for (bool first = true; !token().is(')'); first = false) {
      if (!first && !expect(',', "between values"))
        return false;
      if (!parse_argument(op, parameter, depth + 1))
        return false;
    }
    m_lexer.advance();
    return within_limits();
  }
  const auto first = token();
  if (first.kind != MilToken::Kind::identifier)
    return fail_here(fmt::format("a value for operand \"{}\"", printable(parameter)));
  m_lexer.advance();
  if (token().is('(') || token().is('<')) {
    Literal literal;
    if (!parse_type_after(first.text, literal.type) || !parse_literal_of(literal.type, literal))
      return false;
    note_if_unknown(first.text, literal.type.kind != ValueType::Kind::unknown);
    m_ids.push_back(m_assembler.add_constant(literal));
    return true;
  }
  const auto id = m_assembler.find(first.text);
  if (!id) {
    return fail_at(first.offset,
                   fmt::format("operand \"{}\" of {} \"{}\" in function \"{}\" is \"{}\", which is "
                               "not defined before it",
                               printable(parameter), printable(op.source_type),
                               m_results.empty() ? "" : printable(m_results[0].name),
                               printable(m_function), printable(first.text)));
  }
  m_ids.push_back(*id);
  return true;
}

bool MilParser::parse_attributes(Operation& op, std::optional<Literal>& value) {
  m_attributes.clear();
  m_attribute_texts.clear();
  while (accept('[')) {
    for (bool first = true; !token().is(']'); first = false) {
      if (!first && !expect(',', "between attributes"))
        return false;
      std::string_view name;
      if (!expect_name(name, "the name of an attribute") ||
          !expect('=', "after the name of an attribute"))
        return false;
      const auto begin = token().offset;
      Literal literal;
      if (!parse_value(literal))
        return false;
      if (m_observer != nullptr)
        m_attribute_texts.push_back({.name = name, .text = text_between(begin)});
      if (name == "name") {
        op.label = literal.as_string().value_or(std::string_view());
      } else if (name == "val" && op.kind == OperationKind::constant) {
        value = literal;
      } else {
        m_attributes.push_back({.name = name, .value = literal});
      }
    }
    m_lexer.advance();
  }
  op.attributes = m_builder.store(m_attributes);
  return true;
}

bool MilParser::parse_attribute_list(std::vector<MilAttributeText>& texts) {
  if (!expect('[', "before attributes"))
    return false;
  for (bool first = true; !token().is(']'); first = false) {
    if (!first && !expect(',', "between attributes"))
      return false;
    std::string_view name;
    if (!expect_name(name, "the name of an attribute") ||
        !expect('=', "after the name of an attribute"))
      return false;
    const auto begin = token().offset;
    Literal literal;
    if (!parse_value(literal))
      return false;
    texts.push_back({.name = name, .text = text_between(begin)});
  }
  m_lexer.advance();
  return true;
}

// Any number of `[label] [(inputs)] {…} -> (…)`, separated by commas or not.
bool MilParser::parse_nested_blocks(Operation& op, int depth) {
  std::vector<Block> blocks;  // allocates only when there are any
  // A word can only be a block's label where blocks are due; elsewhere a semicolon is missing.
  const bool due = op.type == "cond" || op.type == "while_loop";
  while (token().is('{') || token().is('(') || token().is(',') ||
         (token().kind == MilToken::Kind::identifier && (due || !blocks.empty()))) {
    if (accept(',') && blocks.empty())
      return fail_here("a block");
    if (token().kind == MilToken::Kind::identifier) {
      m_lexer.advance();
      if (!accept('='))
        accept(':');
    }
    m_assembler.open_scope();
    std::vector<ValueId> inputs;
    if (accept('(') && !parse_parameters(inputs, &op))
      return false;
    auto& block = blocks.emplace_back();
    block.inputs = m_builder.store(inputs);
    if (!parse_block(nested_block_label(op.type, blocks.size() - 1, m_builder), block, depth + 1))
      return false;
    m_assembler.close_scope();
  }
  op.blocks = m_builder.store(blocks);
  return true;
}

}  // namespace anecompat::coreml
