#include "evaluate/predictor.hpp"

#include "support/embedded_files.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <string>
#include <thread>
#include <vector>

namespace anecompat::evaluate {
namespace {

using ane::ChipFamily;
using test::TempDir;
using testing::HasSubstr;

// Three convolutions worth the ANE, as bare MIL text.
std::string write_model(const TempDir& directory) {
  std::string text =
      "program(1.0)\n{\n  func main<ios17>(tensor<fp16, [1, 64, 32, 32]> x) {\n"
      "    tensor<fp16, [64, 64, 3, 3]> w = const()[val = tensor<fp16, [64, 64, 3, 3]>"
      "(BLOBFILE(path = string(\"@model_path/weight.bin\"), offset = uint64(64)))];\n"
      "    string same = const()[val = string(\"same\")];\n";
  std::string input = "x";
  for (int i = 0; i < 4; ++i) {
    const auto name = "conv_" + std::to_string(i);
    text += "    tensor<fp16, [1, 64, 32, 32]> " + name +
            " = conv(pad_type = same, weight = w, x = " + input + ")[name = string(\"" + name +
            "\")];\n";
    input = name;
  }
  return directory.write("model.mil", text + "  } -> (conv_3);\n}\n");
}

Answer ask(const PredictorOptions& options, const std::string& path) {
  const auto predictor = make_predictor(options);
  EXPECT_TRUE(predictor) << predictor.error().to_string();
  return (*predictor)->evaluate({.model_path = path, .targets = {ChipFamily::h16}});
}

TEST(Predictor, predicts_by_cost) {
  const TempDir directory;
  const auto answer = ask({}, write_model(directory));
  ASSERT_EQ(answer.evaluations.size(), 1U);
  ASSERT_FALSE(answer.evaluations[0].error) << answer.evaluations[0].error->message;
  EXPECT_EQ(answer.evaluations[0].level, ane::Level::full);
  EXPECT_EQ(answer.evaluations[0].counts.ane, 4U);
}

TEST(Predictor, a_question_about_no_operation_is_an_error) {
  const TempDir directory;
  const auto answer =
      ask({.rules_directory = {}, .what_if = {"main/conv_9=cpu"}}, write_model(directory));
  ASSERT_TRUE(answer.evaluations[0].error);
  EXPECT_EQ(answer.evaluations[0].error->kind, "usage");
  EXPECT_THAT(answer.evaluations[0].error->message,
              HasSubstr("--what-if: no operation matches \"main/conv_9\""));
  EXPECT_THAT(answer.evaluations[0].error->message, HasSubstr("did you mean \"main/conv_"));
}

TEST(Predictor, a_name_without_its_path_leads_to_it) {
  const TempDir directory;
  const auto answer = ask({.rules_directory = {}, .what_if = {"conv_2"}}, write_model(directory));
  ASSERT_TRUE(answer.evaluations[0].error);
  EXPECT_THAT(answer.evaluations[0].error->message, HasSubstr("did you mean \"main/conv_2\""));
}

TEST(Predictor, a_question_is_answered) {
  const TempDir directory;
  const auto answer =
      ask({.rules_directory = {}, .what_if = {"main/conv_[12]"}}, write_model(directory));
  EXPECT_EQ(answer.evaluations[0].counts.ops, 2U);
  EXPECT_EQ(answer.evaluations[0].level, ane::Level::none);
}

TEST(Predictor, a_wrong_cost_file_is_told_before_anything_is_evaluated) {
  const TempDir directory;
  directory.write("costs-m4-macos27.yml", "version: 1\nnome: m4-macos27\n");
  const auto predictor =
      make_predictor({.rules_directory = directory.path().string(), .what_if = {}});
  ASSERT_FALSE(predictor);
  EXPECT_EQ(predictor.error().kind, ErrorKind::manifest);
  EXPECT_THAT(predictor.error().to_string(), HasSubstr("costs-m4-macos27.yml:2:1"));
}

// The constants are data: with a dear launch nothing goes to the ANE.
TEST(Predictor, cost_files_of_a_directory_replace_the_built_in_ones) {
  const TempDir directory;
  auto table = std::string(embedded_file("ane/costs-m4-macos27.yml").value_or(""));
  const std::string cheap = "ane_launch: 0.125";
  ASSERT_NE(table.find(cheap), std::string::npos);
  directory.write("costs-m4-macos27.yml",
                  table.replace(table.find(cheap), cheap.size(), "ane_launch: 9"));
  directory.write("cost-tables.yml",
                  std::string(embedded_file("ane/cost-tables.yml").value_or("")));
  const auto answer =
      ask({.rules_directory = directory.path().string(), .what_if = {}}, write_model(directory));
  EXPECT_EQ(answer.evaluations[0].level, ane::Level::none);
  EXPECT_EQ(answer.evaluations[0].eligible_level, ane::Level::full);
}

TEST(Predictor, threads_that_ask_at_once_get_the_same_answer) {
  const TempDir directory;
  const auto path = write_model(directory);
  const auto predictor = make_predictor({});
  ASSERT_TRUE(predictor);
  std::vector<unsigned> on_ane(8);
  std::vector<std::thread> threads;
  for (auto& count : on_ane) {
    threads.emplace_back([&] {
      count = (*predictor)
                  ->evaluate({.model_path = path, .targets = {ChipFamily::h16}})
                  .evaluations[0]
                  .counts.ane;
    });
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_THAT(on_ane, testing::Each(4U));
}

}  // namespace
}  // namespace anecompat::evaluate
