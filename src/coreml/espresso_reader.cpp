#include "coreml/espresso_reader.hpp"

#include "coreml/espresso_file.hpp"
#include "coreml/espresso_json.hpp"
#include "coreml/espresso_layers.hpp"
#include "coreml/espresso_shapes.hpp"
#include "coreml/espresso_weights.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

namespace anecompat::coreml {

namespace {

constexpr std::string_view k_net_name = "model.espresso.net";
constexpr std::string_view k_shape_name = "model.espresso.shape";
constexpr std::int64_t k_oldest_known_format = 200;

// Activations and normalizations that were merged into the layer before them; they run with it and
// are no operations of their own.
constexpr std::array<std::string_view, 6> k_fused_flags = {
    "fused_relu", "fused_tanh", "has_batch_norm", "has_prelu", "has_relu", "has_tanh"};

// How often something odd was met, and the first time.
struct Oddity {
  std::size_t count = 0;
  std::string first;

  void add(std::string_view what) {
    if (count++ == 0)
      first = printable(elide_middle(what, 200));
  }
};

class NetReader {
 public:
  NetReader(EspressoShapes shapes, GraphBuilder& builder, const ReadContext& context)
      : m_shapes(std::move(shapes)),
        m_builder(builder),
        m_context(context),
        m_first_value(builder.value_count()) {}

  Result<void> add_layer(const EspressoLayer& layer);
  Function finish();
  const EspressoWeights& weights() const { return m_weights; }

 private:
  // What is known of each value, beside the Graph's own record.
  struct State {
    bool consumed = false;
    bool produced = false;
    bool is_output = false;
  };

  State& state(ValueId id) { return m_states[static_cast<std::size_t>(id) - m_first_value]; }
  Result<ValueId> add_blob(std::string_view name, bool produced);
  Result<std::vector<ValueId>> consume(std::string_view names);
  Result<std::vector<ValueId>> produce(std::string_view names, std::span<const ValueId> bottoms,
                                       std::string_view label);
  std::vector<Shape> shapes_of(std::span<const ValueId> ids) const;
  std::span<const Argument> arguments(std::string_view parameters,
                                      std::span<const ValueId> bottoms);
  void add_fused_flags(const EspressoLayer& layer, std::vector<Attribute>& attributes);
  void mark_constant(std::span<const ValueId> ids);
  void add_notes();

  EspressoShapes m_shapes;
  GraphBuilder& m_builder;
  const ReadContext& m_context;
  std::size_t m_first_value;
  EspressoWeights m_weights;
  std::unordered_map<std::string_view, ValueId> m_current;  // a name's newest value
  std::vector<State> m_states;
  std::vector<ValueId> m_inputs;
  std::vector<Operation> m_operations;

  std::map<std::string_view, std::size_t> m_fused;  // layers with each flag
  std::map<std::string, std::size_t> m_unknown;     // layers of each unknown type
  Oddity m_read_early;
  Oddity m_produced_again;
  Oddity m_without_shape;
};

Error layer_error(const EspressoLayer& layer, std::string_view what) {
  return {.kind = ErrorKind::unreadable, .message = fmt::format("layers[{}]{}", layer.index, what)};
}

// A text field that may be absent, but not of another type.
Result<std::string_view> optional_text(const EspressoLayer& layer, std::string_view key) {
  if (!layer.has(key))
    return std::string_view();
  const auto text = layer.text(key);
  if (!text)
    return fail(layer_error(layer, fmt::format(".{}: not a text", key)));
  return *text;
}

Result<ValueId> NetReader::add_blob(std::string_view name, bool produced) {
  if (m_builder.value_count() >= m_context.limits.max_values) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = fmt::format("more than {} blobs", m_context.limits.max_values)});
  }
  const auto known = m_current.find(name);
  const auto kept = known == m_current.end() ? m_builder.intern(name) : known->first;
  ValueType type = {.kind = ValueType::Kind::tensor};
  if (const auto shape = m_shapes.find(std::string(name)); shape != m_shapes.end())
    type.shape = shape->second;
  else
    m_without_shape.add(name);
  const auto id = m_builder.add_value({.name = kept, .type = type});
  m_states.push_back({.produced = produced});
  m_current[kept] = id;
  return id;
}

Result<std::vector<ValueId>> NetReader::consume(std::string_view names) {
  std::vector<ValueId> ids;
  for (const auto part : split(names, ',')) {
    const auto name = trim(part);
    if (name.empty())
      continue;
    auto id = k_no_value;
    if (const auto known = m_current.find(name); known != m_current.end()) {
      id = known->second;
    } else {
      ANECOMPAT_TRY_ASSIGN(id, add_blob(name, false));
      m_inputs.push_back(id);
    }
    state(id).consumed = true;
    ids.push_back(id);
  }
  return ids;
}

