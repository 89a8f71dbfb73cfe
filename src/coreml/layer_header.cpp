#include "coreml/layer_header.hpp"

#include "coreml/layer_table.hpp"

namespace anecompat::coreml {

namespace {

constexpr std::uint32_t k_first_layer_field = 100;

Dims read_hint(WireReader tensor) {
  std::int64_t rank = 0;
  std::vector<std::int64_t> dims;
  constexpr std::size_t k_max_rank = 16;
  while (tensor.next()) {
    if (tensor.field() == 1)
      rank = tensor.int64();
    if (tensor.field() == 2 && tensor.extent().size() <= 10 * k_max_rank) {
      tensor.each_varint([&](std::uint64_t dim) {
        const auto size = static_cast<std::int64_t>(dim);
        dims.push_back(size >= 0 ? size : k_unknown_dim);
      });
    }
  }
  if (dims.empty() && rank > 0 && rank <= static_cast<std::int64_t>(k_max_rank))
    dims.assign(static_cast<std::size_t>(rank), k_unknown_dim);
  if (dims.empty() || dims.size() > k_max_rank)
    return std::nullopt;
  return dims;
}

}  // namespace

void read_layer_header(WireReader& message, LayerHeader& layer) {
  layer.name = {};
  layer.inputs.clear();
  layer.outputs.clear();
  layer.hints.clear();
  layer.too_many_names = false;
  layer.field = 0;
  layer.parameters.clear();
  while (message.next()) {
    const auto field = message.field();
    const bool full =
        layer.inputs.size() + layer.outputs.size() + layer.hints.size() >= k_max_layer_names;
    if (full && (field == 2 || field == 3 || field == 5)) {
      layer.too_many_names = true;
      continue;
    }
    if (field == 1) {
      layer.name = message.string();
    } else if (field == 2) {
      layer.inputs.push_back(message.string());
    } else if (field == 3) {
      layer.outputs.push_back(message.string());
    } else if (field == 5) {
      layer.hints.push_back(read_hint(message.message()));
    } else if (field >= k_first_layer_field && message.type() == WireType::length) {
      // The parameters are a oneof: the last kind wins, pieces of one kind merge. A kind nobody
      // knows is an unknown field to libprotobuf and does not replace a known one.
      const bool replaces = find_layer(field) != nullptr || find_layer(layer.field) == nullptr;
      if (field != layer.field && replaces) {
        layer.field = field;
        layer.parameters.clear();
      }
      if (field == layer.field)
        layer.parameters.push_back(message.extent());
    }
  }
}

}  // namespace anecompat::coreml
