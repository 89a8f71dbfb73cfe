#include "coreml/mil_tree.hpp"

#include "coreml/mil_lexer.hpp"

#include <optional>

namespace anecompat::coreml {

namespace {

class TreeParser {
 public:
  TreeParser(std::string_view text, int max_depth) : m_lexer(text), m_max_depth(max_depth) {}

  Result<MilTree> parse() {
    MilTree tree;
    if (!parse_item(tree, 0) || m_lexer.token().kind != MilToken::Kind::end) {
      return fail({.message = m_problem, .position = m_lexer.position(m_lexer.token().offset)});
    }
    return tree;
  }

 private:
  bool parse_item(MilTree& tree, int depth) {
    if (depth > m_max_depth)
      return give_up("a value nested too deeply");
    const auto token = m_lexer.token();
    if (token.is('(') || token.is('[') || token.is('{'))
      return parse_sequence(tree, depth);
    switch (token.kind) {
      case MilToken::Kind::string:
        tree = {.kind = MilTree::Kind::string, .text = unescape_mil(token.text)};
        m_lexer.advance();
        return true;
      case MilToken::Kind::number:
        return parse_number(tree, token.text);
      case MilToken::Kind::identifier:
        break;
      default:
        return give_up("not a value");
    }
    if (token.text == "true" || token.text == "false") {
      tree = {.kind = MilTree::Kind::boolean, .number = token.text == "true" ? 1.0 : 0.0};
      m_lexer.advance();
      return true;
    }
    if (mil_real(token.text))
      return parse_number(tree, token.text);
    return parse_typed(tree, depth);
  }

  bool parse_number(MilTree& tree, std::string_view text) {
    const auto number = mil_real(text);
    if (!number)
      return give_up("not a number");
    tree = {.kind = MilTree::Kind::number, .number = *number};
    m_lexer.advance();
    return true;
  }

  bool parse_sequence(MilTree& tree, int depth) {
    const char close = m_lexer.token().is('(') ? ')' : m_lexer.token().is('[') ? ']' : '}';
    tree = {.kind = MilTree::Kind::sequence};
    m_lexer.advance();
    while (!m_lexer.token().is(close)) {
      if (!tree.items.empty() && !accept(','))
        return give_up("expected a comma or the closing bracket");
      if (!parse_item(tree.items.emplace_back(), depth + 1))
        return false;
    }
    m_lexer.advance();
    return true;
  }

  // `type(literal)`: the tree of the literal. BLOBFILE(…) and named things are not looked into.
  bool parse_typed(MilTree& tree, int depth) {
    const bool blob = m_lexer.token().is_word("BLOBFILE");
    m_lexer.advance();
    if (m_lexer.token().is('<') && !skip_type_arguments())
      return give_up("a type that does not end");
    if (!m_lexer.token().is('('))
      return true;
    if (blob)
      return m_lexer.skip_balanced() || give_up("a bracket that nothing closes");
    m_lexer.advance();
    if (!m_lexer.token().is(')') && !parse_item(tree, depth + 1))
      return false;
    return accept(')') || give_up("expected a closing bracket");
  }

  bool skip_type_arguments() {
    std::size_t depth = 0;
    do {
      if (m_lexer.token().is('<'))
        ++depth;
      if (m_lexer.token().is('>'))
        --depth;
      if (m_lexer.token().kind == MilToken::Kind::end)
        return false;
      m_lexer.advance();
    } while (depth > 0);
    return true;
  }

  bool accept(char punctuation) {
    if (!m_lexer.token().is(punctuation))
      return false;
    m_lexer.advance();
    return true;
  }

  bool give_up(const char* problem) {
    m_problem = problem;
    return false;
  }

  MilLexer m_lexer;
  int m_max_depth;
  const char* m_problem = "text after the value";
};

}  // namespace

Result<MilTree> parse_mil_tree(std::string_view value, int max_depth) {
  return TreeParser(value, max_depth).parse();
}

std::string unescape_mil(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    switch (const char escaped = text[++i]) {
      case 'n':
        plain += '\n';
        break;
      case 't':
        plain += '\t';
        break;
      case 'r':
        plain += '\r';
        break;
      case '0':
        plain += '\0';
        break;
      default:
        plain += escaped;
        break;
    }
  }
  return plain;
}

}  // namespace anecompat::coreml
