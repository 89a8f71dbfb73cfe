#include "coreml/espresso_reader.hpp"

#include "support/corpus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace anecompat::coreml {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

struct Reading {
  std::optional<Graph> graph;
  Error error;

  const Function& function() const { return graph->model().functions[0]; }
  std::span<const Operation> ops() const { return function().body.operations; }
};

Reading finish(Result<EspressoParts> parts, GraphBuilder builder) {
  if (!parts)
    return {.graph = std::nullopt, .error = parts.error()};
  Model model = {.kind = ModelKind::neural_network};
  model.functions = parts->functions;
  model.weights = parts->weights;
  return {.graph = std::move(builder).finish(model), .error = {}};
}

Reading read(std::string_view net, std::string_view shape = {}) {
  GraphBuilder builder("mlmodelc");
  auto parts = read_espresso_text(net, shape, "", builder, {});
  return finish(std::move(parts), std::move(builder));
}

Reading read_corpus(std::string_view name) {
  GraphBuilder builder("mlmodelc");
  auto parts =
      read_espresso(*test::corpus_directory() + "/models/" + std::string(name), builder, {});
  return finish(std::move(parts), std::move(builder));
}

std::map<std::string, int> histogram(const Reading& reading) {
  std::map<std::string, int> counts;
  for (const auto& op : reading.ops())
    ++counts[std::string(op.source_type)];
  return counts;
}

constexpr std::string_view k_find_four =
    "getbouncer__cardscan-ios/CardScan/Assets/FindFour.mlmodelc";
constexpr std::string_view k_ux = "getbouncer__cardscan-ios/uxmodel.mlmodelc";
constexpr std::string_view k_s4tf =
    "JacopoMangiavacchi__S4TF_CoreML_Test/Models/s4tf_model_retrained.mlmodelc";

TEST(EspressoReader, CorpusBundlesHaveTheirLayers) {
  ANECOMPAT_REQUIRE_CORPUS();
  EXPECT_THAT(histogram(read_corpus(k_find_four)),
              UnorderedElementsAre(Pair("activation", 42), Pair("convolution", 26),
                                   Pair("elementwise", 21), Pair("softmax", 1)));
  EXPECT_THAT(
      histogram(read_corpus(k_ux)),
      UnorderedElementsAre(Pair("activation", 72), Pair("convolution", 54), Pair("elementwise", 46),
                           Pair("reshape", 2), Pair("pool", 1), Pair("softmax", 1)));
  EXPECT_THAT(histogram(read_corpus(k_s4tf)), UnorderedElementsAre(Pair("inner_product", 1)));
}

TEST(EspressoReader, CorpusBundlesHaveAllShapesAndNoUnknownLayer) {
  ANECOMPAT_REQUIRE_CORPUS();
  for (const auto name : {k_find_four, k_ux, k_s4tf}) {
    const auto reading = read_corpus(name);
    ASSERT_TRUE(reading.graph) << reading.error.to_string();
    for (const auto& value : reading.graph->values())
      EXPECT_TRUE(value.type.shape.is_static()) << value.name;
    for (const auto& op : reading.ops())
      EXPECT_THAT(std::string(op.type), testing::Not(HasSubstr("unknown"))) << op.name;
  }
}

TEST(EspressoReader, ConvolutionHasMilAttributes) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto reading = read_corpus(k_find_four);
  ASSERT_TRUE(reading.graph);
  const auto& conv = reading.ops()[0];
  const auto& graph = *reading.graph;
  EXPECT_EQ(conv.type, "conv");
  EXPECT_EQ(conv.label, "conv1");
  EXPECT_THAT(*graph.parameter(conv, "kernel_sizes")->ints(), ElementsAre(3, 3));
  EXPECT_THAT(*graph.parameter(conv, "strides")->ints(), ElementsAre(2, 2));
  EXPECT_THAT(*graph.parameter(conv, "pad")->ints(), ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(*graph.parameter(conv, "weight_shape")->ints(), ElementsAre(16, 3, 3, 3));
  EXPECT_EQ(graph.operand(conv, "x")->type.shape.to_string(), "[1, 3, 302, 480]");
  EXPECT_TRUE(conv.attribute("fused_relu") != nullptr);
  EXPECT_EQ(graph.parameter(reading.ops().back(), "axis")->as_int(), -3);
}

TEST(EspressoReader, WeightsAreSummedUpFromTheTable) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto reading = read_corpus(k_ux);
  ASSERT_TRUE(reading.graph);
  const auto weights = reading.graph->model().weights;
  ASSERT_EQ(weights.size(), 2U);
  EXPECT_EQ(weights[0].encoding, "fp16");
  EXPECT_EQ(weights[0].tensors, 54U);
  EXPECT_EQ(weights[1].encoding, "fp32");
  EXPECT_LT(weights[0].bytes + weights[1].bytes, 1381120U);
  EXPECT_GT(weights[0].bytes, 1000000U);
}

