// Whole networks with a known result: measured-placements A.
#include "support/corpus.hpp"

#include "evaluate/predictor.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace anecompat::evaluate {
namespace {

using ane::ChipFamily;
using ane::Level;

Answer predict(const std::string& path, std::vector<ChipFamily> targets = {ChipFamily::h16}) {
  static const auto k_predictor = make_predictor({});
  EXPECT_TRUE(k_predictor);
  return (*k_predictor)->evaluate({.model_path = path, .targets = std::move(targets)});
}

std::string path_of(std::string_view name) {
  for (const auto& model : test::corpus_models()) {
    if (model.name == name)
      return model.path;
  }
  ADD_FAILURE() << "not in the corpus: " << name;
  return {};
}

void print(const test::CorpusModel& model, const Evaluation& evaluation) {
  std::string why;
  if (evaluation.error)
    why = evaluation.error->message;
  else if (evaluation.reason)
    why = evaluation.reason->code + ": " + evaluation.reason->message;
  std::cout << model.kind << " " << evaluation.target << " "
            << ane::to_string(evaluation.eligible_level) << " "
            << ane::to_string(evaluation.confidence) << " ops=" << evaluation.counts.ops
            << " ane=" << evaluation.counts.ane << " bd=" << evaluation.counts.boundary << " "
            << model.name << " | " << why << "\n";
  for (const auto& op : evaluation.ops) {
    if (op.reason && op.reason->code == "unknown-op")
      std::cout << "  unknown-op " << op.type << "\n";
  }
}

constexpr std::string_view k_audio =
    "FluidInference__FluidAudio/Models/ParakeetEOU/Streaming/1280ms/";

TEST(Corpus, every_readable_model_gets_an_answer_for_every_chip) {
  ANECOMPAT_REQUIRE_CORPUS();
  for (const auto& model : test::corpus_models()) {
    const auto answer =
        predict(model.path, {ane::k_chip_families.begin(), ane::k_chip_families.end()});
    ASSERT_EQ(answer.evaluations.size(), ane::k_chip_families.size());
    for (const auto& evaluation : answer.evaluations) {
      EXPECT_EQ(evaluation.error.has_value(), model.kind == "UNREADABLE") << model.name;
      if (std::getenv("ANECOMPAT_PRINT") != nullptr)
        print(model, evaluation);
    }
  }
}

// 97 % of 1174 operations on an M5, macOS 26, by MLComputePlan.
TEST(Corpus, streaming_encoder_is_partial_with_97_percent) {
  ANECOMPAT_REQUIRE_CORPUS();
  for (const auto* name : {"streaming_encoder.mlpackage", "streaming_encoder.mlmodelc"}) {
    const auto answer = predict(path_of(std::string(k_audio) + name), {ChipFamily::h17});
    const auto& evaluation = answer.evaluations[0];
    EXPECT_EQ(evaluation.level, Level::partial);
    EXPECT_EQ(evaluation.counts.ops, 1174U);
    EXPECT_NEAR(evaluation.shares.ops.value_or(0), 0.97, 0.01);
  }
}

// One ANE segment up to the 65x65x21 logits; the resizes and the argmax after it are outside.
TEST(Corpus, deeplab_is_partial_because_of_its_argmax) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto answer =
      predict(path_of("tucan9389__SemanticSegmentation-CoreML/ObjectSegmentation-CoreML/mlmodel/"
                      "DeepLabV3Int8LUT.mlmodel"));
  const auto& evaluation = answer.evaluations[0];
  EXPECT_EQ(evaluation.level, Level::partial);
  ASSERT_FALSE(evaluation.ops.empty());
  EXPECT_EQ(evaluation.ops.back().placement, ane::Backend::cpu);
  EXPECT_EQ(evaluation.ops.front().placement, ane::Backend::ane);
}

// All-fp32 programs: no operation on the ANE, whatever the compute units.
TEST(Corpus, fp32_programs_are_none) {
  ANECOMPAT_REQUIRE_CORPUS();
  const std::string sortformer =
      "FluidInference__FluidAudio/Sources/FluidAudio/Diarizer/Sortformer/";
  for (const auto& name :
       {std::string("jafreck__ironmill/test-q/base.mlpackage"),
        std::string("jafreck__ironmill/test-q/pal.mlpackage"),
        sortformer + "TitaNet-large-2.48s.mlpackage", sortformer + "TitaNet-small-2.48s.mlpackage",
        std::string("gioneill__BirdNET-CoreML/coreml_export/output/audio-model-fp32.mlpackage"),
        std::string("spotify__basic-pitch/basic_pitch/saved_models/icassp_2022/nmp.mlpackage")}) {
    const auto answer = predict(path_of(name));
    EXPECT_EQ(answer.evaluations[0].eligible_level, Level::none) << name;
  }
}

// Apple engineers: recurrent layers have no ANE kernel; never full.
TEST(Corpus, recurrent_networks_are_never_full) {
  ANECOMPAT_REQUIRE_CORPUS();
  int met = 0;
  for (const auto& model : test::corpus_models()) {
    const auto answer = predict(model.path);
    const auto& ops = answer.evaluations[0].ops;
    if (std::ranges::none_of(
            ops, [](const auto& op) { return op.reason && op.reason->code == "recurrent"; }))
      continue;
    ++met;
    EXPECT_NE(answer.evaluations[0].eligible_level, Level::full) << model.name;
  }
  EXPECT_GE(met, 4);
}

TEST(Corpus, classic_models_are_none) {
  ANECOMPAT_REQUIRE_CORPUS();
  for (const auto& model : test::corpus_models()) {
    if (model.kind != "classic")
      continue;
    const auto answer = predict(model.path);
    EXPECT_EQ(answer.evaluations[0].level, Level::none) << model.name;
    ASSERT_TRUE(answer.evaluations[0].reason);
    EXPECT_EQ(answer.evaluations[0].reason->code, "classic-model");
  }
}

}  // namespace
}  // namespace anecompat::evaluate
