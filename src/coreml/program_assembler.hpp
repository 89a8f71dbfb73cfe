// What the two readers of ML Programs, protobuf and text, do alike: names, scopes, kinds, limits.
#pragma once

#include "coreml/element_sink.hpp"
#include "coreml/graph_builder.hpp"
#include "coreml/name_scope.hpp"
#include "coreml/read_context.hpp"
#include "coreml/weight_file.hpp"
#include "coreml/weight_tally.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace anecompat::coreml {

// Usage, per function: begin_function(); define() its inputs; for each operation begin_operation(),
// find() its operands, add_result() its results, the nested blocks between open_scope() and
// close_scope(), finish_operation().
class ProgramAssembler {
 public:
  ProgramAssembler(GraphBuilder& builder, const ReadContext& context);

  GraphBuilder& builder() { return *m_builder; }
  const ReadLimits& limits() const { return m_limits; }
  // Where both readers collect the elements of the literal they are at.
  ElementSink& sink() { return m_sink; }

  void begin_function();
  void open_scope() { m_scope.open(); }
  void close_scope() { m_scope.close(); }
  std::optional<ValueId> find(std::string_view name) const { return m_scope.find(name); }

  // A function or block input.
  ValueId define(std::string_view name, const ValueType& type);
  // A result that nothing can name before its operation is finished.
  ValueId add_result(std::string_view name, const ValueType& type);
  // An inline constant.
  ValueId add_constant(const Literal& literal);

  // Numbers the operation and sets its type from how the file spells it: a leading "ios17." is the
  // opset's, not the operation's.
  void begin_operation(Operation& op, std::string_view spelled);
  // With inputs, outputs, attributes and blocks in place: decides its kind and name, whether its
  // results are constant, and makes them known. `value` is what a `const` says, null otherwise.
  void finish_operation(Operation& op, const Literal* value);

  // Remarks that would come again and again are kept once, and only so many.
  void note_once(std::string text);

  // Why reading must stop, once it must: the model asks for more than the limits allow.
  const char* exceeded() const { return m_exceeded; }

  std::span<const WeightSummary> store_weights() { return m_tally.store(*m_builder); }

 private:
  ValueId add(const Value& value);
  void set_constant(const Operation& op, const Literal& value);
  std::string_view name_without_outputs(const Operation& op);

  GraphBuilder* m_builder;
  ReadLimits m_limits;
  NameScope m_scope;
  ElementSink m_sink;
  WeightTally m_tally;
  WeightFiles m_weight_files;
  const char* m_exceeded = nullptr;
  std::set<std::string> m_made_up_names;           // of operations without outputs
  std::map<std::string, unsigned> m_name_numbers;  // the last number that each base was given
  std::set<std::string> m_noted;
};

// What the nested blocks of an operation are called: "true" and "false" for cond, "cond" and "body"
// for while_loop, "block0", "block1", … otherwise.
std::string_view nested_block_label(std::string_view operation_type, std::size_t index,
                                    GraphBuilder& builder);

}  // namespace anecompat::coreml
