#include "ane/op_facts_parameters.hpp"

#include <algorithm>

namespace anecompat::ane {

namespace {

using coreml::Graph;
using coreml::Literal;
using coreml::Operation;
using coreml::Shape;
using coreml::Value;

using Ints = std::optional<std::span<const std::int64_t>>;

bool starts_with_any(std::string_view type, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [&](auto prefix) { return type.starts_with(prefix); });
}

class Reader {
 public:
  Reader(const GraphContext& context, const Operation& op, OpFacts& facts)
      : m_context(context), m_graph(context.graph()), m_op(op), m_facts(facts) {}

  void read() {
    const auto type = m_op.type;
    if (type == "conv" || type == "conv_transpose" || type == "conv_quantized")
      read_convolution();
    else if (type.ends_with("_pool"))
      read_pooling();
    else if (type == "linear")
      read_linear();
    else if (type == "matmul")
      read_matmul();
    else if (starts_with_any(type, {"gather", "scatter"}))
      read_indices();
    else if (starts_with_any(type, {"slice_"}))
      read_slice();
    else if (type == "pad")
      read_pad();
    else if (type == "select")
      read_select();
    else if (starts_with_any(type, {"resize"}))
      read_resize();
    read_shapes();
    read_axis();
    read_factor();
    if (const auto mode = text("mode"))
      m_facts.set_text(Fact::mode, *mode);
    if (const auto k = integer("k"))
      m_facts.set(Fact::k, *k);
    else if (type == "topk" && !Graph::has(m_op, "k"))
      m_facts.set(Fact::k, 1);
    if (m_op.outputs.size() > 1) {
      m_facts.set_flag(Fact::second_output_used, m_context.is_used(m_op.outputs[1]) ||
                                                     m_context.is_model_output(m_op.outputs[1]));
    }
  }

 private:
  Ints ints(std::string_view name) const {
    const auto* literal = m_graph.parameter(m_op, name);
    return literal == nullptr ? std::nullopt : literal->ints();
  }
  std::optional<std::int64_t> integer(std::string_view name) const {
    const auto* literal = m_graph.parameter(m_op, name);
    return literal == nullptr ? std::nullopt : literal->as_int();
  }
  std::optional<std::string_view> text(std::string_view name) const {
    const auto* literal = m_graph.parameter(m_op, name);
    return literal == nullptr ? std::nullopt : literal->as_string();
  }
  const Shape* shape(std::string_view name) const {
    const auto* value = m_graph.operand(m_op, name);
    if (value == nullptr || !value->type.shape.ranked)
      return nullptr;
    return &value->type.shape;
  }
  // Of the operand, or as layers of neural networks tell it.
  std::span<const std::int64_t> weight_dims() const {
    if (const auto* weight = shape("weight"))
      return weight->dims;
    return ints("weight_shape").value_or(std::span<const std::int64_t>());
  }
  // An attribute is constant by nature.
  bool constant(std::string_view name) const {
    const auto* argument = m_op.argument(name);
    return argument == nullptr || std::ranges::all_of(argument->values, [&](auto id) {
             return m_context.is_constant(id);
           });
  }
  void raise_all(Fact fact, const Ints& values) {
    for (const auto value : values.value_or(std::span<const std::int64_t>()))
      m_facts.raise(fact, value);
  }

  void set_kernel(std::span<const std::int64_t> kernel) {
    if (kernel.empty() || kernel.size() > 3)
      return;
    m_facts.set(Fact::kernel_rank, static_cast<std::int64_t>(kernel.size()));
    const auto last = kernel.size() - 1;
    if (kernel[last] > 0)
      m_facts.set(Fact::kernel_width, kernel[last]);
    const auto height = kernel.size() > 1 ? kernel[last - 1] : 1;
    if (height > 0)
      m_facts.set(Fact::kernel_height, height);
    const auto depth = kernel.size() > 2 ? kernel[last - 2] : 1;
    if (depth > 0)
      m_facts.set(Fact::kernel_depth, depth);
  }

  void read_strides() {
    m_facts.set(Fact::stride_max, 1);
    raise_all(Fact::stride_max, ints("strides"));
    m_facts.set(Fact::dilation_max, 1);
    raise_all(Fact::dilation_max, ints("dilations"));
  }

  void read_convolution() {
    read_strides();
    const auto groups = integer("groups").value_or(1);
    m_facts.set(Fact::groups, groups);
    m_facts.set_flag(Fact::weight_constant, constant("weight"));
    const bool transposed = m_op.type == "conv_transpose";
    if (const auto weight = weight_dims(); weight.size() >= 3) {
      set_kernel(weight.subspan(2));
      // conv weights are [out, in / groups, …], those of conv_transpose [in, out / groups, …].
      const auto whole = weight[0];
      const auto per_group = weight[1];
      if (whole > 0)
        m_facts.set(transposed ? Fact::channels_in : Fact::channels_out, whole);
      if (per_group > 0 && groups > 0 && groups <= INT32_MAX && per_group <= INT32_MAX)
        m_facts.set(transposed ? Fact::channels_out : Fact::channels_in, per_group * groups);
    } else if (const auto kernel = ints("kernel_sizes")) {
      set_kernel(*kernel);
    }
    const auto in = m_facts[Fact::channels_in];
    const auto out = m_facts[Fact::channels_out];
    if (groups > 0 && in.known && out.known)
      m_facts.set_flag(Fact::groups_divide, in.number % groups == 0 && out.number % groups == 0);
  }

