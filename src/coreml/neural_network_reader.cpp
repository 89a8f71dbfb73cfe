#include "coreml/neural_network_reader.hpp"

#include "coreml/layer_header.hpp"
#include "coreml/layer_table.hpp"
#include "coreml/neural_network_message.hpp"
#include "coreml/neural_network_scope.hpp"
#include "coreml/neural_network_shapes.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <unordered_set>

namespace anecompat::coreml {

namespace {

constexpr std::uint32_t k_branch = 605;
constexpr std::uint32_t k_loop = 615;
constexpr std::uint32_t k_copy = 600;
constexpr int k_max_notes = static_cast<int>(k_max_network_notes);

const LayerRow k_unknown_row = {
    0, "unknown", "unknown_layer", {0, Arity::k_many, 0, Arity::k_many}, "values*"};

// Whether values are stored with the sequence dimension of the rank-5 mapping.
enum class Sequence : std::uint8_t { hidden_where_one, shown };

class NetworkReader {
 public:
  NetworkReader(WireReader& parent, GraphBuilder& builder, const ReadContext& context,
                Sequence sequence)
      : m_parent(parent),
        m_builder(builder),
        m_context(context),
        m_scope(builder, false),
        m_sequence(sequence) {}

  // Whether a layer does something that a view without the sequence cannot show.
  bool needs_sequence() const { return m_needs_sequence; }

  Result<NetworkParts> read(std::span<const Extent> pieces, const Description& description) {
    ANECOMPAT_TRY_ASSIGN(const auto network,
                         collect_network(pieces, m_parent, m_builder, m_context));
    const bool rank5_image =
        !network.rank4_images && std::ranges::any_of(description.inputs, [](const Feature& input) {
          return input.kind == Feature::Kind::image;
        });
    m_rank5 = !network.exact_arrays;
    m_scope = NetworkScope(m_builder,
                           m_sequence == Sequence::hidden_where_one && (m_rank5 || rank5_image));

    std::vector<ValueId> inputs;
    for (const auto& feature : description.inputs)
      inputs.push_back(m_scope.define(feature.name, network_input_dims(feature, network)));
    for (const auto name : network.preprocessed)
      note(fmt::format("input \"{}\" is preprocessed by the model", printable(name)));

    std::vector<Operation> operations;
    ANECOMPAT_TRY(read_layers(network, operations, 0));
    const auto outputs = network_outputs(description, network, operations);
    Function function{.name = "main",
                      .inputs = m_builder.store(inputs),
                      .body = {.label = "main",
                               .operations = m_builder.store_operations(operations),
                               .outputs = m_builder.store(outputs)}};
    std::vector<WeightSummary> weights;
    for (auto summary : m_tally.summaries()) {
      summary.encoding = m_builder.intern(summary.encoding);
      weights.push_back(summary);
    }
    return NetworkParts{.functions = m_builder.store({function}),
                        .weights = m_builder.store(weights)};
  }

 private:
  void note(std::string text) {
    if (m_notes_left > 0)
      m_builder.note(std::move(text));
    if (--m_notes_left == 0)
      m_builder.note("more remarks of this kind are left out");
  }

  Result<void> read_layers(const Network& network, std::vector<Operation>& operations, int depth) {
    if (depth > m_context.limits.max_depth) {
      return fail(
          {.kind = ErrorKind::unreadable,
           .message = fmt::format("networks are nested more than {} deep, the most that is read",
                                  m_context.limits.max_depth)});
    }
    operations.reserve(network.layers.size());
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
      auto message = m_parent.message_at(network.layers[i]);
      auto& layer = scratch_at(depth).header;
      read_layer_header(message, layer);
      auto operation = read_layer(layer, depth);
      if (operation && !m_parent.status().ok())
        operation = fail(wire_error(m_parent));
      if (!operation) {
        auto error = std::move(operation.error());
        error.message = fmt::format("layer {} \"{}\": {}", i, printable(layer.name), error.message);
        return fail(std::move(error));
      }
      operations.push_back(*operation);
    }
    return {};
  }

