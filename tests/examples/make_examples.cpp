// Writes the models of examples/: small, but shaped like models that teams ship.
#include "support/model_writer_mil.hpp"
#include "support/model_writer_nn.hpp"

#include <cstdio>
#include <exception>

namespace {

using namespace anecompat::test;
using Names = MilArgument::Names;

Tensor image(MilType type, std::int64_t channels, std::int64_t size) {
  return {type, {1, channels, size, size}};
}

// The usual image classifier: a strided stem, blocks of convolutions with residual connections,
// global pooling, one dense layer.
Program classifier(MilType type, std::int64_t channels, std::int64_t size, int blocks) {
  Program program("CoreML6");
  program.input("image", image(type, 3, size));
  const auto inner = image(type, channels, size / 2);
  const auto stem = program.weight("stem_weight", {type, {channels, 3, 3, 3}}, 1);
  auto x = program.conv("stem", "image", stem, 2, inner);
  x = program.op("relu", "stem_relu", {{"x", Names{x}}}, inner);
  for (int i = 0; i < blocks; ++i) {
    const auto block = "block_" + std::to_string(i);
    const auto seed = static_cast<std::uint32_t>(10 + 2 * i);
    const Tensor kernel{type, {channels, channels, 3, 3}};
    auto y =
        program.conv(block + "_conv", x, program.weight(block + "_weight", kernel, seed), 1, inner);
    y = program.op("relu", block + "_relu", {{"x", Names{y}}}, inner);
    x = program.op("add", block + "_add", {{"x", Names{x}}, {"y", Names{y}}}, inner);
  }
  x = program.op("reduce_mean", "pooled",
                 {{"x", Names{x}}, {"axes", Dims{2, 3}}, {"keep_dims", false}},
                 {type, {1, channels}});
  const auto weight = program.weight("head_weight", {type, {10, channels}}, 90);
  const auto bias = program.weight("head_bias", {type, {10}}, 91);
  x = program.op("linear", "logits",
                 {{"x", Names{x}}, {"weight", Names{weight}}, {"bias", Names{bias}}},
                 {type, {1, 10}});
  program.output(program.op("softmax", "scores", {{"x", Names{x}}, {"axis", std::int64_t{-1}}},
                            {type, {1, 10}}));
  return program;
}

void write_classifier(const std::string& path, ArrayType io, Program program, std::int64_t size) {
  write_package(path,
                model_message({.spec_version = 7,
                               .inputs = {array_feature("image", io, {1, 3, size, size})},
                               .outputs = {array_feature("scores", io, {1, 10})},
                               .type_field = 502,
                               .type = program.message()}),
                program.weights());
}

// A segmentation network that ends in class indices: the palette look-up of int32 indices is what
// teams forget in a model.
void write_segmenter(const std::string& path) {
  constexpr auto k_type = MilType::float16;
  Program program("CoreML7");
  program.input("image", image(k_type, 3, 112));
  const auto inner = image(k_type, 64, 56);
  auto x = program.conv("stem", "image", program.weight("stem_weight", {k_type, {64, 3, 3, 3}}, 1),
                        2, inner);
  x = program.op("relu", "stem_relu", {{"x", Names{x}}}, inner);
  for (int i = 0; i < 2; ++i) {
    const auto block = "block_" + std::to_string(i);
    const auto weight = program.palettized_weight(block + "_weight", {64, 64, 3, 3},
                                                  static_cast<std::uint32_t>(20 + i));
    x = program.conv(block + "_conv", x, weight, 1, inner);
    x = program.op("relu", block + "_relu", {{"x", Names{x}}}, inner);
  }
  x = program.conv("class_scores", x, program.weight("class_weight", {k_type, {21, 64, 1, 1}}, 30),
                   1, image(k_type, 21, 56));
  x = program.op("reduce_argmax", "class_index",
                 {{"x", Names{x}}, {"axis", std::int64_t{1}}, {"keep_dims", false}},
                 {MilType::int32, {1, 56, 56}});
  const auto palette = program.weight("palette", {k_type, {21, 4}}, 31);
  program.output(program.op("gather", "overlay",
                            {{"x", Names{palette}},
                             {"indices", Names{x}},
                             {"axis", std::int64_t{0}},
                             {"batch_dims", std::int64_t{0}},
                             {"validate_indices", false}},
                            {k_type, {1, 56, 56, 4}}));
  write_package(
      path,
      model_message({.spec_version = 8,
                     .inputs = {array_feature("image", ArrayType::float16, {1, 3, 112, 112})},
                     .outputs = {array_feature("overlay", ArrayType::float16, {1, 56, 56, 4})},
                     .type_field = 502,
                     .type = program.message()}),
      program.weights());
}

// A streaming keyword spotter: convolutions over the spectrogram, then an LSTM.
void write_keyword_spotter(const std::string& path) {
  constexpr auto k_type = MilType::float16;
  Program program("CoreML6");
  program.input("spectrogram", {k_type, {1, 1, 192, 80}});
  const Tensor features{k_type, {1, 32, 192, 80}};
  auto x = program.conv("conv_0", "spectrogram",
                        program.weight("conv_0_weight", {k_type, {32, 1, 3, 3}}, 1), 1, features);
  x = program.op("relu", "conv_0_relu", {{"x", Names{x}}}, features);
  x = program.conv("conv_1", x, program.weight("conv_1_weight", {k_type, {32, 32, 3, 3}}, 2), 1,
                   features);
  x = program.op("relu", "conv_1_relu", {{"x", Names{x}}}, features);
  x = program.op("reduce_mean", "frames",
                 {{"x", Names{x}}, {"axes", Dims{3}}, {"keep_dims", false}},
                 {k_type, {1, 32, 192}});
  x = program.op("transpose", "sequence", {{"x", Names{x}}, {"perm", Dims{2, 0, 1}}},
                 {k_type, {192, 1, 32}});
  const auto state = program.weight("initial_state", {k_type, {1, 32}}, 3);
  const auto weight_ih = program.weight("weight_ih", {k_type, {128, 32}}, 4);
  const auto weight_hh = program.weight("weight_hh", {k_type, {128, 32}}, 5);
  program.op_with_outputs("lstm",
                          {{"x", Names{x}},
                           {"initial_h", Names{state}},
                           {"initial_c", Names{state}},
                           {"weight_ih", Names{weight_ih}},
                           {"weight_hh", Names{weight_hh}},
                           {"direction", std::string_view("forward")},
                           {"output_sequence", false},
                           {"recurrent_activation", std::string_view("sigmoid")},
                           {"cell_activation", std::string_view("tanh")},
                           {"activation", std::string_view("tanh")}},
                          {{"lstm", {k_type, {1, 1, 32}}},
                           {"lstm_h", {k_type, {1, 32}}},
                           {"lstm_c", {k_type, {1, 32}}}});
  const auto weight = program.weight("head_weight", {k_type, {4, 32}}, 6);
  const auto bias = program.weight("head_bias", {k_type, {4}}, 7);
  x = program.op("linear", "logits",
                 {{"x", Names{"lstm_h"}}, {"weight", Names{weight}}, {"bias", Names{bias}}},
                 {k_type, {1, 4}});
  program.output(program.op("softmax", "keywords", {{"x", Names{x}}, {"axis", std::int64_t{-1}}},
                            {k_type, {1, 4}}));
  write_package(
      path,
      model_message({.spec_version = 7,
                     .inputs = {array_feature("spectrogram", ArrayType::float16, {1, 1, 192, 80})},
                     .outputs = {array_feature("keywords", ArrayType::float16, {1, 4})},
                     .type_field = 502,
                     .type = program.message()}),
      program.weights());
}

// Two dense layers over a handful of numbers, as recommenders end in: every operation fits the ANE,
// and starting it would take longer than all of the work.
void write_recommender(const std::string& path) {
  constexpr auto k_type = MilType::float16;
  Program program("CoreML7");
  program.input("profile", {k_type, {1, 32}});
  auto x = program.op("linear", "hidden",
                      {{"x", Names{"profile"}},
                       {"weight", Names{program.weight("hidden_weight", {k_type, {48, 32}}, 60)}},
                       {"bias", Names{program.weight("hidden_bias", {k_type, {48}}, 61)}}},
                      {k_type, {1, 48}});
  x = program.op("relu", "hidden_relu", {{"x", Names{x}}}, {k_type, {1, 48}});
  x = program.op("linear", "logits",
                 {{"x", Names{x}},
                  {"weight", Names{program.weight("head_weight", {k_type, {20, 48}}, 62)}},
                  {"bias", Names{program.weight("head_bias", {k_type, {20}}, 63)}}},
                 {k_type, {1, 20}});
  program.output(program.op("softmax", "scores", {{"x", Names{x}}, {"axis", std::int64_t{-1}}},
                            {k_type, {1, 20}}));
  write_package(path,
                model_message({.spec_version = 8,
                               .inputs = {array_feature("profile", ArrayType::float16, {1, 32})},
                               .outputs = {array_feature("scores", ArrayType::float16, {1, 20})},
                               .type_field = 502,
                               .type = program.message()}),
                program.weights());
}

// Convolutions of the older format; the output is the last layer's.
NeuralNetwork conv_network(std::string_view input, int convolutions, std::string_view output,
                           std::int64_t outputs) {
  NeuralNetwork network;
  auto x = network.convolution("stem", input, 3, 32, 3, 2, 1);
  x = network.relu("stem_relu", x);
  for (int i = 0; i < convolutions; ++i) {
    const auto name = "conv_" + std::to_string(i);
    x = network.convolution(name, x, 32, 32, 3, 1, static_cast<std::uint32_t>(10 + 2 * i));
    x = network.relu(name + "_relu", x);
  }
  x = network.global_average("pooled", x);
  network.inner_product(output, x, 32, outputs, 50);
  return network;
}

void write_scene_classifier(const std::string& path) {
  auto network = conv_network("image", 2, "logits", 4);
  network.softmax("probabilities", "logits");
  const auto model = model_message(
      {.spec_version = 3,
       .inputs = {image_feature("image", 224, 224)},
       .outputs = {string_feature("scene"), label_probabilities_feature("probabilities")},
       .predicted_feature = "scene",
       .predicted_probabilities = "probabilities",
       .type_field = 403,
       .type = network.classifier_message({"beach", "city", "forest", "home"})});
  write_file(path, model.encoded());
}

// A linear classifier over features that a network computes.
Message linear_classifier(std::int64_t features) {
  Message glm;
  for (int label = 0; label < 2; ++label) {
    Message row;
    for (std::int64_t i = 0; i < features; ++i)
      row.real64(1, 0.01 * static_cast<double>((i * 7 + label * 3) % 11 - 5));
    glm.message(1, row);
  }
  glm.real64(2, 0.1).real64(2, -0.1);
  glm.message(100, Message().bytes(1, "match").bytes(1, "other"));
  return model_message({.spec_version = 3,
                        .inputs = {array_feature("embedding", ArrayType::float32, {features})},
                        .outputs = {string_feature("person")},
                        .predicted_feature = "person",
                        .type_field = 400,
                        .type = glm});
}

void write_face_pipeline(const std::string& path) {
  const auto face = image_feature("face", 112, 112);
  const auto embedder =
      model_message({.spec_version = 3,
                     .inputs = {face},
                     .outputs = {array_feature("embedding", ArrayType::float32, {64})},
                     .type_field = 500,
                     .type = conv_network("face", 2, "embedding", 64).message()});
  const auto pipeline =
      pipeline_message({{"embedder", embedder}, {"matcher", linear_classifier(64)}});
  const auto model = model_message({.spec_version = 3,
                                    .inputs = {face},
                                    .outputs = {string_feature("person")},
                                    .predicted_feature = "person",
                                    .type_field = 200,
                                    .type = Message().message(1, pipeline)});
  write_file(path, model.encoded());
}

// A boosted regression stump on two numbers, as tabular models are.
void write_churn(const std::string& path) {
  constexpr std::uint64_t k_leaf = 6;
  constexpr std::uint64_t k_less_or_equal = 0;
  const auto leaf = [&](std::uint64_t id, double value) {
    return Message().varint(2, id).varint(3, k_leaf).message(
        20, Message().varint(1, 0).real64(2, value));
  };
  Message ensemble;
  ensemble.message(1, Message()
                          .varint(2, 0)
                          .varint(3, k_less_or_equal)
                          .varint(10, 1)
                          .real64(11, 30.0)
                          .varint(12, 1)
                          .varint(13, 2));
  ensemble.message(1, leaf(1, 0.8)).message(1, leaf(2, 0.1));
  ensemble.varint(2, 1).real64(3, 0.05);
  const auto model = model_message({.spec_version = 1,
                                    .inputs = {array_feature("account", ArrayType::float32, {2})},
                                    .outputs = {double_feature("churn")},
                                    .predicted_feature = "churn",
                                    .type_field = 302,
                                    .type = Message().message(1, ensemble)});
  write_file(path, model.encoded());
}

void write_examples(const std::string& directory) {
  write_classifier(directory + "/ImageClassifier.mlpackage", ArrayType::float16,
                   classifier(MilType::float16, 32, 224, 4), 224);
  write_classifier(directory + "/ImageClassifierFp32.mlpackage", ArrayType::float32,
                   classifier(MilType::float32, 16, 112, 2), 112);
  write_segmenter(directory + "/Segmenter.mlpackage");
  write_keyword_spotter(directory + "/KeywordSpotter.mlpackage");
  write_recommender(directory + "/Recommender.mlpackage");
  write_scene_classifier(directory + "/SceneClassifier.mlmodel");
  write_face_pipeline(directory + "/FaceMatcher.mlmodel");
  write_churn(directory + "/ChurnTrees.mlmodel");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_examples DIRECTORY\n");
    return 2;
  }
  try {
    write_examples(argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_examples: %s\n", error.what());
    return 1;
  }
  return 0;
}
