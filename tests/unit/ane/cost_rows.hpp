// The rows of tests/data/ane/*.tsv as operations of a Graph.
#pragma once

#include "ane/cost_table.hpp"
#include "coreml/graph_builder.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

namespace anecompat::test {

inline std::string data_file(const std::string& name) {
  return (std::filesystem::path(ANECOMPAT_SOURCE_DIR) / "tests/data/ane" / name).string();
}

// The lines of a table as maps from column name to text.
using Row = std::map<std::string, std::string>;
inline std::vector<Row> read_rows(const std::string& name) {
  std::ifstream in(data_file(name));
  const auto split = [](const std::string& line) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == '\t')
        cells.emplace_back();
      else
        cells.back() += c;
    }
    return cells;
  };
  std::string line;
  std::getline(in, line);
  const auto names = split(line);
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    const auto cells = split(line);
    Row row;
    for (std::size_t i = 0; i < names.size(); ++i)
      row[names[i]] = i < cells.size() ? cells[i] : "";
    rows.push_back(std::move(row));
  }
  return rows;
}

// A cell of milliseconds; "-" is nullopt.
inline std::optional<double> cell_ms(const std::string& cell) {
  if (cell.empty() || cell == "-")
    return std::nullopt;
  return std::strtod(cell.c_str(), nullptr);
}

// One operation and the values it needs.
class OneOp {
 public:
  explicit OneOp(const std::string& type) : m_builder("mil") { m_op.type = m_builder.intern(type); }

  coreml::ValueType type(const std::string& dtype, const std::vector<std::int64_t>& dims) {
    const auto parsed = coreml::parse_data_type(dtype);
    EXPECT_TRUE(parsed.has_value()) << dtype;
    return m_builder.tensor(parsed.value_or(coreml::DataType::unknown), dims);
  }
  OneOp& input(const std::string& name, const std::vector<coreml::ValueType>& types,
               bool constant = false) {
    std::vector<coreml::ValueId> ids;
    for (const auto& each : types)
      ids.push_back(m_builder.add_value({.type = each, .is_constant = constant}));
    m_inputs.push_back({m_builder.intern(name), m_builder.store(ids)});
    return *this;
  }
  OneOp& input(const std::string& name, const std::string& dtype,
               const std::vector<std::int64_t>& dims, bool constant = false) {
    return input(name, {type(dtype, dims)}, constant);
  }
  OneOp& output(const std::string& dtype, const std::vector<std::int64_t>& dims) {
    m_outputs.push_back(m_builder.add_value({.type = type(dtype, dims)}));
    return *this;
  }
  OneOp& attribute(const std::string& name, coreml::Literal value) {
    m_attributes.push_back({m_builder.intern(name), value});
    return *this;
  }
  OneOp& ints(const std::string& name, const std::vector<std::int64_t>& values) {
    return attribute(name, m_builder.ints(values));
  }
  coreml::GraphBuilder& builder() { return m_builder; }

  // Call last, once.
  coreml::Graph finish() {
    m_op.inputs = m_builder.store(m_inputs);
    m_op.outputs = m_builder.store(m_outputs);
    m_op.attributes = m_builder.store(m_attributes);
    std::vector<coreml::Operation> operations = {m_op};
    const coreml::Block body{.label = "main", .operations = m_builder.store_operations(operations)};
    const coreml::Function main{.name = "main", .body = body};
    return std::move(m_builder).finish(
        {.kind = coreml::ModelKind::ml_program, .functions = m_builder.store({main})});
  }

 private:
  coreml::GraphBuilder m_builder;
  coreml::Operation m_op;
  std::vector<coreml::Argument> m_inputs;
  std::vector<coreml::ValueId> m_outputs;
  std::vector<coreml::Attribute> m_attributes;
};

inline const coreml::Operation& only_op(const coreml::Graph& graph) {
  return graph.model().functions.front().body.operations.front();
}

// "1,64,?" or "16x128" -> dims; "?" is unknown.
inline std::vector<std::int64_t> dims_of(const std::string& text) {
  std::vector<std::int64_t> dims;
  static const std::regex number(R"(\?|\d+)");
  for (std::sregex_iterator it(text.begin(), text.end(), number), end; it != end; ++it)
    dims.push_back(it->str() == "?" ? coreml::k_unknown_dim : std::stoll(it->str()));
  return dims;
}

