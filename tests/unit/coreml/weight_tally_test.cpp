#include "coreml/weight_tally.hpp"

#include "unit/coreml/program_support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace anecompat::coreml::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Message blob(std::uint64_t dtype, const std::vector<std::int64_t>& dims) {
  return blob_value(tensor_type(dtype, dims), "@model_path/weights/weight.bin", 64);
}

// The weights of a program of these operations, as "encoding: tensors, bytes".
std::vector<std::string> weights_of(const std::vector<Message>& operations) {
  const auto type = tensor_type(k_fp16, {1, 4});
  const auto graph =
      read_program_message(program({{"main", function({{"x", type}}, block(operations, {"x"}))}}));
  if (!graph)
    return {graph.error().to_string()};
  std::vector<std::string> weights;
  for (const auto& weight : graph->model().weights)
    weights.push_back(fmt::format("{}: {}, {}", weight.encoding, weight.tensors, weight.bytes));
  return weights;
}

Message weight(std::string_view name, std::uint64_t dtype, const std::vector<std::int64_t>& dims) {
  return constant(name, tensor_type(dtype, dims), blob(dtype, dims));
}

const Message k_dense = tensor_type(k_fp16, {4, 8});

TEST(WeightTally, sums_up_constants_by_element_type) {
  EXPECT_THAT(
      weights_of({weight("a", k_fp16, {4, 8}), weight("b", k_fp16, {2}), weight("c", k_fp32, {4})}),
      ElementsAre("fp16: 2, 68", "fp32: 1, 16"));
}

TEST(WeightTally, settings_are_no_weights) {
  EXPECT_THAT(weights_of({constant("pad", tensor_type(k_int32, {4}), int_values({0, 0, 1, 1})),
                          constant("mode", tensor_type(k_string, {}), string_value("same"))}),
              IsEmpty());
}

TEST(WeightTally, attributes_until_ios_17_and_operands_after_count_alike) {
  const auto by_attributes =
      operation({.type = "constexpr_lut_to_dense",
                 .outputs = {{"w", k_dense}},
                 .attributes = {{"indices", blob(k_uint8, {16})}, {"lut", blob(k_fp16, {16})}}});
  EXPECT_THAT(weights_of({by_attributes}), ElementsAre("palettized 4 bits: 1, 48"));
  const auto by_operands = operation({.type = "constexpr_lut_to_dense",
                                      .inputs = {{"indices", by_value(blob(k_uint4, {4, 8}))},
                                                 {"lut", by_value(blob(k_fp16, {1, 1, 16, 1}))}},
                                      .outputs = {{"w", k_dense}}});
  EXPECT_THAT(weights_of({by_operands}), ElementsAre("palettized 4 bits: 1, 48"));
}

TEST(WeightTally, raw_material_counts_once_where_it_is_used) {
  const auto dequantize = [](std::string_view output) {
    return operation({.type = "constexpr_affine_dequantize",
                      .inputs = {{"quantized_data", by_name("data")}},
                      .outputs = {{std::string(output), k_dense}}});
  };
  EXPECT_THAT(weights_of({weight("data", k_uint8, {4, 8}), dequantize("w")}),
              ElementsAre("affine uint8: 1, 32"));
  EXPECT_THAT(weights_of({weight("data", k_uint8, {4, 8}), dequantize("v"), dequantize("w")}),
              ElementsAre("affine uint8: 2, 64"));
}

TEST(WeightTally, names_a_compression_of_the_future_by_its_operation) {
  EXPECT_THAT(weights_of({operation({.type = "constexpr_wavelet_to_dense",
                                     .inputs = {{"data", by_value(blob(k_uint8, {8}))}},
                                     .outputs = {{"w", k_dense}}})}),
              ElementsAre("constexpr_wavelet_to_dense: 1, 8"));
}

}  // namespace
}  // namespace anecompat::coreml::test
