#include "coreml/model_reader.hpp"

#include "support/protobuf_writer.hpp"

namespace anecompat::coreml {
namespace {

using test::ProtobufWriter;
using testing::ElementsAre;
using testing::HasSubstr;

struct ReadModel {
  explicit ReadModel(const std::string& bytes)
      : source(ByteSource::from_memory({bytes.begin(), bytes.end()}, "test")),
        builder("mlmodel"),
        result(read_model_message(WireReader(*source, status), builder, {})) {}

  std::shared_ptr<ByteSource> source;
  WireStatus status;
  GraphBuilder builder;
  Result<Model> result;
};

ProtobufWriter feature(std::string_view name, std::uint32_t kind, const ProtobufWriter& type) {
  return ProtobufWriter().bytes(1, name).message(3, ProtobufWriter().message(kind, type));
}

// A model whose only input is of that type.
Feature read_input(std::uint32_t kind, const ProtobufWriter& type) {
  const auto description = ProtobufWriter().message(1, feature("in", kind, type));
  const ReadModel model(ProtobufWriter().varint(1, 9).message(2, description).bytes(900, "").str());
  if (!model.result || model.result->inputs.size() != 1)
    return {};
  auto input = model.result->inputs[0];
  // The spans live as long as the builder; shapes are compared as text by callers that need them.
  input.shape = {};
  return input;
}

std::string input_shape(std::uint32_t kind, const ProtobufWriter& type) {
  const auto description = ProtobufWriter().message(1, feature("in", kind, type));
  const ReadModel model(ProtobufWriter().varint(1, 9).message(2, description).bytes(900, "").str());
  return model.result ? model.result->inputs[0].shape.to_string() : model.result.error().message;
}

TEST(ModelReader, NamesEveryTypeOfModelThatIsOneNode) {
  const std::pair<std::uint32_t, std::string_view> types[] = {
      {300, "glmRegressor"},
      {301, "supportVectorRegressor"},
      {302, "treeEnsembleRegressor"},
      {304, "bayesianProbitRegressor"},
      {400, "glmClassifier"},
      {401, "supportVectorClassifier"},
      {402, "treeEnsembleClassifier"},
      {404, "kNearestNeighborsClassifier"},
      {501, "itemSimilarityRecommender"},
      {560, "classConfidenceThresholding"},
      {600, "oneHotEncoder"},
      {601, "imputer"},
      {602, "featureVectorizer"},
      {603, "dictVectorizer"},
      {604, "scaler"},
      {606, "categoricalMapping"},
      {607, "normalizer"},
      {609, "arrayFeatureExtractor"},
      {610, "nonMaximumSuppression"},
      {900, "identity"},
      {2000, "textClassifier"},
      {2001, "wordTagger"},
      {2002, "visionFeaturePrint"},
      {2003, "soundAnalysisPreprocessing"},
      {2004, "gazetteer"},
      {2005, "wordEmbedding"},
      {2006, "audioFeaturePrint"},
  };
  for (const auto& [field, name] : types) {
    const ReadModel model(ProtobufWriter().varint(1, 1).bytes(field, "").str());
    ASSERT_TRUE(model.result) << name;
    EXPECT_EQ(model.result->type_name, name);
    EXPECT_EQ(model.result->kind, ModelKind::classic) << name;
    EXPECT_EQ(model.result->functions[0].body.operations[0].type, name);
  }
}

TEST(ModelReader, KeepsWhatCannotBeLookedIntoAsOneOpaqueNode) {
  for (const std::uint32_t field : {555U, 556U, 3000U, 777U}) {
    const ReadModel model(ProtobufWriter().varint(1, 9).bytes(field, "").str());
    ASSERT_TRUE(model.result) << field;
    EXPECT_EQ(model.result->kind, ModelKind::opaque);
    EXPECT_EQ(model.result->functions[0].body.operations.size(), 1U);
  }
}

TEST(ModelReader, TakesTheLastTypeAndMergesTheSameOne) {
  const auto layers = [](std::string_view name) {
    return ProtobufWriter().message(1, ProtobufWriter().bytes(1, name).bytes(670, ""));
  };
  const ReadModel last(
      ProtobufWriter().varint(1, 4).message(500, layers("a")).bytes(900, "").str());
  EXPECT_EQ(last.result->type_name, "identity");
  const ReadModel merged(
      ProtobufWriter().varint(1, 4).message(500, layers("a")).message(500, layers("b")).str());
  ASSERT_TRUE(merged.result);
  EXPECT_EQ(merged.result->functions[0].body.operations.size(), 2U);
  // A type nobody knows does not replace a known one.
  const ReadModel future(
      ProtobufWriter().varint(1, 4).message(500, layers("a")).bytes(777, "").str());
  EXPECT_EQ(future.result->type_name, "neuralNetwork");
}

TEST(ModelReader, RefusesAMessageWithoutAModel) {
  EXPECT_THAT(ReadModel("").result.error().message, HasSubstr("it is empty"));
  EXPECT_THAT(ReadModel(ProtobufWriter().varint(1, 5).str()).result.error().message,
              HasSubstr("holds no model"));
}

TEST(ModelReader, ReadsImagesWithTheirChannels) {
  const auto size = [](std::int64_t color) {
    return ProtobufWriter().varint(1, 640).varint(2, 480).varint(3,
                                                                 static_cast<std::uint64_t>(color));
  };
  EXPECT_EQ(input_shape(4, size(20)), "[1, 3, 480, 640]");
  EXPECT_EQ(input_shape(4, size(10)), "[1, 1, 480, 640]");
  EXPECT_EQ(read_input(4, size(30)).color_space, "BGR");
  EXPECT_EQ(read_input(4, size(40)).color_space, "GRAYSCALE_FLOAT16");
}

TEST(ModelReader, TakesTheDefaultShapeFromFlexibilityWhereNoneIsGiven) {
  const auto shape = [](std::initializer_list<std::int64_t> dims) {
    return ProtobufWriter().packed(1, dims);
  };
  const auto enumerated = ProtobufWriter().message(
      21, ProtobufWriter().message(1, shape({1, 8})).message(1, shape({1, 16})));
  EXPECT_EQ(input_shape(5, enumerated), "[1, 8]");
  EXPECT_EQ(read_input(5, enumerated).flexibility.kind, Flexibility::Kind::enumerated);
  EXPECT_EQ(read_input(5, enumerated).flexibility.shapes.size(), 2U);
  const auto unbounded = ProtobufWriter().varint(1, 2).varint(2, UINT64_MAX);
  const auto ranged = ProtobufWriter().message(31, ProtobufWriter().message(1, unbounded));
  EXPECT_EQ(input_shape(5, ranged), "[2]");
  EXPECT_EQ(read_input(5, ranged).flexibility.kind, Flexibility::Kind::range);
}

TEST(ModelReader, ReadsEveryKindOfFeature) {
  using Kind = Feature::Kind;
  EXPECT_EQ(read_input(1, {}).kind, Kind::int64);
  EXPECT_EQ(read_input(2, {}).kind, Kind::float64);
  EXPECT_EQ(read_input(3, {}).kind, Kind::string);
  EXPECT_EQ(read_input(5, ProtobufWriter().varint(2, 65552)).dtype, DataType::float16);
  EXPECT_EQ(read_input(5, ProtobufWriter().varint(2, 131080)).dtype, DataType::int8);
  EXPECT_EQ(read_input(6, {}).kind, Kind::dictionary);
  EXPECT_EQ(read_input(7, {}).kind, Kind::sequence);
}

TEST(ModelReader, PutsStatesAmongTheInputsWithTheStates) {
  const auto array = ProtobufWriter().packed(1, {1, 64}).varint(2, 65552);
  const auto description = ProtobufWriter()
                               .message(1, feature("cache", 8, ProtobufWriter().message(1, array)))
                               .message(13, feature("more", 8, ProtobufWriter().message(1, array)));
  const ReadModel model(ProtobufWriter().varint(1, 9).message(2, description).bytes(900, "").str());
  ASSERT_TRUE(model.result);
  EXPECT_TRUE(model.result->inputs.empty());
  ASSERT_EQ(model.result->states.size(), 2U);
  EXPECT_EQ(model.result->states[0].dtype, DataType::float16);
  EXPECT_THAT(model.result->states[0].shape.dims, ElementsAre(1, 64));
}

TEST(ModelReader, ReadsNestedPipelinesAndNamesTheirStages) {
  const auto leaf = ProtobufWriter().varint(1, 1).bytes(900, "");
  const auto inner = ProtobufWriter().varint(1, 3).message(
      202, ProtobufWriter().message(1, leaf).message(1, leaf).bytes(2, "first"));
  const ReadModel model(
      ProtobufWriter()
          .varint(1, 1)
          .message(200, ProtobufWriter().message(1, ProtobufWriter().message(1, inner)))
          .str());
  ASSERT_TRUE(model.result) << model.result.error().to_string();
  EXPECT_EQ(model.result->type_name, "pipelineClassifier");
  ASSERT_EQ(model.result->stages.size(), 1U);
  EXPECT_EQ(model.result->stages[0].name, "model0");
  ASSERT_EQ(model.result->stages[0].stages.size(), 2U);
  EXPECT_EQ(model.result->stages[0].stages[0].name, "first");
  EXPECT_EQ(model.result->stages[0].stages[1].name, "model1");
}

TEST(ModelReader, RefusesPipelinesNestedWithoutEnd) {
  auto model = ProtobufWriter().varint(1, 1).bytes(900, "");
  for (int i = 0; i < 60; ++i)
    model = ProtobufWriter().varint(1, 1).message(202, ProtobufWriter().message(1, model));
  const ReadModel read(model.str());
  ASSERT_FALSE(read.result);
  EXPECT_THAT(read.result.error().message, HasSubstr("nested too deeply"));
}

TEST(ModelReader, ReadsUserDefinedMetadataWithTheLastValueOfAKey) {
  const auto entry = [](std::string_view key, std::string_view value) {
    return ProtobufWriter().bytes(1, key).bytes(2, value);
  };
  const auto metadata = ProtobufWriter()
                            .message(100, entry("a", "1"))
                            .message(100, entry("b", "2"))
                            .message(100, entry("a", "3"));
  const ReadModel model(ProtobufWriter()
                            .varint(1, 9)
                            .message(2, ProtobufWriter().message(100, metadata))
                            .bytes(900, "")
                            .str());
  ASSERT_TRUE(model.result);
  ASSERT_EQ(model.result->metadata.size(), 2U);
  EXPECT_EQ(model.result->metadata[0].second, "3");
}

}  // namespace
}  // namespace anecompat::coreml