// "name=value" pairs of a cell; a value runs to the next name.
inline std::vector<std::pair<std::string, std::string>> pairs_of(const std::string& cell) {
  static const std::regex name(R"((?:^|[ ;]+)([a-z_0-9]+)=)");
  std::vector<std::pair<std::string, std::string>> pairs;
  std::sregex_iterator it(cell.begin(), cell.end(), name);
  const std::sregex_iterator end;
  while (it != end) {
    const auto from = static_cast<std::size_t>(it->position() + it->length());
    const std::string key = (*it)[1];
    ++it;
    const auto to = it == end ? cell.size() : static_cast<std::size_t>(it->position());
    pairs.emplace_back(key, cell.substr(from, to - from));
  }
  return pairs;
}

// Adds a setting as the tables write it: "[2,2]", "true(bool)", "const int32[2] [20,20]",
// "fp16(-1)", "0(fp16)", "48x48 (two const int32 scalars)", "same".
inline void add_setting(OneOp& op, const std::string& name, const std::string& text) {
  static const std::regex typed(
      R"(^(?:const )?(fp16|fp32|int32|uint32|int16|uint16|bool)(?:\[(\d+(?:,\d+)*)\])?(?![a-z0-9]).*)");
  static const std::regex scalars(R"(^([\d.]+)x([\d.]+) \((?:two )?const (\w+) scalars\).*)");
  static const std::regex number(R"(^(-?[\d.]+)(?:\((\w+)\))?$)");
  static const std::regex truth(R"(^(true|false).*)");
  std::smatch match;
  auto& builder = op.builder();
  if (name == "dtype" || name == "output_dtype" || name == "output_indices_dtype") {
    op.attribute(name, builder.text(text));
  } else if (std::regex_match(text, match, typed)) {
    op.attribute(name, {.type = op.type(match[1], dims_of(match[2]))});
  } else if (std::regex_match(text, match, scalars)) {
    op.attribute(name + "_height", {.type = op.type(match[3], {})});
    op.attribute(name + "_width", {.type = op.type(match[3], {})});
  } else if (text.starts_with("[")) {
    op.ints(name == "kernel" ? "kernel_sizes" : name, dims_of(text));
  } else if (std::regex_match(text, match, truth)) {
    op.attribute(name, builder.boolean(match[1] == "true"));
  } else if (std::regex_match(text, match, number)) {
    if (match[2].matched)
      op.attribute(name, {.type = op.type(match[2], {})});
    else
      op.attribute(name, builder.integer(std::atoll(text.c_str())));
  } else {
    op.attribute(name, builder.text(text));
  }
}

// The operation of a row of op-costs-m4*.tsv or op-costs-m1-*.tsv.
inline coreml::Graph graph_of_row(const Row& row) {
  static const std::regex tensor(
      R"((fp16|fp32|int32|int16|int8|uint16|uint32|bool)(?:\[([\d,?]*)\]| scalar))");
  const auto tensors = [](OneOp& op, const std::string& text) {
    std::vector<coreml::ValueType> types;
    for (std::sregex_iterator it(text.begin(), text.end(), tensor), end; it != end; ++it)
      types.push_back(op.type((*it)[1], dims_of((*it)[2])));
    return types;
  };
  OneOp op(row.at("op"));
  for (const auto& [name, text] : pairs_of(row.at("inputs")))
    op.input(name, tensors(op, text), text.starts_with("const"));
  for (const auto& [name, text] : pairs_of(row.at("params")))
    add_setting(op, name, text);
  // The M1's table names a setting and how many elements it has: "perm (4)", "axis".
  static const std::regex counted(R"(^(perm|axes|axis)(?: \((\d+)\))?$)");
  if (std::smatch match; std::regex_match(row.at("params"), match, counted))
    op.ints(match[1], std::vector<std::int64_t>(match[2].matched ? std::stoul(match[2]) : 1, 0));
  // Converters always write pad's constant_val; the tables leave it out.
  if (row.at("op") == "pad")
    op.attribute("constant_val", {.type = op.type("fp16", {})});
  const std::string& output = row.at("output");
  for (std::sregex_iterator it(output.begin(), output.end(), tensor), end; it != end; ++it)
    op.output((*it)[1], dims_of((*it)[2]));
  return op.finish();
}

inline const ane::CostTables& cost_tables() {
  static const ane::CostTables tables = [] {
    auto loaded = ane::load_cost_tables();
    if (!loaded)
      ADD_FAILURE() << loaded.error().to_string();
    return loaded ? std::move(*loaded) : ane::CostTables{};
  }();
  return tables;
}

inline const ane::CostTable& cost_table(const std::string& name) {
  return *cost_tables().tables.at(name);
}

}  // namespace anecompat::test
