// The graphs of tests/data/ane/context-backends-m4.tsv and of the placement strings, built the way
// they were made: W(each fp16 input) -> operation -> W(output), where W of a rank-4 value is two
// 3x3 convolutions with relu (depthwise above 512 channels) and W of a rank-3 value with a last
// dimension up to 2048 is two linears with relu; other values get nothing.
#pragma once

#include "ane/cost.hpp"
#include "ane/segmentation.hpp"
#include "cost_rows.hpp"

namespace anecompat::test {

using Dims = std::vector<std::int64_t>;

// Builds the costs of a chain, operation by operation.
class Chain {
 public:
  explicit Chain(const ane::CostTable& table) : m_table(table) {}

  const std::vector<ane::SolveItem>& items() const { return m_items; }
  const std::vector<std::string>& types() const { return m_types; }

  Chain& op(const coreml::Graph& graph, ane::BackendSupport support = {}) {
    const auto& operation = only_op(graph);
    m_types.emplace_back(operation.type);
    m_items.push_back({.ms = ane::cost_of(graph, operation, m_table, support).ms});
    return *this;
  }
  Chain& relu(const Dims& dims, ane::BackendSupport support = {}) {
    OneOp op("relu");
    op.input("x", "fp16", dims).output("fp16", dims);
    return this->op(op.finish(), support);
  }
  Chain& conv(const Dims& dims, ane::BackendSupport support = {}) {
    const std::int64_t channels = dims[1];
    const bool depthwise = channels > 512;
    OneOp op("conv");
    op.input("x", "fp16", dims)
        .input("weight", "fp16", {channels, depthwise ? 1 : channels, 3, 3}, true)
        .output("fp16", dims);
    return this->op(op.finish(), support);
  }
  Chain& linear(const Dims& dims, std::int64_t outputs = 0) {
    const std::int64_t inputs = dims.back();
    Dims out = dims;
    out.back() = outputs > 0 ? outputs : inputs;
    OneOp op("linear");
    op.input("x", "fp16", dims)
        .input("weight", "fp16", {out.back(), inputs}, true)
        .input("bias", "fp16", {out.back()}, true)
        .output("fp16", out);
    return this->op(op.finish());
  }
  // W of a value.
  Chain& wrap(const Dims& dims, ane::BackendSupport support = {}) {
    for (int i = 0; i < 2; ++i) {
      if (dims.size() == 4)
        conv(dims, support).relu(dims, support);
      else if (dims.size() == 3 && dims.back() <= 2048)
        linear(dims).relu(dims, support);
    }
    return *this;
  }

 private:
  const ane::CostTable& m_table;
  std::vector<ane::SolveItem> m_items;
  std::vector<std::string> m_types;
};

// Element type and dimensions of the values of a cell, "x=fp16[1,2]; y=const fp16[2]" with
// constants left out.
struct Tensor {
  std::string dtype;
  Dims dims;
};
inline std::vector<Tensor> run_time_tensors(const std::string& cell) {
  static const std::regex tensor(
      R"((const )?(fp16|fp32|int32|int16|int8|uint16|bool)\[([\d,?]*)\])");
  std::vector<Tensor> tensors;
  for (std::sregex_iterator it(cell.begin(), cell.end(), tensor), end; it != end; ++it)
    if (!(*it)[1].matched)
      tensors.push_back({(*it)[2], dims_of((*it)[3])});
  return tensors;
}

// What the table says about a row's operation, with the ANE only where the row has an estimate.
inline void add_row(Chain& chain, const Row& row) {
  chain.op(graph_of_row(row), {.ane = cell_ms(row.at("ane_ms")).has_value()});
}

// The rows of a case, in file order.
inline std::map<std::string, std::vector<Row>> rows_by_case(const std::string& file) {
  std::map<std::string, std::vector<Row>> cases;
  for (const Row& row : read_rows(file))
    cases[row.at("case")].push_back(row);
  return cases;
}

// W(each fp16 input of the graph) -> the rows -> W(first output of the last).
inline Chain in_context(const std::vector<Row>& rows, const ane::CostTable& table) {
  Chain chain(table);
  // Inputs of the graph are what no row before made; log_softmax's two operations share theirs.
  std::vector<Tensor> made;
  if (rows.front().at("case") == "log_softmax")
    made = run_time_tensors(rows.front().at("inputs"));
  if (!made.empty())
    chain.wrap(made.front().dims);
  for (const Row& row : rows) {
    for (const Tensor& input : run_time_tensors(row.at("inputs"))) {
      const bool inside = std::any_of(made.begin(), made.end(), [&](const Tensor& tensor) {
        return tensor.dtype == input.dtype && tensor.dims == input.dims;
      });
      if (!inside && input.dtype == "fp16")
        chain.wrap(input.dims);
    }
    for (const Tensor& output : run_time_tensors(row.at("output")))
      made.push_back(output);
  }
  for (const Row& row : rows)
    add_row(chain, row);
  const auto outputs = run_time_tensors(rows.back().at("output"));
  if (!outputs.empty() && outputs.front().dtype == "fp16")
    chain.wrap(outputs.front().dims);
  return chain;
}

}  // namespace anecompat::test