Result<std::vector<ValueId>> NetReader::produce(std::string_view names,
                                                std::span<const ValueId> bottoms,
                                                std::string_view label) {
  std::vector<ValueId> ids;
  for (const auto part : split(names, ',')) {
    const auto name = trim(part);
    if (name.empty())
      continue;
    // Layers that work in place name the same blob twice; anything else is odd.
    if (const auto known = m_current.find(name);
        known != m_current.end() &&
        std::find(bottoms.begin(), bottoms.end(), known->second) == bottoms.end()) {
      auto& oddity = state(known->second).produced ? m_produced_again : m_read_early;
      oddity.add(fmt::format("{}\" by layer \"{}", name, label));
    }
    ANECOMPAT_TRY_ASSIGN(const auto id, add_blob(name, true));
    ids.push_back(id);
  }
  return ids;
}

std::vector<Shape> NetReader::shapes_of(std::span<const ValueId> ids) const {
  std::vector<Shape> shapes;
  for (const auto id : ids)
    shapes.push_back(m_builder.graph().value(id).type.shape);
  return shapes;
}

std::span<const Argument> NetReader::arguments(std::string_view parameters,
                                               std::span<const ValueId> bottoms) {
  const auto names = split(parameters, ',');
  std::vector<Argument> all;
  while (!bottoms.empty()) {
    const bool is_last = all.size() + 1 >= names.size();
    const auto count = is_last ? bottoms.size() : 1;
    const auto name = all.size() < names.size() ? names[all.size()] : std::string_view();
    all.push_back(
        {.name = name.empty() ? "x" : name, .values = m_builder.store(bottoms.first(count))});
    bottoms = bottoms.subspan(count);
  }
  return m_builder.store(all);
}

void NetReader::add_fused_flags(const EspressoLayer& layer, std::vector<Attribute>& attributes) {
  for (const auto flag : k_fused_flags) {
    if (!layer.flag(flag))
      continue;
    attributes.push_back({flag, m_builder.boolean(true)});
    ++m_fused[flag];
  }
}

void NetReader::mark_constant(std::span<const ValueId> ids) {
  for (const auto id : ids) {
    auto& value = m_builder.value(id);
    value.is_constant = true;
    value.literal = m_builder.store_one(Literal{.type = value.type});
  }
}

Result<void> NetReader::add_layer(const EspressoLayer& layer) {
  ANECOMPAT_TRY_ASSIGN(const auto source_type, optional_text(layer, "type"));
  if (source_type.empty())
    return fail(layer_error(layer, ": has no type"));
  ANECOMPAT_TRY_ASSIGN(const auto label, optional_text(layer, "name"));
  ANECOMPAT_TRY_ASSIGN(const auto bottom_names, optional_text(layer, "bottom"));
  ANECOMPAT_TRY_ASSIGN(const auto top_names, optional_text(layer, "top"));
  ANECOMPAT_TRY_ASSIGN(const auto bottoms, consume(bottom_names));
  ANECOMPAT_TRY_ASSIGN(const auto tops, produce(top_names, bottoms, label));
  if (layer.flag("attributes.is_output")) {
    for (const auto id : tops)
      state(id).is_output = true;
  }

  const auto bottom_shapes = shapes_of(bottoms);
  const auto top_shapes = shapes_of(tops);
  EspressoTranslation translation = {
      .builder = m_builder, .layer = layer, .bottoms = bottom_shapes, .tops = top_shapes};
  translate_espresso_layer(source_type, translation);
  if (!translation.known)
    ++m_unknown[printable(elide_middle(translation.type, 100))];
  if (translation.kind == OperationKind::constant)
    mark_constant(tops);
  add_fused_flags(layer, translation.attributes);
  m_weights.add(layer);

  const auto kept_label = m_builder.intern(label);
  m_operations.push_back(
      {.type = translation.type,
       .source_type = m_builder.intern(source_type),
       .name = tops.empty() ? kept_label : m_builder.graph().value(tops.front()).name,
       .label = kept_label,
       .kind = translation.kind,
       .inputs = arguments(translation.parameters, bottoms),
       .outputs = m_builder.store(tops),
       .attributes = m_builder.store(translation.attributes),
       .index = m_builder.next_operation_index()});
  return {};
}

