// libprotobuf and our decoder must see the same layers, stages and features in every model file of
// the corpus: names, kinds, inputs and outputs, nested networks and pipelines too.
#include "coreml/layer_table.hpp"
#include "coreml/reader.hpp"
#include "support/corpus.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <model.pb.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace anecompat::coreml {

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

std::string feature_line(const Feature& feature) {
  auto line = std::string(feature.name) + (feature.optional ? " optional" : "");
  switch (feature.kind) {
    case Feature::Kind::int64:
      return line + " int64";
    case Feature::Kind::float64:
      return line + " double";
    case Feature::Kind::string:
      return line + " string";
    case Feature::Kind::image:
      return line + " image " + std::to_string(feature.shape.dims[3]) + "x" +
             std::to_string(feature.shape.dims[2]);
    case Feature::Kind::multi_array:
      return line + " array";
    default:
      return line + " other";
  }
}

std::string feature_line(const peer::Feature& feature) {
  const auto& type = feature.type();
  auto line = feature.name() + (type.is_optional() ? " optional" : "");
  switch (type.type_case()) {
    case peer::FeatureType::kInt64Type:
      return line + " int64";
    case peer::FeatureType::kDoubleType:
      return line + " double";
    case peer::FeatureType::kStringType:
      return line + " string";
    case peer::FeatureType::kImageType:
      return line + " image " + std::to_string(type.image_type().width()) + "x" +
             std::to_string(type.image_type().height());
    case peer::FeatureType::kArrayType:
      return line + " array";
    default:
      return line + " other";
  }
}

void add_layer_line(const std::string& prefix, std::string_view kind, const std::string& name,
                    const Lines& inputs, const Lines& outputs, Lines& lines) {
  auto line = prefix + std::string(kind) + " " + name + " <-";
  for (const auto& input : inputs)
    line += " " + input;
  line += " ->";
  for (const auto& output : outputs)
    line += " " + output;
  lines.push_back(line);
}

// Inputs of an operation in the order of the file: values are numbered as they are met, but names
// of parameters are sorted. The row of the layer knows the order.
Lines inputs_in_order(const Graph& graph, const Operation& op) {
  Lines inputs;
  const auto add = [&](const Argument& argument) {
    for (const auto id : argument.values)
      inputs.emplace_back(graph.value(id).name);
  };
  constexpr std::string_view k_order[] = {
      "values",    "cond",           "pred",           "condition",  "data",   "x",
      "a",         "boxes",          "indices",        "ref_tensor", "shape",  "b",
      "y",         "scores",         "updates",        "lengths",    "weight", "initial_h",
      "initial_c", "initial_h_back", "initial_c_back", "reps",       "begin",  "end",
      "extra"};
  std::size_t found = 0;
  for (const auto name : k_order) {
    if (const auto* argument = op.argument(name)) {
      add(*argument);
      ++found;
    }
  }
  return found == op.inputs.size() ? inputs : Lines{"an operand this test does not know"};
}

void list_ours(const Graph& graph, const Block& block, const std::string& prefix, Lines& lines) {
  for (const auto& op : block.operations) {
    Lines outputs;
    // What a body writes is no output of the layer in the file.
    if (op.blocks.empty()) {
      for (const auto id : op.outputs)
        outputs.emplace_back(graph.value(id).name);
    }
    add_layer_line(prefix, op.source_type, std::string(op.label), inputs_in_order(graph, op),
                   outputs, lines);
    for (const auto& nested : op.blocks)
      list_ours(graph, nested, prefix + "  ", lines);
  }
}

