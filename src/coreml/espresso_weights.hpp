// What the weights of a compiled neural network weigh, told without reading them.
#pragma once

#include "coreml/espresso_json.hpp"
#include "coreml/graph_builder.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace anecompat::coreml {

// Collects the blobs that layers use, then sums them up by encoding.
class EspressoWeights {
 public:
  void add(const EspressoLayer& layer);

  // Sizes come from the table at the beginning of `storage`, a file in `directory`; without a
  // readable table they stay 0, and the builder gets a note that says why.
  std::span<const WeightSummary> summarize(const std::string& directory, const std::string& storage,
                                           GraphBuilder& builder) const;

 private:
  enum class Encoding : std::uint8_t { fp16, fp32, quantized, palettized, unknown };
  struct Use {
    Encoding encoding = Encoding::unknown;
    std::int64_t blob = 0;
    std::optional<std::int64_t> lookup_table;  // of a palettized blob
  };

  std::vector<Use> m_uses;
};

}  // namespace anecompat::coreml
