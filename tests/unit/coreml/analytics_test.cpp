#include "coreml/analytics.hpp"

#include <gmock/gmock.h>

namespace anecompat::coreml {

namespace {

constexpr std::string_view k_text = R"(program(1.0)
{
  func main<ios17>(tensor<fp32, [1, 4]> x) {
    tensor<string, []> dtype = const()[val = tensor<string, []>("fp16")];
    tensor<fp16, [1, 4]> c = ios17.cast(dtype = dtype, x = x)[
        BackendSupport = dict<string, bool>({{"ane", false}, {"bnns", true}}),
        EstimatedRunTime = dict<string, fp64>({{"bnns", 0x1p-3}, {"classic_cpu", 2.5}}),
        SelectedBackend = string("\"bnns\""),
        ValidationMessages = dict<string, string>({{"ane", "Unsupported tensor format: fp32."}})];
    tensor<fp16, [1, 4]> y = relu(x = c)[SelectedBackend = string("ane")];
  } -> (y);
}
)";

}  // namespace

TEST(Analytics, reads_what_the_planner_says_of_each_operation) {
  const auto analyses = read_analytics(k_text);
  ASSERT_TRUE(analyses) << analyses.error().to_string();
  ASSERT_EQ(analyses->size(), 2U);
  const auto& cast = analyses->front();
  EXPECT_EQ(cast.function, "main");
  EXPECT_EQ(cast.name, "c");
  EXPECT_EQ(cast.type, "ios17.cast");
  EXPECT_EQ(cast.position.line, 5U);
  EXPECT_EQ(cast.selected_backend, "bnns");
  ASSERT_NE(cast.on("ane"), nullptr);
  EXPECT_EQ(cast.on("ane")->supported, false);
  EXPECT_EQ(cast.on("ane")->message, "Unsupported tensor format: fp32.");
  EXPECT_EQ(cast.on("ane")->estimated_runtime, std::nullopt);
  EXPECT_EQ(cast.on("bnns")->estimated_runtime, 0.125);
  EXPECT_EQ(cast.on("classic_cpu")->supported, std::nullopt);
  EXPECT_EQ(cast.on("gpu"), nullptr);
  EXPECT_EQ(analyses->at(1).selected_backend, "ane");
}

TEST(Analytics, a_planner_attribute_of_another_form_is_an_error) {
  const auto analyses = read_analytics(
      "program(1.0)\n{ func f(fp16 x) {\n fp16 y = relu(x = x)[SelectedBackend = int32(3)];"
      " } -> (y); }");
  ASSERT_FALSE(analyses);
  EXPECT_EQ(analyses.error().message, "SelectedBackend is not a string");
  EXPECT_EQ(analyses.error().position.line, 3U);
}

}  // namespace anecompat::coreml