  Result<Operation> read_layer(const LayerHeader& layer, int depth) {
    const auto* row = find_layer(layer.field);
    auto& scratch = scratch_at(depth);
    LayerDraft draft(row == nullptr ? k_unknown_row : *row, scratch.workspace, m_builder);
    draft.label = layer.name;
    draft.input_count = layer.inputs.size();
    draft.output_count = layer.outputs.size();

    if (layer.too_many_names)
      return fail(too_many("inputs and outputs", k_max_layer_names));
    Operation operation{.label = layer.name, .index = m_builder.next_operation_index()};
    if (operation.index >= m_context.limits.max_operations)
      return fail(too_many("layers", m_context.limits.max_operations));
    auto& inputs = scratch.inputs;
    auto& input_dims = scratch.input_dims;
    inputs.clear();
    input_dims.clear();
    for (const auto name : layer.inputs) {
      inputs.push_back(resolve(name, layer));
      input_dims.push_back(m_scope.dims(inputs.back()));
    }
    draft.rank = m_rank5 && input_dims.empty() ? 5 : 0;
    if (!input_dims.empty() && input_dims[0])
      draft.rank = input_dims[0]->size();

    if (row == nullptr) {
      name_unknown(layer, draft);
    } else {
      check_arity(layer, *row);
      draft.fields.read(row->fields, layer.parameters, m_parent, m_tally);
      draft.fill();
    }
    auto& output_dims = scratch.output_dims;
    infer(layer, draft, input_dims, output_dims);
    hide_sequence_of(draft, input_dims, output_dims);

    bind_operands(draft, inputs, operation);
    drop_bound_attributes(draft, operation);
    operation.attributes = m_builder.store(draft.attributes);
    // All but the names of unknown layers are the table's.
    operation.type = row == nullptr ? m_builder.intern(draft.type) : draft.type;
    operation.source_type = row == nullptr ? operation.type : row->name;
    operation.kind = draft.kind;
    auto outputs = define_outputs(layer, output_dims, draft);
    if (row != nullptr && (row->field == k_branch || row->field == k_loop))
      ANECOMPAT_TRY(read_bodies(*row, draft, depth, operation, outputs));
    if (m_builder.value_count() > m_context.limits.max_values)
      return fail(too_many("values", m_context.limits.max_values));
    operation.outputs = m_builder.store(outputs);
    operation.name = outputs.empty() ? layer.name : m_builder.value(outputs[0]).name;
    return operation;
  }

  // Attributes must fit the shapes that are stored. A layer that moves, drops or multiplies the
  // sequence, or changes the rank, would not.
  void hide_sequence_of(LayerDraft& draft, std::span<const Dims> inputs,
                        std::span<const Dims> outputs) {
    const auto hides = [this](const Dims& dims) { return m_scope.hides(dims); };
    const auto shows = [this](const Dims& dims) { return dims && !m_scope.hides(dims); };
    const bool hidden_output = std::ranges::any_of(outputs, hides);
    const bool hidden_input = inputs.empty() ? hidden_output : hides(inputs[0]);
    if (hidden_input) {
      // A reshape says what comes out, whatever went in.
      const bool fits = draft.type == "reshape" || std::ranges::none_of(outputs, shows);
      if (!hide_sequence(draft, m_builder) || !fits)
        m_needs_sequence = true;
    } else if (hidden_output && shows(inputs[0])) {
      m_needs_sequence = true;
    }
  }

  ValueId resolve(std::string_view name, const LayerHeader& layer) {
    const auto id = m_scope.find(name);
    if (id != k_no_value)
      return id;
    note(fmt::format("layer \"{}\" reads \"{}\", which nothing before it writes",
                     printable(layer.name), printable(name)));
    return m_scope.define(name, std::nullopt);
  }

  void name_unknown(const LayerHeader& layer, LayerDraft& draft) {
    m_unknown_type =
        layer.field == 0 ? "unknown_layer" : fmt::format("unknown_layer_{}", layer.field);
    draft.type = m_unknown_type;
    note(layer.field == 0
             ? fmt::format("layer \"{}\" does not say what it is", printable(layer.name))
             : fmt::format("layer \"{}\" is of a kind this version does not know (field {})",
                           printable(layer.name), layer.field));
  }

