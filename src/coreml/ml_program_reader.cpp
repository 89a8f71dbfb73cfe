#include "coreml/ml_program_reader.hpp"

#include "coreml/mil_wire_types.hpp"
#include "coreml/model_reader.hpp"
#include "coreml/program_assembler.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace anecompat::coreml {

namespace {

using Extent = std::span<const std::uint8_t>;

// One entry of a protobuf map, its value not decoded yet.
struct MapEntry {
  std::string_view key;
  Extent value = {};
  std::uint32_t order = 0;
};

// Functions here return false once reading has failed; then either the wire status or m_error says
// why. A Result for every operand would be most of the work of reading it.
class ProgramReader {
 public:
  ProgramReader(GraphBuilder& builder, const ReadContext& context)
      : m_builder(builder), m_assembler(builder, context), m_types(builder, m_assembler.sink()) {}

  Result<ProgramParts> read(WireReader program) {
    load_small(program);
    if (!read_program(program) || !program.status().ok()) {
      if (m_error)
        return fail(std::move(*m_error));
      return fail(wire_error(program));
    }
    return ProgramParts{.functions = m_builder.store(m_functions),
                        .weights = m_assembler.store_weights()};
  }

 private:
  // Nearly all of a program is structure, which is read faster when nothing is left to be loaded.
  static void load_small(WireReader& program) {
    constexpr std::size_t k_small = 4U << 20U;
    auto& source = program.source();
    if (source.bytes().size() <= k_small)
      source.load(source.bytes().data(), source.bytes().size());
  }

  bool read_program(WireReader& program) {
    std::vector<MapEntry> functions;
    while (program.next()) {
      if (program.field() == 2 && !take_entry(program, functions))
        return false;
    }
    keep_last_of_each_key(functions);
    // Apple's own writer has an order that changes from run to run.
    for (const auto& entry : functions) {
      if (!read_function(program, entry))
        return false;
    }
    return program.status().ok();
  }

  bool read_function(WireReader& program, const MapEntry& entry) {
    Function function{.name = entry.key};
    auto reader = program.message_at(entry.value);
    std::vector<MapEntry> blocks;
    std::vector<ValueId> inputs;
    m_assembler.begin_function();
    while (reader.next()) {
      switch (reader.field()) {
        case 1:
          if (is_message(reader))
            inputs.push_back(define_input(reader.message()));
          break;
        case 2:
          function.opset = reader.string();
          break;
        case 3:
          if (!take_entry(reader, blocks))
            return false;
          break;
        default:
          break;
      }
      if (stopped(reader))
        return false;
    }
    function.inputs = m_builder.store(inputs);
    keep_last_of_each_key(blocks);
    const auto chosen = std::ranges::find(blocks, function.opset, &MapEntry::key);
    if (chosen == blocks.end())
      return reader.status().ok() && fail_missing_opset(function, blocks);
    m_function = entry.key;
    if (!read_block(reader.message_at(chosen->value), "main", function.body, 0))
      return false;
    m_functions.push_back(function);
    return true;
  }

  bool read_block(WireReader reader, std::string_view label, Block& block, int depth) {
    if (depth > m_assembler.limits().max_depth)
      return fail_at(reader, "blocks nested too deeply");
    block.label = label;
    const auto count = count_messages(reader, 3);
    if (count > m_assembler.limits().max_operations)
      return fail_at(reader, "more operations than the reader's limit");
    const auto operations = m_builder.allocate_operations(count);
    auto next = operations.begin();
    std::vector<std::string_view> outputs;
    std::vector<ValueId> inputs;
    while (reader.next()) {
      switch (reader.field()) {
        case 1:
          if (is_message(reader))
            inputs.push_back(define_input(reader.message()));
          break;
        case 2:
          outputs.push_back(reader.string());
          break;
        case 3:
          if (!is_message(reader))
            break;
          if (!read_operation(reader.message(), *next++, depth))
            return false;
          break;
        default:
          break;
      }
      if (stopped(reader))
        return false;
    }
    if (!reader.status().ok())
      return false;
    block.inputs = m_builder.store(inputs);
    m_ids.clear();
    for (const auto name : outputs) {
      const auto id = m_assembler.find(name);
      if (!id)
        return fail_at(reader, fmt::format("block \"{}\" of function \"{}\" returns \"{}\", which "
                                           "is not defined",
                                           label, printable(m_function), printable(name)));
      m_ids.push_back(*id);
    }
    block.outputs = m_builder.store(m_ids);
    block.operations = m_builder.finish_operations(operations);
    return true;
  }

