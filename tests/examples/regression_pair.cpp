// Writes the models of examples/regression/: one network before and after a change that looks
// harmless and takes an operation off the ANE.
#include "support/model_writer_mil.hpp"

#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>

namespace {

using namespace anecompat::test;
using Names = MilArgument::Names;

constexpr auto k_type = MilType::float16;
constexpr int k_blocks = 4;
constexpr int k_changed_block = 1;

// A depth estimator. Its layers are large enough for the ANE to pay on every chip, so that only
// what the ANE cannot take stays off it.
Program depth_network(const std::string& activation) {
  Program program("CoreML6");
  program.input("image", {k_type, {1, 3, 224, 224}});
  const Tensor inner{k_type, {1, 64, 112, 112}};
  auto x = program.conv("stem", "image", program.weight("stem_weight", {k_type, {64, 3, 3, 3}}, 1),
                        2, inner);
  x = program.op("relu", "stem_act", {{"x", Names{x}}}, inner);
  for (int i = 0; i < k_blocks; ++i) {
    const auto block = "block_" + std::to_string(i);
    const auto weight = program.palettized_weight(block + "_weight", {64, 64, 3, 3},
                                                  static_cast<std::uint32_t>(10 + i));
    auto y = program.conv(block + "_conv", x, weight, 1, inner);
    y = program.op(i == k_changed_block ? activation : "relu", block + "_act", {{"x", Names{y}}},
                   inner);
    x = program.op("add", block + "_add", {{"x", Names{x}}, {"y", Names{y}}}, inner);
  }
  program.output(program.conv("depth", x,
                              program.weight("depth_weight", {k_type, {1, 64, 1, 1}}, 90), 1,
                              {k_type, {1, 1, 112, 112}}));
  return program;
}

void write(const std::string& path, const std::string& activation) {
  auto program = depth_network(activation);
  write_package(
      path,
      model_message({.spec_version = 7,
                     .inputs = {array_feature("image", ArrayType::float16, {1, 3, 224, 224})},
                     .outputs = {array_feature("depth", ArrayType::float16, {1, 1, 112, 112})},
                     .type_field = 502,
                     .type = program.message()}),
      program.weights());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_regression_pair DIRECTORY\n");
    return 2;
  }
  try {
    const std::string directory = argv[1];
    write(directory + "/before/DepthEstimator.mlpackage", "tanh");
    write(directory + "/after/DepthEstimator.mlpackage", "asinh");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_regression_pair: %s\n", error.what());
    return 1;
  }
  return 0;
}
