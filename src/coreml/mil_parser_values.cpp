// Types and values of MIL text.
#include "coreml/mil_parser.hpp"
#include "coreml/mil_tree.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

namespace anecompat::coreml {

bool MilParser::parse_type(ValueType& type) {
  std::string_view head;
  return expect_name(head, "a type") && parse_type_after(head, type);
}

bool MilParser::parse_type_after(std::string_view head, ValueType& type) {
  if (!token().is('<')) {
    const auto dtype = parse_data_type(head);
    if (dtype)
      type = m_builder.tensor(*dtype, {});
    return true;
  }
  if (head == "tensor" || head == "tensor_buffer") {
    type.kind = ValueType::Kind::tensor;
    return parse_tensor_type(type);
  }
  if (head == "state") {
    m_lexer.advance();
    ValueType wrapped;
    // Only tensors are ever wrapped; a state of a state would otherwise nest without end.
    if (token().is_word("state"))
      return fail_here("the tensor type that the state holds");
    if (!parse_type(wrapped))
      return false;
    type = {.kind = ValueType::Kind::state, .dtype = wrapped.dtype, .shape = wrapped.shape};
    return expect('>', "after the type that a state holds");
  }
  if (head == "list") {
    type.kind = ValueType::Kind::list;
  } else if (head == "tuple") {
    type.kind = ValueType::Kind::tuple;
  } else if (head == "dict") {
    type.kind = ValueType::Kind::dictionary;
  }
  return skip_type_arguments();
}

void MilParser::note_if_unknown(std::string_view word, bool known) {
  if (!known)
    m_assembler.note_once(
        fmt::format("type \"{}\" is not one this version knows", printable(word)));
}

// `<fp16, [1, 2]>` or `<fp16, shape=[1, 2], strides=[2, 1], …>`.
bool MilParser::parse_tensor_type(ValueType& type) {
  m_lexer.advance();
  std::string_view dtype;
  if (!expect_name(dtype, "an element type"))
    return false;
  type.dtype = parse_data_type(dtype).value_or(DataType::unknown);
  note_if_unknown(dtype, type.dtype != DataType::unknown);
  bool has_shape = false;
  while (!token().is('>')) {
    if (!expect(',', "or \">\" in a tensor type"))
      return false;
    std::string_view key = "shape";
    if (token().kind == MilToken::Kind::identifier) {
      key = token().text;
      m_lexer.advance();
      if (!accept('='))
        continue;
    }
    if (token().is('[') && key == "shape" && !has_shape) {
      if (!parse_shape(type.shape))
        return false;
      has_shape = true;
    } else if (token().is('[') || token().is('(') || token().is('{')) {
      if (!m_lexer.skip_balanced())
        return fail_here("a tensor type that ends");
    } else if (token().kind == MilToken::Kind::end || token().kind == MilToken::Kind::bad ||
               token().is('>')) {
      return fail_here("a part of a tensor type");
    } else {
      m_lexer.advance();
      if (token().is('<') && !skip_type_arguments())
        return false;
    }
  }
  m_lexer.advance();
  return true;
}

bool MilParser::parse_shape(Shape& shape) {
  m_lexer.advance();
  m_dims.clear();
  bool variadic = false;
  while (!token().is(']')) {
    if (!m_dims.empty() && !expect(',', "between dimensions"))
      return false;
    if (accept('*')) {
      std::string_view name;
      if (!expect_name(name, "the name of a run of dimensions"))
        return false;
      variadic = true;
      m_dims.push_back(k_unknown_dim);
    } else if (accept('?')) {
      m_dims.push_back(k_unknown_dim);
    } else {
      const auto size = token().kind == MilToken::Kind::number ? mil_integer(token().text)
                                                               : std::optional<std::int64_t>();
      if (!size || *size < k_unknown_dim)
        return fail_here("a dimension");
      m_dims.push_back(*size);
      m_lexer.advance();
    }
  }
  m_lexer.advance();
  shape = variadic ? Shape{} : m_builder.shape(m_dims);
  return true;
}

// From "<" past the ">" that closes it.
bool MilParser::skip_type_arguments() {
  std::size_t depth = 0;
  do {
    if (token().is('<')) {
      ++depth;
    } else if (token().is('>')) {
      --depth;
    } else if (token().kind == MilToken::Kind::end || token().kind == MilToken::Kind::bad ||
               token().is(';')) {
      return fail_here("\">\" at the end of a type");
    }
    m_lexer.advance();
  } while (depth > 0);
  return true;
}

// A typed value, a bare literal, or a bare word, which is taken as a string.
bool MilParser::parse_value(Literal& literal) {
  const auto first = token();
  if (first.kind != MilToken::Kind::identifier || first.text == "true" || first.text == "false" ||
      first.text == "BLOBFILE" || mil_real(first.text)) {
    m_assembler.sink().clear();
    m_blob.reset();
    if (!parse_literal(literal.type, 0))
      return false;
    literal.elements = m_blob ? Literal::Elements(*m_blob)
                              : m_assembler.sink().finish(literal.type, m_builder).elements;
    return true;
  }
  if (!parse_type(literal.type))
    return false;
  note_if_unknown(first.text, literal.type.kind != ValueType::Kind::unknown);
  if (!token().is('(')) {
    literal = m_builder.text(first.text);
    return true;
  }
  return parse_literal_of(literal.type, literal);
}

// `(literal)` after a type.
bool MilParser::parse_literal_of(const ValueType& type, Literal& literal) {
  if (!expect('(', "before a value"))
    return false;
  auto& sink = m_assembler.sink();
  sink.clear();
  m_blob.reset();
  if (!token().is(')')) {
    // The values of weights and long tables are not looked at.
    const auto count = type.is_tensor() ? type.shape.element_count().value_or(0) : 0;
    if (token().is('[') && count > Literal::k_max_elements) {
      if (!m_lexer.skip_balanced())
        return fail_here("a value that ends");
      sink.add_unseen(count);
    } else if (!parse_literal(type, 0)) {
      return false;
    }
  }
  literal = m_blob ? Literal{.type = type, .elements = *m_blob} : sink.finish(type, m_builder);
  return expect(')', "after a value");
}

bool MilParser::parse_literal(const ValueType& type, int depth) {
  if (depth > m_assembler.limits().max_depth)
    return fail_at(token().offset, "a value nested too deeply");
  auto& sink = m_assembler.sink();
  const auto first = token();
  if (first.is('[') || first.is('(') || first.is('{')) {
    const char close = first.is('[') ? ']' : first.is('(') ? ')' : '}';
    m_lexer.advance();
    for (bool empty = true; !token().is(close); empty = false) {
      if (!empty && !expect(',', "or the closing bracket after an element"))
        return false;
      if (!parse_literal(type, depth + 1))
        return false;
    }
    m_lexer.advance();
    return true;
  }
  if (first.kind == MilToken::Kind::string) {
    sink.add_string(string_of(first.text));
    m_lexer.advance();
    return true;
  }
  if (first.kind == MilToken::Kind::number)
    return parse_number(type, first.text);
  if (first.kind != MilToken::Kind::identifier)
    return fail_here("a value");
  if (first.text == "true" || first.text == "false") {
    sink.add_integer(first.text == "true" ? 1 : 0);
    m_lexer.advance();
    return true;
  }
  if (first.text == "BLOBFILE") {
    BlobRef blob;
    m_lexer.advance();
    if (!parse_blob(blob))
      return false;
    // Inside a list it is one more element that is not known.
    if (depth == 0) {
      m_blob = blob;
    } else {
      sink.add_unseen(1);
    }
    return true;
  }
  if (mil_real(first.text))
    return parse_number(type, first.text);
  // A typed value within a list, tuple or dictionary.
  ValueType inner;
  if (!parse_type(inner) || !expect('(', "before a value"))
    return false;
  if (!token().is(')') && !parse_literal(inner, depth + 1))
    return false;
  return expect(')', "after a value");
}

bool MilParser::parse_number(const ValueType& type, std::string_view text) {
  auto& sink = m_assembler.sink();
  if (!is_float(type.dtype)) {
    if (const auto integer = mil_integer(text)) {
      sink.add_integer(*integer);
      m_lexer.advance();
      return true;
    }
  }
  const auto real = mil_real(text);
  if (!real)
    return fail_here("a number");
  sink.add_real(*real);
  m_lexer.advance();
  return true;
}

// `(path = …, offset = …)`.
bool MilParser::parse_blob(BlobRef& blob) {
  if (m_in_blob)
    return fail_here("a path or an offset that is spelled out");
  if (!expect('(', "after BLOBFILE"))
    return false;
  m_in_blob = true;
  for (bool first = true; !token().is(')'); first = false) {
    if (!first && !expect(',', "between the parts of a BLOBFILE"))
      return false;
    std::string_view key;
    if (!expect_name(key, "\"path\" or \"offset\"") || !expect('=', "after \"path\" or \"offset\""))
      return false;
    Literal part;
    if (!parse_value(part))
      return false;
    if (key == "path") {
      blob.file = part.as_string().value_or(std::string_view());
    } else if (key == "offset") {
      blob.offset = static_cast<std::uint64_t>(part.as_int().value_or(0));
    }
  }
  m_lexer.advance();
  m_in_blob = false;
  m_blob.reset();
  return true;
}

std::string_view MilParser::string_of(std::string_view token_text) {
  if (token_text.find('\\') == std::string_view::npos)
    return token_text;
  return m_builder.intern(unescape_mil(token_text));
}

}  // namespace anecompat::coreml
