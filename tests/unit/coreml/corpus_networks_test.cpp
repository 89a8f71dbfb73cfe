// The neural networks, pipelines and classic models of the corpus, against what its index says of
// them and against their compiled twins.
#include "coreml/reader.hpp"
#include "coreml/walk.hpp"
#include "support/corpus.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace anecompat::coreml {
namespace {

using Histogram = std::map<std::string, int>;

// Layer counts by name as the index has them, from Apple's own Python bindings: "layers=12:
// activation 4, convolution 3; …".
Histogram expected_layers(const std::string& notes) {
  Histogram layers;
  const std::regex list("layers=[0-9]+: ([^;}]*)");
  std::smatch found;
  if (!std::regex_search(notes, found, list))
    return layers;
  std::stringstream stream(found[1].str());
  for (std::string item; std::getline(stream, item, ',');) {
    std::stringstream words(item);
    std::string name;
    int count = 0;
    words >> name >> count;
    layers[name] = count;
  }
  return layers;
}

Histogram read_layers(const Graph& graph) {
  Histogram layers;
  walk_all(graph, [&](const OperationSite& site) {
    if (site.model.kind == ModelKind::neural_network)
      ++layers[std::string(site.op.source_type)];
  });
  return layers;
}

TEST(CorpusNetworks, HaveTheLayersTheIndexCounts) {
  ANECOMPAT_REQUIRE_CORPUS();
  int networks = 0;
  for (const auto& model : test::corpus_models()) {
    if (model.kind != "nn")
      continue;
    SCOPED_TRACE(model.name);
    const auto graph = read_model(model.path);
    ASSERT_TRUE(graph) << graph.error().to_string();
    EXPECT_EQ(graph->format(), "mlmodel");
    EXPECT_EQ(graph->model().kind, ModelKind::neural_network);
    EXPECT_EQ(read_layers(*graph), expected_layers(model.notes));
    EXPECT_EQ(graph->model().updatable, model.notes.starts_with("updatable"));
    ++networks;
  }
  EXPECT_EQ(networks, 26);
}

TEST(CorpusNetworks, WireEveryLayerToSomethingThatExists) {
  ANECOMPAT_REQUIRE_CORPUS();
  for (const auto& model : test::corpus_models()) {
    if (model.kind != "nn" && model.kind != "pipeline")
      continue;
    SCOPED_TRACE(model.name);
    const auto graph = read_model(model.path);
    ASSERT_TRUE(graph) << graph.error().to_string();
    for (const auto& remark : graph->notes())
      EXPECT_TRUE(remark.text.find("preprocessed") != std::string::npos) << remark.text;
  }
}

TEST(CorpusNetworks, HaveAShapeForEveryValue) {
  ANECOMPAT_REQUIRE_CORPUS();
  for (const auto& model : test::corpus_models()) {
    if (model.kind != "nn")
      continue;
    SCOPED_TRACE(model.name);
    const auto graph = read_model(model.path);
    ASSERT_TRUE(graph) << graph.error().to_string();
    for (const auto& value : graph->values())
      EXPECT_TRUE(value.type.shape.is_static()) << value.name << " " << value.type.to_string();
  }
}

TEST(CorpusNetworks, HaveTheShapesOfTheirCompiledTwin) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto base = *test::corpus_directory() + "/models/getbouncer__cardscan-ios/CardScan/Assets/";
  const auto graph = read_model(base + "FindFour.mlmodel");
  ASSERT_TRUE(graph) << graph.error().to_string();
  std::ifstream file(base + "FindFour.mlmodelc/model.espresso.shape");
  const auto shapes = nlohmann::json::parse(file).at("layer_shapes");
  int compared = 0;
  for (const auto& value : graph->values()) {
    const auto blob = shapes.find(std::string(value.name));
    if (blob == shapes.end())
      continue;
    const std::vector<std::int64_t> expected = {blob->at("n"), blob->at("k"), blob->at("h"),
                                                blob->at("w")};
    EXPECT_THAT(value.type.shape.dims, testing::ElementsAreArray(expected)) << value.name;
    ++compared;
  }
  EXPECT_GT(compared, 60);
}