  void check_arity(const LayerHeader& layer, const LayerRow& row) {
    const auto fits = [](std::size_t count, std::uint8_t low, std::uint8_t high) {
      return count >= low && (high == Arity::k_many || count <= high);
    };
    if (!fits(layer.inputs.size(), row.arity.min_inputs, row.arity.max_inputs) ||
        !fits(layer.outputs.size(), row.arity.min_outputs, row.arity.max_outputs)) {
      note(fmt::format("layer \"{}\" ({}) has {} and {}, which Core ML does not accept",
                       printable(layer.name), row.name, counted(layer.inputs.size(), "input"),
                       counted(layer.outputs.size(), "output")));
    }
  }

  static void infer(const LayerHeader& layer, const LayerDraft& draft, std::span<const Dims> inputs,
                    std::vector<Dims>& outputs) {
    outputs.assign(layer.outputs.size(), std::nullopt);
    const auto required = draft.row.arity.min_inputs;
    if (draft.row.infer != nullptr && !outputs.empty() && inputs.size() >= required) {
      ShapeCall call{.layer = draft, .in = inputs, .out = outputs};
      draft.row.infer(call);
    }
    for (std::size_t i = 0; i < outputs.size() && i < layer.hints.size(); ++i) {
      if (!outputs[i])
        outputs[i] = layer.hints[i];
    }
  }

  void bind_operands(const LayerDraft& draft, std::span<const ValueId> inputs,
                     Operation& operation) {
    m_arguments.clear();
    auto rest = inputs;
    auto names = draft.operands;
    while (!rest.empty() && !names.empty()) {
      auto name = names.substr(0, names.find(' '));
      names.remove_prefix(std::min(names.size(), name.size() + 1));
      const bool takes_all = name.ends_with('*');
      if (takes_all)
        name.remove_suffix(1);
      const auto count = takes_all ? rest.size() : 1;
      m_arguments.push_back({.name = name, .values = m_builder.store(rest.first(count))});
      rest = rest.subspan(count);
    }
    if (!rest.empty())
      m_arguments.push_back({.name = "extra", .values = m_builder.store(rest)});
    operation.inputs = m_builder.store(m_arguments);
  }

  static void drop_bound_attributes(LayerDraft& draft, const Operation& operation) {
    for (const auto& argument : operation.inputs)
      draft.remove(argument.name);
  }

  std::vector<ValueId> define_outputs(const LayerHeader& layer, std::span<const Dims> dims,
                                      const LayerDraft& draft) {
    std::vector<ValueId> outputs;
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      const auto name = layer.outputs[i];
      if (layer.field != k_copy && m_scope.defined_here(name)) {
        note(fmt::format("layer \"{}\" writes \"{}\" once more; the last one counts",
                         printable(layer.name), printable(name)));
      }
      outputs.push_back(m_scope.define(name, dims[i]));
      if (draft.kind != OperationKind::constant)
        continue;
      auto& value = m_builder.value(outputs.back());
      value.is_constant = true;
      if (const auto* literal = draft.find("val"))
        value.literal = m_builder.store_one(*literal);
    }
    return outputs;
  }

