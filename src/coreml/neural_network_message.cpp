#include "coreml/neural_network_message.hpp"

#include "coreml/model_reader.hpp"

#include <fmt/format.h>

namespace anecompat::coreml {

Error too_many(const char* what, std::uint64_t limit) {
  return {.kind = ErrorKind::unreadable,
          .message = fmt::format("has more than {} {}, the most that is read", limit, what)};
}

Result<Network> collect_network(std::span<const Extent> pieces, WireReader& parent,
                                const GraphBuilder& builder, const ReadContext& context) {
  Network network;
  for (const auto piece : pieces) {
    auto message = parent.message_at(piece);
    while (message.next()) {
      switch (message.field()) {
        case 1:
          if (message.type() != WireType::length)
            break;
          if (builder.graph().operation_count() + network.layers.size() >=
              context.limits.max_operations)
            return fail(too_many("layers", context.limits.max_operations));
          network.layers.push_back(message.extent());
          break;
        case 2: {
          auto preprocessing = message.message();
          while (preprocessing.next()) {
            if (preprocessing.field() == 1 && network.preprocessed.size() < k_max_network_notes)
              network.preprocessed.push_back(preprocessing.string());
          }
          break;
        }
        case 5:
          network.exact_arrays = message.int32() == 1;
          break;
        case 6:
          network.rank4_images = message.int32() == 1;
          break;
        case 200:
          network.probability_layer = message.string();
          break;
        default:
          break;
      }
    }
  }
  if (!parent.status().ok())
    return fail(wire_error(parent));
  return network;
}

Dims network_input_dims(const Feature& feature, const Network& network) {
  const auto shape = feature.shape.dims;
  const bool image = feature.kind == Feature::Kind::image;
  if (!feature.shape.ranked || (!image && feature.kind != Feature::Kind::multi_array))
    return std::nullopt;
  std::vector<std::int64_t> dims(shape.begin(), shape.end());
  for (auto& dim : dims)
    dim = dim > 0 ? dim : k_unknown_dim;
  if (image) {
    if (!network.rank4_images)
      dims.insert(dims.begin(), 1);
    return dims;
  }
  if (network.exact_arrays || dims.size() == 5)
    return dims;
  if (dims.size() == 1)
    return std::vector<std::int64_t>{1, 1, dims[0], 1, 1};
  if (dims.size() == 3)
    return std::vector<std::int64_t>{1, 1, dims[0], dims[1], dims[2]};
  return std::nullopt;
}

}  // namespace anecompat::coreml
