// A model's graph, counted: what both forms of `inspect` print.
#pragma once

#include "coreml/graph.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::cli {

// The precision of results whose type the format does not record (neural networks).
constexpr std::string_view k_unknown_precision = "unknown";

struct NamedType {
  std::string name;
  std::string type;  // "fp16[1, 64, 32, 32]"
};

struct FunctionSummary {
  std::string path;  // "main", "detector/main"
  std::string opset;
  std::vector<NamedType> inputs;
  std::vector<NamedType> outputs;
  std::uint64_t compute_ops = 0;
  std::uint64_t constants = 0;                      // const
  std::uint64_t decompressed = 0;                   // constexpr_*
  std::map<std::string, std::uint64_t> operations;  // compute operations by type
  std::map<std::string, std::uint64_t> precision;   // their first outputs by data type
};

// Every function of the model and of the stages below it, in file order.
std::vector<FunctionSummary> summarize_functions(const coreml::Graph& graph);

// What a model takes on disk: one file, or all regular files of a bundle.
struct ModelSize {
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
};
// What cannot be looked at counts nothing.
ModelSize size_on_disk(const std::string& path);

// "fp16[1, 3, 224, 224]", "RGB image 224×224", "string", with what may vary.
std::string describe_feature(const coreml::Feature& feature);

}  // namespace anecompat::cli