TEST(CorpusNetworks, TranslateAWholeNetworkIntoMilWords) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto graph = read_model(*test::corpus_directory() +
                                "/models/apple__coremltools/examples/updatable_models/models/"
                                "TinyDrawingEmbedding.mlmodel");
  ASSERT_TRUE(graph) << graph.error().to_string();
  std::vector<std::string> lines;
  walk(*graph, "", [&](const OperationSite& site) {
    const auto& shape = graph->value(site.op.outputs[0]).type.shape;
    lines.push_back(std::string(site.op.type) + " " + shape.to_string());
  });
  EXPECT_THAT(lines, testing::ElementsAre(
                         "conv [1, 16, 28, 28]", "relu [1, 16, 28, 28]", "max_pool [1, 16, 14, 14]",
                         "conv [1, 32, 14, 14]", "relu [1, 32, 14, 14]", "max_pool [1, 32, 7, 7]",
                         "conv [1, 64, 7, 7]", "relu [1, 64, 7, 7]", "max_pool [1, 64, 3, 3]",
                         "reshape [1, 576, 1, 1]", "linear [1, 128, 1, 1]", "relu [1, 128, 1, 1]"));
  const auto& conv = graph->model().functions[0].body.operations[0];
  EXPECT_THAT(*conv.attribute("weight_shape")->value.ints(), testing::ElementsAre(16, 1, 3, 3));
  EXPECT_EQ(conv.attribute("pad_type")->value.as_string(), "same");
  EXPECT_EQ(conv.label, "conv2d_4");
  EXPECT_EQ(conv.name, "conv2d_4_output");
}

TEST(CorpusPipelines, HaveTheirStages) {
  ANECOMPAT_REQUIRE_CORPUS();
  int pipelines = 0;
  for (const auto& model : test::corpus_models()) {
    if (model.kind != "pipeline")
      continue;
    SCOPED_TRACE(model.name);
    const auto graph = read_model(model.path);
    ASSERT_TRUE(graph) << graph.error().to_string();
    const auto& root = graph->model();
    EXPECT_EQ(root.kind, ModelKind::pipeline);
    EXPECT_EQ(root.type_name, "pipelineClassifier");
    ASSERT_EQ(root.stages.size(), 2U);
    for (const auto& stage : root.stages) {
      EXPECT_NE(model.notes.find(std::string(stage.type_name)), std::string::npos)
          << stage.type_name;
    }
    ++pipelines;
  }
  EXPECT_EQ(pipelines, 8);
}

TEST(CorpusClassics, AreOneNode) {
  ANECOMPAT_REQUIRE_CORPUS();
  int classics = 0;
  for (const auto& model : test::corpus_models()) {
    if (model.kind != "classic")
      continue;
    SCOPED_TRACE(model.name);
    const auto graph = read_model(model.path);
    ASSERT_TRUE(graph) << graph.error().to_string();
    EXPECT_EQ(graph->model().kind, ModelKind::classic);
    EXPECT_TRUE(model.notes.starts_with(std::string(graph->model().type_name)));
    EXPECT_EQ(graph->operation_count(), 1U);
    const auto& node = graph->model().functions[0].body.operations[0];
    EXPECT_EQ(node.type, graph->model().type_name);
    EXPECT_EQ(node.inputs.size(), graph->model().inputs.size());
    EXPECT_EQ(node.outputs.size(), graph->model().outputs.size());
    ++classics;
  }
  EXPECT_EQ(classics, 4);
}

TEST(CorpusUnreadable, IsRefusedWithAReason) {
  ANECOMPAT_REQUIRE_CORPUS();
  int refused = 0;
  for (const auto& model : test::corpus_models()) {
    if (model.kind != "UNREADABLE")
      continue;
    SCOPED_TRACE(model.name);
    const auto graph = read_model(model.path);
    ASSERT_FALSE(graph);
    EXPECT_EQ(graph.error().kind, ErrorKind::unreadable);
    EXPECT_EQ(graph.error().file, model.path);
    EXPECT_THAT(graph.error().message,
                testing::HasSubstr("it was written before the format was fixed"));
    ++refused;
  }
  EXPECT_EQ(refused, 6);
}

}  // namespace
}  // namespace anecompat::coreml
