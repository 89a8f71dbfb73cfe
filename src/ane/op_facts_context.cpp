// GraphContext: where values come from and where they go.
#include "ane/op_facts.hpp"
#include "ane/op_facts_parameters.hpp"

#include <algorithm>

namespace anecompat::ane {

namespace {

using coreml::DataType;
using coreml::Operation;
using coreml::OperationKind;
using coreml::OperationSite;
using coreml::Shape;
using coreml::ValueType;

template <std::size_t Size>
bool is_one_of(std::string_view type, const std::array<std::string_view, Size>& types) {
  return std::ranges::find(types, type) != types.end();
}

// Results that differ from run to run or live outside the program are never computed ahead.
bool may_fold(const Operation& op) {
  return op.kind == OperationKind::compute && op.blocks.empty() && !op.outputs.empty() &&
         !op.type.starts_with("random") && op.type != "read_state" && op.type != "custom_layer" &&
         op.type != "make_list";
}

bool is_comparison(std::string_view type) {
  static constexpr std::array<std::string_view, 6> k_types = {
      "equal", "not_equal", "less", "less_equal", "greater", "greater_equal"};
  return is_one_of(type, k_types);
}

bool passes_bool_on(std::string_view type) {
  static constexpr std::array<std::string_view, 4> k_types = {"logical_and", "logical_or",
                                                              "logical_xor", "logical_not"};
  return is_one_of(type, k_types);
}

// Operations whose result shape depends on the values of a tensor.
bool shapes_by_value(std::string_view type) {
  static constexpr std::array<std::string_view, 4> k_types = {"non_zero", "range_1d",
                                                              "rangeDynamic", "whereNonZero"};
  return is_one_of(type, k_types);
}

// Parameters that a result's shape is computed from.
constexpr std::array<std::string_view, 8> k_shape_parameters = {
    "shape", "begin", "end", "size", "reps", "k", "pad", "one_hot_vector_size"};

std::string_view format_of(coreml::ModelKind kind) {
  switch (kind) {
    case coreml::ModelKind::ml_program:
      return "ml_program";
    case coreml::ModelKind::neural_network:
      return "neural_network";
    case coreml::ModelKind::pipeline:
      return "pipeline";
    case coreml::ModelKind::classic:
      return "classic";
    case coreml::ModelKind::opaque:
      break;
  }
  return "opaque";
}

std::string_view flexibility_of(const coreml::Model& model) {
  using Kind = coreml::Flexibility::Kind;
  auto widest = Kind::fixed;
  for (const auto& input : model.inputs)
    widest = std::max(widest, input.flexibility.kind);
  return widest == Kind::fixed ? "fixed" : widest == Kind::enumerated ? "enumerated" : "range";
}

// The specification version that came with an opset (coreml-formats 1.2); 0: not known.
std::int64_t spec_version_of(std::string_view opset) {
  struct Row {
    std::string_view key;
    std::string_view tag;
    std::int64_t version;
  };
  static constexpr std::array k_rows = {Row{"CoreML5", "ios15", 6}, Row{"CoreML6", "ios16", 7},
                                        Row{"CoreML7", "ios17", 8}, Row{"CoreML8", "ios18", 9},
                                        Row{"CoreML9", "ios26", 10}};
  for (const auto& row : k_rows) {
    if (opset == row.key || opset == row.tag)
      return row.version;
  }
  return 0;
}

std::int64_t largest_spec_version(const coreml::Model& model) {
  auto version = model.spec_version;
  for (const auto& stage : model.stages)
    version = std::max(version, largest_spec_version(stage));
  return version;
}

// How the dimensions of a tensor are N, C, D, H, W.
enum class Layout : std::uint8_t {
  right,           // aligned to the right; of five the third is depth
  channels_first,  // the same, but three are N, C, W: convolutions and pools of ML Programs
  network,         // aligned to the right; what is left of the channels is batch: neural networks
  none,            // not a tensor that is addressed this way: weights
};

void add_extents(const Shape& shape, Layout layout, OpFacts& facts) {
  static constexpr std::array k_right = {Fact::width, Fact::height, Fact::channels, Fact::batch};
  const auto rank = shape.rank();
  for (std::size_t i = 0; i < rank; ++i) {
    const auto extent = shape.dims[i];
    if (extent < 0)
      continue;
    if (const auto& least = facts[Fact::dim_min]; !least.known || extent < least.number)
      facts.set(Fact::dim_min, extent);
    const auto from_end = rank - 1 - i;
    if (rank == 5 && layout != Layout::network) {
      static constexpr std::array k_five = {Fact::batch, Fact::channels, Fact::depth, Fact::height,
                                            Fact::width};
      facts.raise(k_five[i], extent);
    } else if (layout == Layout::channels_first && rank == 3) {
      static constexpr std::array k_three = {Fact::batch, Fact::channels, Fact::width};
      facts.raise(k_three[i], extent);
    } else {
      facts.raise(k_right[std::min(from_end, k_right.size() - 1)], extent);
    }
  }
}

struct TensorFacts {
  TypeSet types = 0;
  bool any = false;
  bool known = true;
};

void add_tensor(const ValueType& type, Layout layout, Fact rank_fact, OpFacts& facts,
                TensorFacts& totals) {
  if (type.kind != ValueType::Kind::tensor)
    return;
  totals.any = true;
  if (type.dtype != DataType::unknown)
    totals.types |= type_bit(type.dtype);
  if (!type.shape.ranked) {
    totals.known = false;
    return;
  }
  totals.known = totals.known && type.shape.is_static();
  if (layout == Layout::none)
    return;
  const auto rank = static_cast<std::int64_t>(type.shape.rank());
  facts.raise(rank_fact, rank);
  facts.raise(Fact::rank, rank);
  add_extents(type.shape, layout, facts);
}

}  // namespace

GraphContext::GraphContext(const coreml::Graph& graph, ReshapeFrequency reshapes)
    : m_graph(&graph),
      m_reshapes(reshapes),
      m_flags(graph.values().size()),
      m_chains(graph.values().size()),
      m_spec_version(largest_spec_version(graph.model())) {
  for (std::size_t i = 0; i < m_flags.size(); ++i) {
    const auto& value = graph.values()[i];
    if (value.is_constant || value.literal != nullptr)
      m_flags[i] |= k_constant;
  }
  note_weights(graph.model());
  coreml::walk_all(graph, [this](const OperationSite& site) { visit(site); });
}

void GraphContext::visit(const OperationSite& site) {
  const auto& op = site.op;
  bool all_constant = true;
  bool all_bool_from_fp16 = true;
  bool any_fp16 = false;
  bool data_dependent = shapes_by_value(op.type);
  for (const auto& argument : op.inputs) {
    const bool shapes = is_one_of(argument.name, k_shape_parameters);
    for (const auto id : argument.values) {
      mark(id, k_used);
      const auto& type = m_graph->value(id).type;
      const bool constant = is_constant(id);
      all_constant = all_constant && constant;
      any_fp16 = any_fp16 || type.dtype == DataType::float16;
      if (type.dtype == DataType::boolean && !constant)
        all_bool_from_fp16 = all_bool_from_fp16 && has(id, k_bool_from_fp16);
      data_dependent = data_dependent || has(id, k_data_dependent) || (shapes && !constant);
      if (op.type == "write_state" && argument.name == "data")
        mark(id, k_to_state);
    }
  }
  const bool folded =
      may_fold(op) &&
      (all_constant || (op.type == "shape" && m_graph->operand(op, "x") != nullptr &&
                        m_graph->operand(op, "x")->type.shape.ranked &&
                        m_graph->operand(op, "x")->type.shape.is_static()));
  for (const auto id : op.outputs) {
    const auto& type = m_graph->value(id).type;
    if (folded)
      mark(id, k_constant);
    if (data_dependent && type.is_tensor() && !type.shape.is_static())
      mark(id, k_data_dependent);
    if (type.dtype == DataType::boolean) {
      const bool compared = is_comparison(op.type) && any_fp16;
      const bool cast = op.type == "cast" && any_fp16;
      const bool combined = passes_bool_on(op.type) && all_bool_from_fp16 && !all_constant;
      if (compared || cast || combined)
        mark(id, k_bool_from_fp16);
    }
  }
  if (site.depth == 0 && !site.block.operations.empty() && &op == site.block.operations.data()) {
    for (const auto id : site.block.outputs)
      mark(id, k_model_output);
  }
  for (const auto& block : op.blocks) {
    for (const auto id : block.outputs)
      mark(id, k_used);
  }
  note_chain(op);
}

void GraphContext::note_chain(const Operation& op) {
  if (op.type != "conv" || op.outputs.empty())
    return;
  const auto* x = op.argument("x");
  const std::uint32_t before =
      x == nullptr || x->values.empty() ? 0 : m_chains[static_cast<std::size_t>(x->values[0])];
  m_chains[static_cast<std::size_t>(op.outputs[0])] = before + 1;
  m_longest_chain = std::max(m_longest_chain, before + 1);
}

bool GraphContext::is_folded(const Operation& op) const {
  return op.kind == OperationKind::compute && !op.outputs.empty() && is_constant(op.outputs[0]);
}

void GraphContext::note_weights(const coreml::Model& model) {
  std::uint64_t bytes = 0;
  for (const auto& weights : model.weights)
    bytes =
        std::min(bytes + std::min(weights.bytes, std::uint64_t{1} << 50U), std::uint64_t{1} << 62U);
  if (bytes != 0)
    m_weight_bytes.emplace(&model, static_cast<std::int64_t>(bytes));
  for (const auto& stage : model.stages)
    note_weights(stage);
}

void GraphContext::set_weight_bytes(const coreml::Model& model, OpFacts& facts) const {
  if (const auto found = m_weight_bytes.find(&model); found != m_weight_bytes.end())
    facts.set(Fact::weight_bytes, found->second);
}

OpFacts GraphContext::model_facts(const coreml::Model& model) const {
  OpFacts facts;
  facts.set_text(Fact::format, format_of(model.kind));
  facts.set(Fact::spec_version, m_spec_version);
  facts.set(Fact::states, static_cast<std::int64_t>(model.states.size()));
  facts.set_text(Fact::flexibility, flexibility_of(model));
  facts.set_text(Fact::reshape_frequency, to_string(m_reshapes));
  facts.set(Fact::longest_chain, m_longest_chain);
  set_weight_bytes(model, facts);
  return facts;
}

OpFacts GraphContext::facts(const OperationSite& site) const {
  const auto& op = site.op;
  OpFacts facts;
  facts.set_text(Fact::format, format_of(site.model.kind));
  facts.set(Fact::spec_version, std::max(m_spec_version, spec_version_of(site.function.opset)));
  facts.set_text(Fact::layer, op.source_type.empty() ? op.type : op.source_type);
  facts.set(Fact::states, static_cast<std::int64_t>(site.model.states.size()));
  facts.set_text(Fact::flexibility, flexibility_of(site.model));
  facts.set_text(Fact::reshape_frequency, to_string(m_reshapes));
  set_weight_bytes(site.model, facts);
  facts.set_flag(Fact::control_flow, site.depth > 0);

  const bool spatial = op.type.starts_with("conv") || op.type.ends_with("_pool");
  const auto layout = site.model.kind != coreml::ModelKind::ml_program ? Layout::network
                      : spatial                                        ? Layout::channels_first
                                                                       : Layout::right;
  TensorFacts in;
  bool bools_from_fp16 = true;
  bool any_bool = false;
  for (const auto& argument : op.inputs) {
    for (const auto id : argument.values) {
      const auto& type = m_graph->value(id).type;
      if (type.kind == ValueType::Kind::state && type.shape.rank() > 0)
        facts.set(Fact::state_last_dim, type.shape.dims.back());
      if (is_constant(id))
        continue;
      if (type.dtype == DataType::boolean) {
        any_bool = true;
        bools_from_fp16 = bools_from_fp16 && has(id, k_bool_from_fp16);
      }
      const bool weight = spatial && argument.name == "weight";
      add_tensor(type, weight ? Layout::none : layout, Fact::input_rank, facts, in);
    }
  }
  TensorFacts out;
  bool to_state = false;
  bool output = false;
  bool data_dependent = false;
  for (const auto id : op.outputs) {
    add_tensor(m_graph->value(id).type, layout, Fact::output_rank, facts, out);
    to_state = to_state || has(id, k_to_state);
    output = output || is_model_output(id);
    data_dependent = data_dependent || has(id, k_data_dependent);
  }
  for (const auto& argument : op.inputs) {
    for (const auto id : argument.values)
      data_dependent = data_dependent || has(id, k_data_dependent);
  }
  if (in.types != 0)
    facts.set(Fact::dtype_in, in.types);
  if (out.types != 0)
    facts.set(Fact::dtype_out, out.types);
  if (in.any || out.any)
    facts.set_flag(Fact::shape_known, in.known && out.known);
  facts.set_flag(Fact::data_dependent, data_dependent);
  facts.set_flag(Fact::model_output, output);
  facts.set_flag(Fact::written_back, to_state);
  if (any_bool)
    facts.set_flag(Fact::bool_from_fp16, bools_from_fp16);
  add_parameter_facts(*this, op, facts);
  add_weight_facts(*this, op, facts);
  return facts;
}

}  // namespace anecompat::ane