  void read_pooling() {
    read_strides();
    const auto kernel = ints("kernel_sizes");
    if (!kernel)
      return;
    set_kernel(*kernel);
    const auto pad_type = text("pad_type").value_or("valid");
    const auto pads = ints("pad");
    const auto* x = shape("x");
    std::size_t covered = 0;
    for (std::size_t i = 0; i < kernel->size(); ++i) {
      const auto extent = (*kernel)[i];
      std::int64_t padding = 0;
      if (pad_type == "custom" && pads && pads->size() == 2 * kernel->size()) {
        const auto before = (*pads)[2 * i];
        const auto after = (*pads)[(2 * i) + 1];
        if (std::max(before, after) > INT32_MAX)
          continue;
        m_facts.raise(Fact::pad_excess, std::max(before, after) - extent);
        padding = before + after;
      }
      // "same" padding makes any window fit.
      if (x == nullptr || x->rank() < kernel->size() || pad_type.starts_with("same"))
        continue;
      const auto input = x->dims[x->rank() - kernel->size() + i];
      if (input > 0 && input <= INT32_MAX) {
        m_facts.raise(Fact::kernel_excess, extent - input - padding);
        covered += extent >= input ? 1 : 0;
      }
    }
    m_facts.set_flag(Fact::window_covers, covered == kernel->size());
  }

  void read_resize() {
    const auto* x = shape("x");
    const auto* y = m_op.outputs.empty() ? nullptr : &m_graph.value(m_op.outputs[0]).type.shape;
    if (x == nullptr || !y->ranked || x->rank() < 2 || x->rank() != y->rank())
      return;
    const auto from = std::span(x->dims).last(2);
    const auto to = std::span(y->dims).last(2);
    if (std::ranges::any_of(from, [](auto extent) { return extent <= 0; }) ||
        std::ranges::any_of(to, [](auto extent) { return extent <= 0; }))
      return;
    const bool one_pixel = from[0] == 1 && from[1] == 1;
    m_facts.set_flag(Fact::resamples, !one_pixel && !std::ranges::equal(from, to));
  }

  void read_linear() {
    m_facts.set_flag(Fact::weight_constant, constant("weight"));
    const auto weight = weight_dims();
    if (weight.size() != 2)
      return;
    if (weight[0] > 0)
      m_facts.set(Fact::channels_out, weight[0]);
    if (weight[1] > 0)
      m_facts.set(Fact::contraction, weight[1]);
  }

  void read_matmul() {
    m_facts.set_flag(Fact::weight_constant, constant("x") || constant("y"));
    const auto* literal = m_graph.parameter(m_op, "transpose_x");
    const bool transposed = literal != nullptr && literal->as_bool().value_or(false);
    const auto* x = shape("x");
    if (x == nullptr || x->rank() == 0)
      return;
    const auto summed = transposed && x->rank() >= 2 ? x->dims[x->rank() - 2] : x->dims.back();
    if (summed > 0)
      m_facts.set(Fact::contraction, summed);
  }

  void read_indices() {
    m_facts.set_flag(Fact::indices_constant, constant("indices"));
    const auto* indices = m_graph.operand(m_op, "indices");
    if (indices == nullptr)
      return;
    m_facts.set_flag(Fact::indices_from_input,
                     indices->producer == nullptr && !constant("indices"));
    if (indices->type.is_tensor())
      m_facts.set(Fact::indices_dtype, type_bit(indices->type.dtype));
  }

  void read_slice() {
    m_facts.set_flag(Fact::begin_constant,
                     constant("begin") && constant("end") && constant("stride"));
    if (const auto begin = ints("begin"); begin && !begin->empty())
      m_facts.set(Fact::last_begin, begin->back());
    const auto steps = ints("stride");
    if (steps && !steps->empty())
      m_facts.set(Fact::step_min, *std::ranges::min_element(*steps));
    else
      m_facts.set(Fact::step_min, 1);
  }

  void read_pad() {
    const auto pads = ints("pad");
    const auto* x = shape("x");
    if (!pads || x == nullptr || pads->size() > 2 * x->rank() || pads->size() % 2 != 0)
      return;
    // The list covers the last dimensions; the two last of them are height and width.
    const auto padded = pads->size() / 2;
    bool channels = false;
    for (std::size_t i = 0; i < padded; ++i) {
      const auto from_end = padded - i;
      if (from_end > 2 && ((*pads)[2 * i] != 0 || (*pads)[(2 * i) + 1] != 0))
        channels = true;
    }
    m_facts.set_flag(Fact::pads_channels, channels);
  }

