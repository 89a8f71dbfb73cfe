// Whole networks with a known result: measured-placements A.
#include "support/corpus.hpp"

#include "coreml/reader.hpp"
#include "evaluate/predictor.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace anecompat::evaluate {
namespace {

using ane::ChipFamily;
using ane::Level;

Answer predict(const std::string& path, std::vector<ane::Target> targets = {ChipFamily::h16}) {
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
  std::cout << model.kind << " " << evaluation.target << " " << ane::to_string(evaluation.level)
            << " of " << ane::to_string(evaluation.eligible_level) << " "
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

// joint_decision.mlmodelc had no ANE segment under `all`, either.
TEST(Corpus, every_readable_model_gets_an_answer_with_all_compute_units) {
  ANECOMPAT_REQUIRE_CORPUS();
  static const auto k_predictor = make_predictor({});
  for (const auto& model : test::corpus_models()) {
    const auto answer =
        (*k_predictor)
            ->evaluate({.model_path = model.path,
                        .targets = {ChipFamily::h13, ChipFamily::h16, ChipFamily::h17},
                        .compute_units = ane::ComputeUnits::all});
    for (const auto& evaluation : answer.evaluations) {
      if (evaluation.error)
        continue;
      const auto& counts = evaluation.counts;
      EXPECT_EQ(counts.ane + counts.cpu + counts.gpu + counts.unplaced, counts.ops) << model.name;
      if (model.name.ends_with("joint_decision.mlmodelc")) {
        EXPECT_EQ(evaluation.level, Level::none);
      }
    }
  }
}

// 97 % of 1174 operations on an M5, macOS 26, by MLComputePlan.
TEST(Corpus, streaming_encoder_is_partial_with_97_percent) {
  ANECOMPAT_REQUIRE_CORPUS();
  for (const auto* name : {"streaming_encoder.mlpackage", "streaming_encoder.mlmodelc"}) {
    const auto answer =
        predict(path_of(std::string(k_audio) + name), {ChipFamily::h16, ChipFamily::h17});
    for (const auto& evaluation : answer.evaluations) {
      EXPECT_EQ(evaluation.level, Level::partial);
      EXPECT_EQ(evaluation.counts.ops, 1174U);
    }
    // The M4's table, which nobody has measured this network with, puts more of it on the CPU.
    EXPECT_NEAR(answer.evaluations[0].shares.ops.value_or(0), 0.955, 0.005);
    EXPECT_NEAR(answer.evaluations[1].shares.ops.value_or(0), 0.97, 0.01);
  }
}

// 0 of 21 operations under cpu_and_ne and under all, although each can go: the small-graph floor.
TEST(Corpus, joint_decision_is_none_by_cost) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto answer = predict(path_of(std::string(k_audio) + "joint_decision.mlmodelc"),
                              {ane::k_chip_families.begin(), ane::k_chip_families.end()});
  for (const auto& evaluation : answer.evaluations) {
    EXPECT_EQ(evaluation.counts.ops, 21U);
    EXPECT_EQ(evaluation.counts.ane, 0U) << evaluation.target;
    EXPECT_EQ(evaluation.level, Level::none);
    EXPECT_NE(evaluation.eligible_level, Level::none);
    ASSERT_TRUE(evaluation.reason);
    EXPECT_EQ(evaluation.reason->code, "cost-small-graph");
  }
}

// 0 of 357 on an M5; the quantized siblings by analogy.
TEST(Corpus, silero_voice_detection_is_none) {
  ANECOMPAT_REQUIRE_CORPUS();
  int met = 0;
  for (const auto& model : test::corpus_models()) {
    if (model.name.find("silero") == std::string::npos || model.kind == "UNREADABLE")
      continue;
    ++met;
    const auto answer = predict(model.path, {ChipFamily::h16, ChipFamily::h17});
    for (const auto& evaluation : answer.evaluations) {
      EXPECT_EQ(evaluation.level, Level::none) << model.name;
      EXPECT_EQ(evaluation.counts.ane, 0U) << model.name;
    }
  }
  EXPECT_GE(met, 3);
}

const OpResult* op_named(const Evaluation& evaluation, std::string_view name) {
  const auto found = std::ranges::find_if(
      evaluation.ops, [&](const auto& op) { return op.path == "main/" + std::string(name); });
  return found == evaluation.ops.end() ? nullptr : &*found;
}

// M1, macOS 12: one ANE segment from the image to the 65x65x21 logits, the pooling over 65x65 and
// the resizes before it included; the enlarging to 513x513 and the argmax outside.
TEST(Corpus, deeplab_is_partial_and_leaves_the_ane_after_its_logits) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto answer =
      predict(path_of("tucan9389__SemanticSegmentation-CoreML/ObjectSegmentation-CoreML/mlmodel/"
                      "DeepLabV3Int8LUT.mlmodel"),
              {ChipFamily::h13});
  const auto& evaluation = answer.evaluations[0];
  EXPECT_EQ(evaluation.level, Level::partial);
  for (const auto* name : {"ResizeBilinear:0", "AvgPool2D/AvgPool:0", "ResizeBilinear_1:0",
                           "logits/semantic/BiasAdd:0"}) {
    const auto* op = op_named(evaluation, name);
    ASSERT_NE(op, nullptr) << name;
    EXPECT_EQ(op->placement, ane::Backend::ane) << name;
  }
  for (const auto* name : {"ResizeBilinear_3:0", "semanticPredictions"}) {
    const auto* op = op_named(evaluation, name);
    ASSERT_NE(op, nullptr) << name;
    EXPECT_EQ(op->placement, ane::Backend::cpu) << name;
  }
  EXPECT_EQ(evaluation.segments.size(), 2U);
}

// Each function is planned alone, and only the one asked for.
TEST(Corpus, functions_of_one_package_are_evaluated_by_themselves) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto path = path_of("Anemll__anemll-profile/tests/fixtures/multifunction.mlpackage");
  const auto graph = coreml::read_model(path);
  ASSERT_TRUE(graph);
  ASSERT_GT(graph->model().functions.size(), 1U);
  static const auto k_predictor = make_predictor({});
  for (const auto& function : graph->model().functions) {
    const auto answer = (*k_predictor)
                            ->evaluate({.model_path = path,
                                        .function = std::string(function.name),
                                        .targets = {ChipFamily::h16}});
    ASSERT_FALSE(answer.evaluations[0].error);
    EXPECT_EQ(answer.evaluations[0].level, Level::none);
    for (const auto& op : answer.evaluations[0].ops)
      EXPECT_TRUE(op.path.starts_with(std::string(function.name) + "/")) << op.path;
  }
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
    EXPECT_EQ(answer.evaluations[0].level, Level::none) << name;
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
    EXPECT_NE(answer.evaluations[0].level, Level::full) << model.name;
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
