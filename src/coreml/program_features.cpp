#include "coreml/program_features.hpp"

#include "coreml/mil_tree.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace anecompat::coreml {

namespace {

constexpr int k_max_depth = 16;  // the attribute nests six deep

// What {{"name", value}, …} has for `name`, or null.
const MilTree* entry_of(const MilTree& dictionary, std::string_view name) {
  for (const auto& pair : dictionary.items) {
    if (pair.is_sequence_of(2) && pair.items[0].kind == MilTree::Kind::string &&
        pair.items[0].text == name)
      return &pair.items[1];
  }
  return nullptr;
}

std::int64_t to_dimension(const MilTree& tree) {
  constexpr double k_largest = 9e15;  // exactly representable
  if (tree.kind != MilTree::Kind::number || !(tree.number >= 0 && tree.number <= k_largest))
    return k_unknown_dim;
  return static_cast<std::int64_t>(tree.number);
}

Shape to_shape(const MilTree& tree, GraphBuilder& builder) {
  std::vector<std::int64_t> dims;
  for (const auto& item : tree.items)
    dims.push_back(to_dimension(item));
  return builder.shape(dims);
}

Flexibility to_ranges(const MilTree& tree, GraphBuilder& builder) {
  std::vector<Flexibility::Range> ranges;
  for (const auto& item : tree.items) {
    if (!item.is_sequence_of(2))
      return {};
    ranges.push_back({.lower = std::max<std::int64_t>(to_dimension(item.items[0]), 0),
                      .upper = to_dimension(item.items[1])});
  }
  return {.kind = Flexibility::Kind::range, .ranges = builder.store(ranges)};
}

Flexibility to_enumeration(const MilTree& sets, std::string_view name, GraphBuilder& builder) {
  std::vector<Shape> shapes;
  for (const auto& set : sets.items) {
    if (!set.is_sequence_of(2))
      continue;
    if (const auto* shape = entry_of(set.items[1], name))
      shapes.push_back(to_shape(*shape, builder));
  }
  if (shapes.empty())
    return {};
  return {.kind = Flexibility::Kind::enumerated, .shapes = builder.store(shapes)};
}

void apply(const MilTree& information, Feature& feature, GraphBuilder& builder) {
  if (const auto* defaults = entry_of(information, "DefaultShapes")) {
    if (const auto* shape = entry_of(*defaults, feature.name))
      feature.shape = to_shape(*shape, builder);
  }
  if (const auto* ranges = entry_of(information, "RangeDims")) {
    if (const auto* of_feature = entry_of(*ranges, feature.name))
      feature.flexibility = to_ranges(*of_feature, builder);
  }
  if (const auto* sets = entry_of(information, "EnumeratedShapes"))
    feature.flexibility = to_enumeration(*sets, feature.name, builder);
}

Feature to_feature(const Value& value) {
  Feature feature{.name = value.name, .dtype = value.type.dtype, .shape = value.type.shape};
  switch (value.type.kind) {
    case ValueType::Kind::tensor:
      feature.kind =
          value.type.dtype == DataType::string ? Feature::Kind::string : Feature::Kind::multi_array;
      break;
    case ValueType::Kind::state:
      feature.kind = Feature::Kind::state;
      break;
    case ValueType::Kind::dictionary:
      feature.kind = Feature::Kind::dictionary;
      break;
    case ValueType::Kind::list:
      feature.kind = Feature::Kind::sequence;
      break;
    default:
      break;
  }
  return feature;
}

}  // namespace

ProgramFeatures features_of(const Function& function, const MilFunctionText* text,
                            GraphBuilder& builder) {
  std::vector<Feature> inputs;
  std::vector<Feature> states;
  std::vector<Feature> outputs;
  for (const auto id : function.inputs) {
    const auto feature = to_feature(builder.value(id));
    (feature.kind == Feature::Kind::state ? states : inputs).push_back(feature);
  }
  for (const auto id : function.body.outputs)
    outputs.push_back(to_feature(builder.value(id)));
  const auto stored = builder.store(inputs);
  return {.inputs = text == nullptr ? stored : with_flexibility(stored, *text, builder),
          .outputs = builder.store(outputs),
          .states = builder.store(states)};
}

std::span<const Feature> with_flexibility(std::span<const Feature> features,
                                          const MilFunctionText& text, GraphBuilder& builder) {
  const auto attribute =
      std::ranges::find(text.attributes, "FlexibleShapeInformation", &MilAttributeText::name);
  if (attribute == text.attributes.end())
    return features;
  const auto information = parse_mil_tree(attribute->text, k_max_depth);
  if (!information || information->kind != MilTree::Kind::sequence) {
    builder.note("FlexibleShapeInformation is not of the known form and was not used");
    return features;
  }
  std::vector<Feature> flexible(features.begin(), features.end());
  for (auto& feature : flexible) {
    if (feature.flexibility.kind == Flexibility::Kind::fixed)
      apply(*information, feature, builder);
  }
  return builder.store(flexible);
}

std::string_view default_function_of(std::span<const Function> functions) {
  if (functions.empty())
    return {};
  const auto main = std::ranges::find(functions, "main", &Function::name);
  return main == functions.end() ? functions.front().name : main->name;
}

std::int64_t spec_version_of_opset(std::string_view opset) {
  struct Row {
    std::string_view text;
    std::string_view key;
    std::int64_t version;
  };
  constexpr std::array k_rows = {
      Row{"ios13", "CoreML3", 4},  Row{"ios14", "CoreML4", 5}, Row{"ios15", "CoreML5", 6},
      Row{"ios16", "CoreML6", 7},  Row{"ios17", "CoreML7", 8}, Row{"ios18", "CoreML8", 9},
      Row{"ios26", "CoreML9", 10},
  };
  const auto* row =
      std::ranges::find_if(k_rows, [&](const Row& r) { return r.text == opset || r.key == opset; });
  return row == k_rows.end() ? 0 : row->version;
}

}  // namespace anecompat::coreml