TEST(EspressoReader, UnknownLayersKeepTheirWiring) {
  const auto reading = read(
      R"({"layers":[{"type":"warp","bottom":"a,b","top":"c"},{"type":"activation","mode":99,"bottom":"c","top":"d"}]})");
  ASSERT_TRUE(reading.graph);
  EXPECT_EQ(reading.ops()[0].type, "unknown_layer_warp");
  EXPECT_EQ(reading.ops()[0].inputs[0].values.size(), 2U);
  EXPECT_EQ(reading.ops()[1].type, "unknown_layer_activation_99");
  EXPECT_EQ(reading.function().inputs.size(), 2U);
  EXPECT_EQ(reading.function().body.outputs.size(), 1U);
}

TEST(EspressoReader, CyclicBottomsStayAGraphWithoutCycles) {
  const auto reading = read(
      R"({"layers":[{"type":"copy","bottom":"b","top":"a"},{"type":"copy","bottom":"a","top":"b"}]})");
  ASSERT_TRUE(reading.graph);
  EXPECT_EQ(reading.function().inputs.size(), 1U);
  EXPECT_EQ(reading.function().body.outputs.size(), 1U);
}

TEST(EspressoReader, ConstantsAreConstants) {
  const auto reading = read(
      R"({"layers":[{"type":"load_constant","top":"c","constant_blob":3},{"type":"elementwise","operation":0,"bottom":"x,c","top":"y"}]})");
  ASSERT_TRUE(reading.graph);
  EXPECT_EQ(reading.ops()[0].type, "const");
  EXPECT_EQ(reading.ops()[0].kind, OperationKind::constant);
  EXPECT_TRUE(reading.graph->value(reading.ops()[0].outputs[0]).is_constant);
  EXPECT_EQ(reading.ops()[1].kind, OperationKind::compute);
  EXPECT_EQ(reading.function().inputs.size(), 1U);
}

TEST(EspressoReader, SoftmaxIsAlongTheAxisThatIsNumberedFromTheInside) {
  const auto axis_of = [](std::string_view layer) {
    const auto reading =
        read(std::string(R"({"layers":[{"type":"softmax","bottom":"a","top":"b")") +
             std::string(layer) + "}]}");
    return reading.ops()[0].attribute("axis")->value.as_int();
  };
  EXPECT_EQ(axis_of(R"(,"C":2)"), -3);
  EXPECT_EQ(axis_of(R"(,"C":0)"), -1);
  EXPECT_EQ(axis_of(""), -3);
  // A number of channels is no axis.
  EXPECT_EQ(axis_of(R"(,"C":1000)"), -3);
}

TEST(EspressoReader, MistakesNameTheirPlace) {
  EXPECT_THAT(read(R"({"layers":[{"name":"x"}]})").error.message, HasSubstr("layers[0]"));
  EXPECT_THAT(read(R"({"layers":[{"type":7}]})").error.message, HasSubstr("layers[0].type"));
  EXPECT_THAT(read(R"({"layers":[1]})").error.message, HasSubstr("layers[0]: not an object"));
  EXPECT_THAT(read(R"({"layers":3})").error.message, HasSubstr("layers: not an array"));
  EXPECT_THAT(read(R"({"layers":{"a":1}})").error.message, HasSubstr("layers: not an array"));
  EXPECT_THAT(read("{}").error.message, HasSubstr("has no \"layers\""));
  const auto broken = read("{\n  \"layers\": [}").error;
  EXPECT_THAT(broken.message, HasSubstr("not valid JSON"));
  EXPECT_EQ(broken.position.line, 2U);
}

TEST(EspressoReader, HostileNumbersAndNestingAreRefusedOrHarmless) {
  EXPECT_THAT(read("{\"layers\":" + std::string(100000, '[')).error.message,
              HasSubstr("layers[0]: not an object"));
  EXPECT_THAT(read("{\"x\":" + std::string(100000, '[')).error.message, HasSubstr("nested"));
  EXPECT_THAT(read(R"({"layers":[]})", R"({"layer_shapes":{"a":{"k":1e30}}})").error.message,
              HasSubstr("layer_shapes.a.k"));
  EXPECT_THAT(read(R"({"layers":[]})", R"({"layer_shapes":{"a":{"_rank":9}}})").error.message,
              HasSubstr("_rank"));
  EXPECT_TRUE(
      read(
          R"({"layers":[{"type":"convolution","n_groups":-1,"K":-9223372036854775808,"C":1e300,"bottom":"a","top":"b"}]})")
          .graph);
}

}  // namespace
}  // namespace anecompat::coreml