void NetReader::add_notes() {
  for (const auto& [flag, count] : m_fused) {
    m_builder.note(
        fmt::format("{} {} {}: what it stands for runs with its layer and is no "
                    "operation of its own",
                    counted(count, "layer"), count == 1 ? "has" : "have", flag));
  }
  for (const auto& [type, count] : m_unknown)
    m_builder.note(
        fmt::format("{} of a kind this version does not know: {}", counted(count, "layer"), type));
  if (m_read_early.count != 0) {
    m_builder.note(
        fmt::format("{} read before a layer produces it, and taken for an input: "
                    "\"{}\"",
                    counted(m_read_early.count, "blob"), m_read_early.first));
  }
  if (m_produced_again.count != 0) {
    m_builder.note(fmt::format("{} produced more than once: \"{}\"",
                               counted(m_produced_again.count, "blob"), m_produced_again.first));
  }
  if (m_without_shape.count != 0) {
    m_builder.note(fmt::format("{} without a shape, first \"{}\"",
                               counted(m_without_shape.count, "blob"), m_without_shape.first));
  }
}

Function NetReader::finish() {
  add_notes();
  std::vector<ValueId> outputs;
  for (const auto& op : m_operations) {
    for (const auto id : op.outputs) {
      if (state(id).is_output || !state(id).consumed)
        outputs.push_back(id);
    }
  }
  return {.name = "main",
          .inputs = m_builder.store(m_inputs),
          .body = {.label = "main",
                   .operations = m_builder.store_operations(m_operations),
                   .outputs = m_builder.store(outputs)}};
}

Result<EspressoShapes> read_shapes(std::string_view text, const std::string& path,
                                   GraphBuilder& builder, const ReadLimits& limits) {
  auto shapes = read_espresso_shapes(text, builder, limits);
  if (!shapes)
    return fail(std::move(shapes.error()).in_file(path));
  return shapes;
}

Result<EspressoNetInfo> read_layers(std::string_view text, NetReader& reader,
                                    const ReadLimits& limits) {
  ANECOMPAT_TRY_ASSIGN(auto info,
                       parse_espresso_net(text, limits, [&reader](const EspressoLayer& layer) {
                         return reader.add_layer(layer);
                       }));
  if (!info.has_layers) {
    return fail({.message = "has no \"layers\": not an espresso network",
                 .advice = "check that the bundle was copied whole"});
  }
  return info;
}

void add_notes(const EspressoNetInfo& info, GraphBuilder& builder) {
  if (!info.format_version)
    builder.note("the network does not tell its format version");
  else if (*info.format_version < k_oldest_known_format)
    builder.note(fmt::format("format version {} is older than any this version knows",
                             *info.format_version));
  if (!info.preprocessed.empty()) {
    builder.note(
        fmt::format("preprocessing of {} (scale and bias of an image) is not part of the "
                    "graph, first \"{}\"",
                    counted(info.preprocessed.size(), "input"),
                    printable(elide_middle(info.preprocessed.front(), 200))));
  }
  for (const auto& key : info.other_keys)
    builder.note(fmt::format("\"{}\" is not looked into", key));
}

}  // namespace

Result<EspressoParts> read_espresso_text(std::string_view net, std::string_view shape,
                                         const std::string& directory, GraphBuilder& builder,
                                         const ReadContext& context) {
  const auto path = [&directory](std::string_view name) {
    return directory.empty() ? std::string(name) : fmt::format("{}/{}", directory, name);
  };
  EspressoShapes shapes;
  if (!shape.empty()) {
    ANECOMPAT_TRY_ASSIGN(shapes, read_shapes(shape, path(k_shape_name), builder, context.limits));
  }
  NetReader reader(std::move(shapes), builder, context);
  auto info = read_layers(net, reader, context.limits);
  if (!info)
    return fail(std::move(info.error()).in_file(path(k_net_name)));
  add_notes(*info, builder);
  const auto function = reader.finish();
  return EspressoParts{.functions = builder.store({function}),
                       .weights = reader.weights().summarize(directory, info->storage, builder)};
}

Result<EspressoParts> read_espresso(const std::string& directory, GraphBuilder& builder,
                                    const ReadContext& context) {
  ANECOMPAT_TRY_ASSIGN(
      const auto net,
      read_espresso_file(fmt::format("{}/{}", directory, k_net_name), context.limits));
  auto shape = read_espresso_file(fmt::format("{}/{}", directory, k_shape_name), context.limits);
  if (!shape && shape.error().kind != ErrorKind::not_found)
    return fail(std::move(shape.error()));
  if (!shape)
    builder.note("there is no model.espresso.shape: shapes are unknown");
  return read_espresso_text(net.text(), shape ? shape->text() : std::string_view(), directory,
                            builder, context);
}

}  // namespace anecompat::coreml