  bool read_operation(WireReader reader, Operation& op, int depth) {
    std::string_view type;
    std::vector<Extent> blocks;  // allocates only when there are any
    m_inputs.clear();
    m_attribute_entries.clear();
    m_outputs.clear();
    while (reader.next()) {
      switch (reader.field()) {
        case 1:
          type = reader.string();
          break;
        case 2:
          if (!take_entry(reader, m_inputs))
            return false;
          break;
        case 3:
          if (is_message(reader))
            m_outputs.push_back(reader.extent());
          break;
        case 4:
          if (is_message(reader))
            blocks.push_back(reader.extent());
          break;
        case 5:
          if (!take_entry(reader, m_attribute_entries))
            return false;
          break;
        default:
          break;
      }
    }
    if (!reader.status().ok())
      return false;
    m_assembler.begin_operation(op, type);

    std::optional<Literal> value;
    if (!read_attributes(reader, op, value) || !read_results(reader, op) ||
        !read_arguments(reader, op) || !read_blocks(reader, op, blocks, depth))
      return false;
    m_assembler.finish_operation(op, value ? &*value : nullptr);
    return !stopped(reader);
  }

  bool read_attributes(WireReader& reader, Operation& op, std::optional<Literal>& value) {
    keep_last_of_each_key(m_attribute_entries);
    m_attributes.clear();
    for (const auto& entry : m_attribute_entries) {
      const auto literal = m_types.read_value(reader.message_at(entry.value));
      if (entry.key == "name") {
        op.label = literal.as_string().value_or(std::string_view());
      } else if (entry.key == "val" && op.kind == OperationKind::constant) {
        value = literal;
      } else {
        m_attributes.push_back({.name = entry.key, .value = literal});
      }
    }
    op.attributes = m_builder.store(m_attributes);
    return reader.status().ok();
  }

  bool read_results(WireReader& reader, Operation& op) {
    m_ids.clear();
    for (const auto extent : m_outputs) {
      const auto named = m_types.read_named(reader.message_at(extent));
      m_ids.push_back(m_assembler.add_result(named.name, named.type));
    }
    op.outputs = m_builder.store(m_ids);
    return reader.status().ok();
  }

  bool read_arguments(WireReader& reader, Operation& op) {
    keep_last_of_each_key(m_inputs);
    m_arguments.clear();
    for (const auto& entry : m_inputs) {
      auto argument = reader.message_at(entry.value);
      m_ids.clear();
      while (argument.next()) {
        if (argument.field() == 1 && is_message(argument) &&
            !read_binding(argument.message(), op, entry.key))
          return false;
      }
      m_arguments.push_back({.name = entry.key, .values = m_builder.store(m_ids)});
    }
    op.inputs = m_builder.store(m_arguments);
    return reader.status().ok();
  }

  bool read_binding(WireReader reader, const Operation& op, std::string_view parameter) {
    std::string_view name;
    std::optional<Literal> value;
    while (reader.next()) {
      if (reader.field() == 1 && is_message(reader)) {
        name = reader.string();
        value.reset();
      } else if (reader.field() == 2 && is_message(reader)) {
        value = m_types.read_value(reader.message());
      }
    }
    if (!reader.status().ok())
      return false;
    if (value) {
      m_ids.push_back(m_assembler.add_constant(*value));
      return true;
    }
    const auto id = m_assembler.find(name);
    if (!id) {
      return fail_at(
          reader, fmt::format("operand \"{}\" of {} \"{}\" in function \"{}\" is \"{}\", which "
                              "is not defined before it",
                              printable(parameter), printable(op.source_type),
                              printable(display_name(op)), printable(m_function), printable(name)));
    }
    m_ids.push_back(*id);
    return true;
  }

