// A model's graph, counted: what both forms of `inspect` print.
#pragma once

#include "coreml/graph.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace anecompat::cli {

struct FunctionSummary {
  std::string path;  // "main", "detector/main"
  std::string opset;
  std::uint64_t compute_ops = 0;
  std::uint64_t constants = 0;                      // const
  std::uint64_t decompressed = 0;                   // constexpr_*
  std::map<std::string, std::uint64_t> operations;  // compute operations by type
  std::map<std::string, std::uint64_t> precision;   // their first outputs by data type
};

// Every function of the model and of the stages below it, in file order.
std::vector<FunctionSummary> summarize_functions(const coreml::Graph& graph);

// "fp16[1, 3, 224, 224]", "RGB image 224×224", "string", with what may vary.
std::string describe_feature(const coreml::Feature& feature);

}  // namespace anecompat::cli