  void read_select() {
    if (m_op.argument("cond") != nullptr)
      m_facts.set_flag(Fact::condition_constant, constant("cond"));
  }

  void read_shapes() {
    static constexpr std::array<std::string_view, 10> k_names = {
        "shape",        "size",        "reps",     "pad",   "k",
        "resized_dims", "block_shape", "paddings", "crops", "one_hot_vector_size"};
    bool known = true;
    for (const auto name : k_names)
      known = known && constant(name);
    m_facts.set_flag(Fact::shape_constant, known);
    raise_all(Fact::reps_max, ints("reps"));
  }

  void read_axis() {
    m_facts.set_flag(Fact::axis_constant, constant("axis"));
    const auto axis = integer("axis");
    if (!axis)
      return;
    const auto* x = shape("x");
    if (*axis >= 0)
      m_facts.set(Fact::axis, *axis);
    else if (x != nullptr)
      m_facts.set(Fact::axis, *axis + static_cast<std::int64_t>(x->rank()));
  }

  void read_factor() {
    for (const auto* name : {"block_size", "upscale_factor", "downscale_factor"}) {
      if (const auto factor = integer(name))
        m_facts.set(Fact::block, *factor);
    }
    raise_all(Fact::block, ints("block_shape"));
  }

  const GraphContext& m_context;
  const Graph& m_graph;
  const Operation& m_op;
  OpFacts& m_facts;
};

// What shares one scale or palette, told from how many dimensions of `groups` are split up.
std::string_view grouping(std::span<const std::int64_t> groups,
                          std::span<const std::int64_t> data) {
  std::size_t split = 0;
  bool partial = false;
  for (std::size_t i = 0; i < groups.size() && i < data.size(); ++i) {
    if (groups[i] == 1)
      continue;
    ++split;
    partial = partial || groups[i] != data[i];
  }
  if (split == 0)
    return "tensor";
  return split == 1 && !partial ? "channel" : "block";
}

// The same for palettes, where a group of rows may share one.
std::string_view palette_grouping(std::span<const std::int64_t> lut, std::size_t data_rank) {
  if (lut.size() != data_rank + 2)
    return "tensor";
  const auto split = std::ranges::count_if(lut.first(data_rank), [](auto dim) { return dim != 1; });
  return split == 0 ? "tensor" : split == 1 ? "channel" : "block";
}

std::span<const std::int64_t> dims_of(const Graph& graph, const Operation& op,
                                      std::string_view name) {
  if (const auto* attribute = op.attribute(name))
    return attribute->value.type.shape.dims;
  const auto* value = graph.operand(op, name);
  return value == nullptr ? std::span<const std::int64_t>() : value->type.shape.dims;
}

}  // namespace

void add_parameter_facts(const GraphContext& context, const Operation& op, OpFacts& facts) {
  Reader(context, op, facts).read();
}

void add_weight_facts(const GraphContext& context, const Operation& op, OpFacts& facts) {
  const auto& graph = context.graph();
  facts.set_text(Fact::weight_encoding, "none");
  for (const auto* name : {"weight", "y", "x", "key", "value"}) {
    const auto* value = graph.operand(op, name);
    if (value == nullptr || value->producer == nullptr)
      continue;
    const auto& source = *value->producer;
    if (source.kind != coreml::OperationKind::constexpr_)
      continue;
    const auto type = source.type;
    if (type == "constexpr_lut_to_dense" || type == "constexpr_lut_to_sparse") {
      const auto* indices = type == "constexpr_lut_to_dense" ? "indices" : "indices_mask";
      facts.set_text(Fact::weight_encoding, "lut");
      facts.set_text(
          Fact::weight_grouping,
          palette_grouping(dims_of(graph, source, "lut"), dims_of(graph, source, indices).size()));
    } else if (type.find("blockwise_shift_scale") != std::string_view::npos) {
      facts.set_text(Fact::weight_encoding, "blockwise");
      facts.set_text(Fact::weight_grouping,
                     grouping(dims_of(graph, source, "scale"), value->type.shape.dims));
    } else if (type == "constexpr_affine_dequantize") {
      const auto scale = dims_of(graph, source, "scale");
      facts.set_text(Fact::weight_encoding, "affine");
      facts.set_text(Fact::weight_grouping, scale.empty() ? "tensor" : "channel");
    } else if (type == "constexpr_sparse_to_dense") {
      facts.set_text(Fact::weight_encoding, "sparse");
    } else if (type == "constexpr_cast") {
      facts.set_text(Fact::weight_encoding, "cast");
    }
    return;
  }
}

}  // namespace anecompat::ane
