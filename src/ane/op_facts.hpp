// What a rule can ask about an operation: named facts, computed once per operation.
//
// Thresholds and effects live in policies/ane/; what a name means lives here. A fact that an
// operation does not have (the kernel of an add), or that its file does not tell, is absent, and a
// condition on it does not hold.
#pragma once

#include "ane/verdict.hpp"
#include "coreml/graph.hpp"
#include "coreml/walk.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace anecompat::ane {

enum class Fact : std::uint8_t {
  // of the model
  format,             // text: ml_program, neural_network, pipeline, classic, opaque
  spec_version,       // number: the largest of the whole file and of the function's opset
  states,             // number of states the model declares
  flexibility,        // text: fixed, enumerated, range; the widest over the model's inputs
  reshape_frequency,  // text: frequent, infrequent; what the app says of flexible inputs
  weight_bytes,       // number: weights of the model as the file tells
  longest_chain,      // number: longest run of operations of one type (conv) that feed each other
  // of where the operation is
  layer,         // text: the type as the file spells it ("addBroadcastable")
  control_flow,  // flag: inside a block of cond, while_loop, branch or loop
  model_output,  // flag: one of its results is an output of the model
  // of its tensors (constants apart)
  dtype_in,        // types of its operands
  dtype_out,       // types of its results
  input_rank,      // largest rank of an operand
  output_rank,     // largest rank of a result
  rank,            // the larger of both
  batch,           // largest extents over operands and results, in the ANE's N, C, D, H, W
  channels,        //
  depth,           //
  height,          //
  width,           //
  dim_min,         // smallest known extent
  shape_known,     // flag: every extent is known
  data_dependent,  // flag: an unknown extent depends on values, not only on a flexible input
  // of its parameters
  kernel_rank,  // 1, 2 or 3 spatial dimensions
  kernel_width,
  kernel_height,
  kernel_depth,
  stride_max,
  dilation_max,
  groups,
  groups_divide,    // flag: groups divides the input and the output channels
  kernel_excess,    // largest kernel extent minus padded input extent
  pad_excess,       // largest padding minus kernel extent
  window_covers,    // flag: a pooling window is as large as its input: one value per channel
  weight_constant,  // flag
  weight_encoding,  // text: none, cast, lut, affine, blockwise, sparse
  weight_grouping,  // text: tensor, channel, block: what shares a scale or a palette
  channels_in,
  channels_out,
  contraction,         // matmul's and linear's summed extent
  indices_constant,    // flag
  indices_from_input,  // flag: the model's own input, not computed
  indices_dtype,       // types
  axis,                // number, negative ones counted from the end made positive
  axis_constant,       // flag
  k,                   // topk's
  begin_constant,      // flag: begin, end and stride of a slice
  shape_constant,      // flag: shape, size, reps, paddings and the like
  step_min,            // smallest stride of a slice
  last_begin,          // where a slice begins in its last dimension
  resamples,           // flag: resize computes new pixels, not only repeats one or keeps all
  block,               // block size or factor of depth_to_space and its relatives
  reps_max,            // largest repetition of tile
  mode,                // text, as the file has it
  pads_channels,       // flag: padding before the two last dimensions
  bool_from_fp16,      // flag: every bool operand comes from comparing fp16
  condition_constant,  // flag: select's cond
  second_output_used,  // flag
  written_back,        // flag: a result goes straight to write_state
  state_last_dim,      // number: last extent of the state it reads or writes
};
inline constexpr std::size_t k_fact_count = static_cast<std::size_t>(Fact::state_last_dim) + 1;

enum class FactKind : std::uint8_t { number, flag, text, types };

struct FactInfo {
  Fact fact;
  std::string_view name;
  FactKind kind;
};

// All facts, in the order of the enum.
std::span<const FactInfo> all_facts();
std::optional<FactInfo> find_fact(std::string_view name);

// Data types as a set.
using TypeSet = std::uint32_t;
constexpr TypeSet type_bit(coreml::DataType type) {
  return TypeSet{1} << static_cast<unsigned>(type);
}

struct FactValue {
  bool known = false;
  std::int64_t number = 0;  // also flags (0, 1) and type sets
  std::string_view text = {};
};

// The facts of one operation.
class OpFacts {
 public:
  const FactValue& operator[](Fact fact) const { return m_values[static_cast<std::size_t>(fact)]; }
  void set(Fact fact, std::int64_t number) { value(fact) = {.known = true, .number = number}; }
  void set_flag(Fact fact, bool flag) { set(fact, flag ? 1 : 0); }
  void set_text(Fact fact, std::string_view text) { value(fact) = {.known = true, .text = text}; }
  // Keeps the larger of what is known and `number`.
  void raise(Fact fact, std::int64_t number);

  // As a message shows it: "17", "yes", "fp16, int32".
  std::string to_string(Fact fact) const;

 private:
  FactValue& value(Fact fact) { return m_values[static_cast<std::size_t>(fact)]; }

  std::array<FactValue, k_fact_count> m_values;
};

// What has to be known of a whole graph before the facts of one operation can be told: where values
// come from and where they go. Built once per graph, in time linear in its operations.
class GraphContext {
 public:
  explicit GraphContext(const coreml::Graph& graph,
                        ReshapeFrequency reshapes = ReshapeFrequency::frequent);

  const coreml::Graph& graph() const { return *m_graph; }
  OpFacts facts(const coreml::OperationSite& site) const;
  // The facts of a (stage) model alone, for risks of whole models.
  OpFacts model_facts(const coreml::Model& model) const;

  // Core ML computes the operation before it plans: nothing it needs depends on the model's inputs.
  bool is_folded(const coreml::Operation& op) const;
  // The value is constant, or folded.
  bool is_constant(coreml::ValueId id) const { return has(id, k_constant); }
  bool is_model_output(coreml::ValueId id) const { return has(id, k_model_output); }
  bool is_used(coreml::ValueId id) const { return has(id, k_used); }

 private:
  static constexpr std::uint8_t k_constant = 1;
  static constexpr std::uint8_t k_model_output = 2;
  static constexpr std::uint8_t k_used = 4;
  static constexpr std::uint8_t k_to_state = 8;
  static constexpr std::uint8_t k_data_dependent = 16;
  static constexpr std::uint8_t k_bool_from_fp16 = 32;

  bool has(coreml::ValueId id, std::uint8_t flag) const {
    return (m_flags[static_cast<std::size_t>(id)] & flag) != 0;
  }
  void mark(coreml::ValueId id, std::uint8_t flag) {
    m_flags[static_cast<std::size_t>(id)] |= flag;
  }
  void visit(const coreml::OperationSite& site);
  void note_chain(const coreml::Operation& op);
  void note_weights(const coreml::Model& model);
  void set_weight_bytes(const coreml::Model& model, OpFacts& facts) const;

  const coreml::Graph* m_graph;
  ReshapeFrequency m_reshapes;
  std::vector<std::uint8_t> m_flags;    // by ValueId
  std::vector<std::uint32_t> m_chains;  // by ValueId: length of the conv chain that ends there
  std::uint32_t m_longest_chain = 0;
  // Weights of each (stage) model, as far as the file tells.
  std::unordered_map<const coreml::Model*, std::int64_t> m_weight_bytes;
  std::int64_t m_spec_version = 0;  // the largest of all stages: what a system must be able to load
};

}  // namespace anecompat::ane