  bool read_blocks(WireReader& reader, Operation& op, const std::vector<Extent>& extents,
                   int depth) {
    if (extents.empty())
      return true;
    std::vector<Block> blocks(extents.size());
    for (std::size_t i = 0; i < extents.size(); ++i) {
      m_assembler.open_scope();
      const bool ok = read_block(reader.message_at(extents[i]),
                                 nested_block_label(op.type, i, m_builder), blocks[i], depth + 1);
      if (!ok)
        return false;
      m_assembler.close_scope();
    }
    op.blocks = m_builder.store(blocks);
    return true;
  }

  ValueId define_input(WireReader reader) {
    const auto named = m_types.read_named(reader);
    return m_assembler.define(named.name, named.type);
  }

  // Appends the entry at `reader`. Its value is decoded later, when all keys are known.
  bool take_entry(WireReader& reader, std::vector<MapEntry>& entries) {
    if (!is_message(reader))
      return true;
    auto entry = reader.message();
    MapEntry taken{.key = {}, .value = {}, .order = static_cast<std::uint32_t>(entries.size())};
    bool has_value = false;
    while (entry.next()) {
      if (entry.field() == 1) {
        taken.key = entry.string();
      } else if (entry.field() == 2 && is_message(entry)) {
        // Protobuf would merge the two; no writer makes them, and a reader that takes one of them
        // would see another model.
        if (has_value)
          return fail_at(entry, "a map entry with two values");
        taken.value = entry.extent();
        has_value = true;
      }
    }
    entries.push_back(taken);
    return entry.status().ok();
  }

  // Sorts by key; of equal keys the last one in the file wins, as in protobuf.
  static void keep_last_of_each_key(std::vector<MapEntry>& entries) {
    if (entries.size() < 2)
      return;
    std::ranges::sort(entries, [](const MapEntry& a, const MapEntry& b) {
      const auto order = a.key <=> b.key;
      return order != 0 ? order < 0 : a.order > b.order;
    });
    // Not std::ranges::unique: clang 14 cannot compile the subrange that libstdc++ 12 returns.
    const auto end =
        std::unique(entries.begin(), entries.end(),
                    [](const MapEntry& a, const MapEntry& b) { return a.key == b.key; });
    entries.erase(end, entries.end());
  }

  // Counting first costs less than moving operations that have outgrown their room. An error stays
  // in the status, where reading meets it.
  static std::size_t count_messages(WireReader reader, std::uint32_t field) {
    std::size_t count = 0;
    while (reader.next())
      count += reader.field() == field && is_message(reader) ? 1U : 0U;
    return count;
  }

  static bool is_message(const WireReader& reader) { return reader.type() == WireType::length; }

  std::string_view display_name(const Operation& op) const {
    return op.outputs.empty() ? op.label : m_builder.graph().value(op.outputs[0]).name;
  }

  bool stopped(const WireReader& reader) {
    if (m_assembler.exceeded() == nullptr)
      return false;
    return !fail_at(reader, m_assembler.exceeded());
  }

  bool fail_at(const WireReader& reader, const std::string& message) {
    if (!m_error)
      m_error = Error{.message = fmt::format("{} (near byte {})", message, reader.offset())};
    return false;
  }

  bool fail_missing_opset(const Function& function, const std::vector<MapEntry>& blocks) {
    std::vector<std::string> names;
    for (const auto& block : blocks)
      names.push_back("\"" + printable(block.key) + "\"");
    m_error = Error{.message = fmt::format("function \"{}\" is for opset \"{}\", but has {}",
                                           printable(function.name), printable(function.opset),
                                           names.empty() ? "no block at all"
                                                         : "blocks only for " + join(names, ", "))};
    return false;
  }

  GraphBuilder& m_builder;
  ProgramAssembler m_assembler;
  MilWireTypes m_types;
  std::vector<Function> m_functions;
  std::string_view m_function;  // the one being read
  std::optional<Error> m_error;

  // Scratch, each used up before a nested block is read.
  std::vector<MapEntry> m_inputs;
  std::vector<MapEntry> m_attribute_entries;
  std::vector<Extent> m_outputs;
  std::vector<Argument> m_arguments;
  std::vector<Attribute> m_attributes;
  std::vector<ValueId> m_ids;
};

}  // namespace

Result<ProgramParts> read_ml_program(WireReader program, GraphBuilder& builder,
                                     const ReadContext& context) {
  return ProgramReader(builder, context).read(program);
}

}  // namespace anecompat::coreml