void list_theirs(const peer::NeuralNetwork& network, const std::string& prefix, Lines& lines) {
  for (const auto& layer : network.layers()) {
    std::string kind = layer.has_branch() ? "branch" : layer.has_loop() ? "loop" : "unknown_layer";
    const auto& unknown = layer.GetReflection()->GetUnknownFields(layer);
    for (int i = 0; i < unknown.field_count(); ++i) {
      if (const auto* row = find_layer(static_cast<std::uint32_t>(unknown.field(i).number())))
        kind = row->name;
    }
    add_layer_line(prefix, kind, layer.name(), {layer.input().begin(), layer.input().end()},
                   {layer.output().begin(), layer.output().end()}, lines);
    if (layer.has_branch()) {
      list_theirs(layer.branch().if_branch(), prefix + "  ", lines);
      list_theirs(layer.branch().else_branch(), prefix + "  ", lines);
    }
    if (layer.has_loop()) {
      list_theirs(layer.loop().condition_network(), prefix + "  ", lines);
      list_theirs(layer.loop().body_network(), prefix + "  ", lines);
    }
  }
}

void list_ours(const Graph& graph, const Model& model, const std::string& prefix, Lines& lines) {
  lines.push_back(prefix + "specification " + std::to_string(model.spec_version) +
                  (model.updatable ? " updatable" : ""));
  for (const auto& feature : model.inputs)
    lines.push_back(prefix + "in " + feature_line(feature));
  for (const auto& feature : model.outputs)
    lines.push_back(prefix + "out " + feature_line(feature));
  if (model.kind == ModelKind::neural_network)
    list_ours(graph, model.functions[0].body, prefix, lines);
  for (const auto& stage : model.stages)
    list_ours(graph, stage, prefix + std::string(stage.name) + "/", lines);
}

void list_theirs(const peer::Model& model, const std::string& prefix, Lines& lines) {
  lines.push_back(prefix + "specification " + std::to_string(model.specification_version()) +
                  (model.is_updatable() ? " updatable" : ""));
  for (const auto& feature : model.description().input())
    lines.push_back(prefix + "in " + feature_line(feature));
  for (const auto& feature : model.description().output())
    lines.push_back(prefix + "out " + feature_line(feature));
  const peer::Pipeline* pipeline = nullptr;
  switch (model.type_case()) {
    case peer::Model::kNeuralNetwork:
      list_theirs(model.neural_network(), prefix, lines);
      break;
    case peer::Model::kNeuralNetworkClassifier:
      list_theirs(model.neural_network_classifier(), prefix, lines);
      break;
    case peer::Model::kNeuralNetworkRegressor:
      list_theirs(model.neural_network_regressor(), prefix, lines);
      break;
    case peer::Model::kPipeline:
      pipeline = &model.pipeline();
      break;
    case peer::Model::kPipelineClassifier:
      pipeline = &model.pipeline_classifier().pipeline();
      break;
    case peer::Model::kPipelineRegressor:
      pipeline = &model.pipeline_regressor().pipeline();
      break;
    default:
      break;
  }
  for (int i = 0; pipeline != nullptr && i < pipeline->models_size(); ++i) {
    const auto name = i < pipeline->names_size() ? pipeline->names(i) : "model" + std::to_string(i);
    list_theirs(pipeline->models(i), prefix + name + "/", lines);
  }
}

Lines theirs(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  peer::Model model;
  if (!model.ParseFromString(bytes))
    return {"libprotobuf refuses the file"};
  Lines lines;
  list_theirs(model, "", lines);
  return lines;
}

Lines ours(const std::string& path) {
  const auto graph = read_model(path);
  if (!graph)
    return {graph.error().to_string()};
  Lines lines;
  list_ours(*graph, graph->model(), "", lines);
  return lines;
}

}  // namespace

TEST(ProtobufPeer, sees_the_same_layers_stages_and_features_in_every_model) {
  ANECOMPAT_REQUIRE_CORPUS();
  std::size_t compared = 0;
  std::size_t lines = 0;
  for (const auto& model : test::corpus_models()) {
    if (model.kind == "UNREADABLE" || fs::path(model.path).extension() != ".mlmodel")
      continue;
    SCOPED_TRACE(model.name);
    const auto expected = theirs(model.path);
    EXPECT_EQ(ours(model.path), expected);
    ++compared;
    lines += expected.size();
  }
  // 26 networks, 8 pipelines, 3 classic models (the fourth is a .gz).
  EXPECT_EQ(compared, 37U);
  EXPECT_GT(lines, 2500U);
}

}  // namespace anecompat::coreml