  // branch and loop declare no outputs: their bodies overwrite names of the network around them.
  Result<void> read_bodies(const LayerRow& row, const LayerDraft& draft, int depth,
                           Operation& operation, std::vector<ValueId>& outputs) {
    struct Body {
      std::uint32_t field;
      std::string_view label;
    };
    constexpr std::array k_branch_bodies = {Body{1, "true"}, Body{2, "false"}};
    constexpr std::array k_loop_bodies = {Body{3, "cond"}, Body{4, "body"}};
    std::vector<Block> blocks;
    std::vector<std::string_view> written;
    std::unordered_set<std::string_view> known_written;
    for (const auto& body : row.field == k_branch ? k_branch_bodies : k_loop_bodies) {
      const auto pieces = draft.fields.messages(body.field);
      if (pieces.empty())
        continue;
      ANECOMPAT_TRY_ASSIGN(const auto network,
                           collect_network(pieces, m_parent, m_builder, m_context));
      m_scope.open();
      std::vector<Operation> operations;
      ANECOMPAT_TRY(read_layers(network, operations, depth + 1));
      std::vector<ValueId> results;
      const auto defined = m_scope.close();
      std::unordered_set<std::string_view> copied;
      for (const auto& inner : operations) {
        if (inner.source_type == "copy" && !inner.outputs.empty())
          copied.insert(m_builder.value(inner.outputs[0]).name);
      }
      std::unordered_set<std::string_view> seen;
      for (auto last = defined.rbegin(); last != defined.rend(); ++last) {
        const auto& [name, id] = *last;
        if (!seen.insert(name).second)
          continue;  // hidden by a later value of that name
        if (m_scope.find(name) == k_no_value && !copied.contains(name))
          continue;
        results.push_back(id);
        if (known_written.insert(name).second)
          written.push_back(name);
      }
      std::ranges::reverse(results);
      blocks.push_back({.label = body.label,
                        .operations = m_builder.store_operations(operations),
                        .outputs = m_builder.store(results)});
    }
    operation.blocks = m_builder.store(blocks);
    for (const auto name : written) {
      const auto before = m_scope.find(name);
      outputs.push_back(m_scope.define(name, before == k_no_value ? Dims() : m_scope.dims(before)));
    }
    return {};
  }

  // Classifier outputs (label and probabilities) are made of the last layer's output, or the one
  // the file names.
  std::vector<ValueId> network_outputs(const Description& description, const Network& network,
                                       std::span<const Operation> operations) const {
    std::vector<ValueId> outputs;
    bool synthesised = false;
    for (const auto& feature : description.outputs) {
      const auto id = m_scope.find(feature.name);
      if (id != k_no_value) {
        outputs.push_back(id);
      } else {
        synthesised = true;
      }
    }
    if (!synthesised)
      return outputs;
    auto scores = m_scope.find(network.probability_layer);
    if (scores == k_no_value && !operations.empty() && !operations.back().outputs.empty())
      scores = operations.back().outputs[0];
    if (scores != k_no_value && std::ranges::find(outputs, scores) == outputs.end())
      outputs.push_back(scores);
    return outputs;
  }

  // What is needed while one layer is read. The layers of its bodies have their own, one deeper.
  struct Scratch {
    LayerHeader header;
    LayerWorkspace workspace;
    std::vector<ValueId> inputs;
    std::vector<Dims> input_dims;
    std::vector<Dims> output_dims;
  };

  Scratch& scratch_at(int depth) {
    while (m_scratch.size() <= static_cast<std::size_t>(depth))
      m_scratch.emplace_back();
    return m_scratch[static_cast<std::size_t>(depth)];
  }

  WireReader& m_parent;
  GraphBuilder& m_builder;
  const ReadContext& m_context;
  NetworkScope m_scope;
  LayerWeightTally m_tally;
  Sequence m_sequence;
  bool m_needs_sequence = false;
  bool m_rank5 = true;
  int m_notes_left = k_max_notes;
  std::string m_unknown_type;
  std::deque<Scratch> m_scratch;  // a deque: references stay valid when it grows
  std::vector<Argument> m_arguments;
};

}  // namespace

Result<NetworkParts> read_neural_network(std::span<const Extent> pieces, WireReader& parent,
                                         const Description& description, GraphBuilder& builder,
                                         const ReadContext& context) {
  const auto before = builder.mark();
  NetworkReader reader(parent, builder, context, Sequence::hidden_where_one);
  auto parts = reader.read(pieces, description);
  if (!parts || !reader.needs_sequence())
    return parts;
  builder.rewind(before);
  return NetworkReader(parent, builder, context, Sequence::shown).read(pieces, description);
}

std::size_t count_whole_layers(WireReader network) {
  std::size_t count = 0;
  while (network.next())
    count += network.field() == 1 ? 1U : 0U;
  return count;
}

}  // namespace anecompat::coreml
