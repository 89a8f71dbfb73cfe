// The grammar of MIL text.
#pragma once

#include "coreml/mil_lexer.hpp"
#include "coreml/ml_program_reader.hpp"
#include "coreml/program_assembler.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::coreml {

// An attribute as written: `name = text`.
struct MilAttributeText {
  std::string_view name;
  std::string_view text;
};

// A function's attributes; the function itself is in the Graph.
struct MilFunctionText {
  std::string_view name;
  std::vector<MilAttributeText> attributes;
};

struct MilProgram {
  ProgramParts parts;
  std::vector<MilFunctionText> functions;
};

// Sees every operation with the text of its attributes, once it is read.
class MilObserver {
 public:
  MilObserver() = default;
  MilObserver(const MilObserver&) = delete;
  MilObserver& operator=(const MilObserver&) = delete;
  MilObserver(MilObserver&&) = delete;
  MilObserver& operator=(MilObserver&&) = delete;
  virtual ~MilObserver() = default;
  virtual void on_operation(std::string_view function, const Operation& op, TextPosition position,
                            std::span<const MilAttributeText> attributes) = 0;
};

// Parses a whole program, in either dialect: scalars spelled `int32(1)` (1.3) or
// `tensor<int32, []>(1)` (1.0). Constants of more than Literal::k_max_elements elements are passed
// over. What the grammar leaves open is read generously: comments, annotations (`@word(…)`), more
// than one attribute list, types it has no name for, and the nested blocks of cond and while_loop,
// of which no text written by Apple's compiler is public.
class MilParser {
 public:
  // `observer` may be null.
  MilParser(std::string_view text, GraphBuilder& builder, const ReadContext& context,
            MilObserver* observer);

  // Errors have line and column.
  Result<MilProgram> parse();

 private:
  struct NamedResult {
    std::string_view name;
    ValueType type;
  };

  // All of these return false once parsing has failed, with m_error set.
  bool parse_program();
  bool parse_function();
  bool parse_parameters(std::vector<ValueId>& ids, const Operation* enclosing);
  bool parse_block(std::string_view label, Block& block, int depth);
  bool parse_block_outputs(Block& block);
  bool parse_operation(Operation& op, int depth);
  bool parse_results(std::string_view& spelled);
  bool parse_arguments(Operation& op);
  bool parse_argument(const Operation& op, std::string_view parameter, int depth);
  bool parse_attributes(Operation& op, std::optional<Literal>& value);
  bool parse_attribute_list(std::vector<MilAttributeText>& texts);
  bool parse_nested_blocks(Operation& op, int depth);

  bool parse_type(ValueType& type);
  bool parse_type_after(std::string_view head, ValueType& type);
  bool parse_tensor_type(ValueType& type);
  void note_if_unknown(std::string_view word, bool known);
  bool parse_shape(Shape& shape);
  bool skip_type_arguments();
  bool parse_value(Literal& literal);
  bool parse_literal_of(const ValueType& type, Literal& literal);
  bool parse_literal(const ValueType& type, int depth);
  bool parse_number(const ValueType& type, std::string_view text);
  bool parse_blob(BlobRef& blob);
  bool skip_annotations();

  bool expect(char punctuation, const char* where);
  bool accept(char punctuation);
  bool expect_name(std::string_view& name, const char* what);
  std::string_view string_of(std::string_view token_text);
  bool fail_at(std::size_t offset, std::string message);
  bool fail_here(std::string_view expected);
  bool within_limits();
  std::string_view text_between(std::size_t begin) const;

  const MilToken& token() const { return m_lexer.token(); }

  MilLexer m_lexer;
  GraphBuilder& m_builder;
  ProgramAssembler m_assembler;
  MilObserver* m_observer;
  std::vector<Function> m_functions;
  std::vector<MilFunctionText> m_function_texts;
  std::string_view m_function;  // the one being read
  std::optional<Error> m_error;
  std::optional<BlobRef> m_blob;  // what the literal at hand turned out to be
  bool m_in_blob = false;

  // Scratch, each used up before a nested block is read.
  std::vector<NamedResult> m_results;
  std::vector<ValueId> m_ids;
  std::vector<Argument> m_arguments;
  std::vector<Attribute> m_attributes;
  std::vector<MilAttributeText> m_attribute_texts;
  std::vector<std::int64_t> m_dims;
};

}  // namespace anecompat::coreml
