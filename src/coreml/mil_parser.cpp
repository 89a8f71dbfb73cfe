#include "coreml/mil_parser.hpp"

#include "support/text.hpp"

#include <fmt/format.h>

namespace anecompat::coreml {

MilParser::MilParser(std::string_view text, GraphBuilder& builder, const ReadContext& context,
                     MilObserver* observer)
    : m_lexer(text), m_builder(builder), m_assembler(builder, context), m_observer(observer) {}

Result<MilProgram> MilParser::parse() {
  if (!parse_program())
    return fail(std::move(*m_error));
  return MilProgram{
      .parts = {.functions = m_builder.store(m_functions), .weights = m_assembler.store_weights()},
      .functions = std::move(m_function_texts)};
}

bool MilParser::parse_program() {
  if (!token().is_word("program"))
    return fail_here("\"program(\", with which MIL text begins");
  m_lexer.advance();
  if (!expect('(', "after \"program\""))
    return false;
  if (token().kind != MilToken::Kind::number)
    return fail_here("the version of the program");
  m_lexer.advance();
  if (!expect(')', "after the program's version"))
    return false;
  std::vector<MilAttributeText> build_info;
  while (token().is('[')) {
    if (!parse_attribute_list(build_info))
      return false;
  }
  if (!expect('{', "before the program's functions"))
    return false;
  while (!token().is('}')) {
    if (!skip_annotations() || !parse_function())
      return false;
  }
  m_lexer.advance();
  accept(';');
  return token().kind == MilToken::Kind::end || fail_here("the end of the text");
}

bool MilParser::parse_function() {
  if (!token().is_word("func"))
    return fail_here("\"func\" or the \"}\" that ends the program");
  m_lexer.advance();
  Function function;
  if (!expect_name(function.name, "the function's name"))
    return false;
  m_function = function.name;
  if (accept('<')) {
    if (!expect_name(function.opset, "the function's opset") || !expect('>', "after the opset"))
      return false;
  }
  m_assembler.begin_function();
  std::vector<ValueId> inputs;
  if (!expect('(', "before the function's inputs") || !parse_parameters(inputs, nullptr))
    return false;
  function.inputs = m_builder.store(inputs);
  auto& text = m_function_texts.emplace_back();
  text.name = function.name;
  while (token().is('[')) {
    if (!parse_attribute_list(text.attributes))
      return false;
  }
  if (!parse_block("main", function.body, 0))
    return false;
  accept(';');
  m_functions.push_back(function);
  return true;
}

// After the opening bracket. `enclosing` is the operation whose block this begins: the types of its
// operands stand in for types that are not written.
bool MilParser::parse_parameters(std::vector<ValueId>& ids, const Operation* enclosing) {
  while (!token().is(')')) {
    if (!ids.empty() && !expect(',', "between inputs"))
      return false;
    if (token().kind != MilToken::Kind::identifier)
      return fail_here("the type of an input");
    std::string_view name = token().text;
    ValueType type;
    if (!parse_type(type))
      return false;
    if (enclosing != nullptr && (token().is(',') || token().is(')'))) {
      const auto* carried = enclosing->argument("loop_vars");
      type = carried != nullptr && ids.size() < carried->values.size()
                 ? m_builder.value(carried->values[ids.size()]).type
                 : ValueType{};
    } else if (!expect_name(name, "the name of an input")) {
      return false;
    }
    ids.push_back(m_assembler.define(name, type));
    if (!within_limits())
      return false;
  }
  m_lexer.advance();
  return true;
}

bool MilParser::parse_block(std::string_view label, Block& block, int depth) {
  if (depth > m_assembler.limits().max_depth)
    return fail_at(token().offset, "blocks nested too deeply");
  block.label = label;
  if (!expect('{', "before a block"))
    return false;
  std::vector<Operation> operations;
  while (!token().is('}')) {
    if (!skip_annotations() || !parse_operation(operations.emplace_back(), depth))
      return false;
  }
  m_lexer.advance();
  if (!parse_block_outputs(block))
    return false;
  block.operations = m_builder.store_operations(operations);
  return true;
}

bool MilParser::parse_block_outputs(Block& block) {
  if (!token().is_arrow())
    return fail_here("\"->\" and the block's outputs");
  m_lexer.advance();
  if (!expect('(', "before the block's outputs"))
    return false;
  m_ids.clear();
  while (!token().is(')')) {
    if (!m_ids.empty() && !expect(',', "between the block's outputs"))
      return false;
    const auto offset = token().offset;
    std::string_view name;
    if (!expect_name(name, "the name of an output"))
      return false;
    const auto id = m_assembler.find(name);
    if (!id)
      return fail_at(offset,
                     fmt::format("block \"{}\" of function \"{}\" returns \"{}\", which is "
                                 "not defined",
                                 printable(block.label), printable(m_function), printable(name)));
    m_ids.push_back(*id);
  }
  m_lexer.advance();
  block.outputs = m_builder.store(m_ids);
  return true;
}

bool MilParser::skip_annotations() {
  while (token().is('@') || token().is('#')) {
    m_lexer.advance();
    std::string_view word;
    if (!expect_name(word, "the name of an annotation"))
      return false;
    if ((token().is('(') || token().is('[')) && !m_lexer.skip_balanced())
      return fail_here("an annotation that ends");
  }
  return true;
}

bool MilParser::expect(char punctuation, const char* where) {
  if (accept(punctuation))
    return true;
  return fail_here(fmt::format("\"{}\" {}", punctuation, where));
}

bool MilParser::accept(char punctuation) {
  if (!token().is(punctuation))
    return false;
  m_lexer.advance();
  return true;
}

bool MilParser::expect_name(std::string_view& name, const char* what) {
  if (token().kind != MilToken::Kind::identifier)
    return fail_here(what);
  name = token().text;
  m_lexer.advance();
  return true;
}

bool MilParser::fail_here(std::string_view expected) {
  constexpr std::size_t k_longest = 40;
  std::string found;
  switch (token().kind) {
    case MilToken::Kind::end:
      found = "the end of the text";
      break;
    case MilToken::Kind::bad:
      found = token().text.starts_with('"')
                  ? "a string that does not end"
                  : fmt::format("the character \"{}\"", printable(token().text));
      break;
    default:
      found = fmt::format(
          "\"{}\"", elide_middle(printable(token().text.substr(0, 2 * k_longest)), k_longest));
      break;
  }
  return fail_at(token().offset, fmt::format("expected {}, found {}", expected, found));
}

bool MilParser::fail_at(std::size_t offset, std::string message) {
  if (!m_error)
    m_error = Error{.message = std::move(message), .position = m_lexer.position(offset)};
  return false;
}

bool MilParser::within_limits() {
  return m_assembler.exceeded() == nullptr || fail_at(token().offset, m_assembler.exceeded());
}

std::string_view MilParser::text_between(std::size_t begin) const {
  return m_lexer.text().substr(begin, m_lexer.last_end() - begin);
}

}  // namespace anecompat::coreml
