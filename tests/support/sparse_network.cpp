#include "support/sparse_network.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <string_view>
#include <vector>

namespace anecompat::test {

namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U)
    bytes += static_cast<char>(0x80U | (value & 0x7fU));
  return bytes + static_cast<char>(value);
}

// Tag and length of a length-delimited field, whose contents follow elsewhere.
std::string head(std::uint32_t field, std::uint64_t size) {
  return varint(std::uint64_t{field} << 3U | 2U) + varint(size);
}

std::string text(std::uint32_t field, std::string_view contents) {
  return head(field, contents.size()) + std::string(contents);
}

std::string number(std::uint32_t field, std::uint64_t value) {
  return varint(std::uint64_t{field} << 3U) + varint(value);
}

// All of a layer but its weights, which come last.
std::string layer_without_weights(int index, std::uint64_t weight_bytes) {
  constexpr std::uint32_t k_inner_product = 140;
  constexpr std::uint64_t k_inputs = 64;
  const auto floats = head(1, weight_bytes);
  const auto weights = head(20, floats.size() + weight_bytes) + floats;
  const auto sizes = number(1, k_inputs) + number(2, weight_bytes / sizeof(float) / k_inputs);
  const auto parameters =
      head(k_inner_product, sizes.size() + weights.size() + weight_bytes) + sizes + weights;
  const auto wiring = text(1, "layer_" + std::to_string(index)) +
                      text(2, index == 0 ? "x" : "y_" + std::to_string(index - 1)) +
                      text(3, "y_" + std::to_string(index));
  const auto size = wiring.size() + parameters.size() + weight_bytes;
  return head(1, size) + wiring + parameters;
}

std::string feature(std::uint32_t field, const std::string& name) {
  constexpr std::uint64_t k_float32 = 65568;
  const auto array = text(1, varint(64)) + number(2, k_float32);
  return text(field, text(1, name) + text(3, text(5, array)));
}

bool write_at(int file, const std::string& bytes, std::uint64_t offset) {
  return ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(bytes.size());
}

}  // namespace

bool write_sparse_network(const std::string& path, int layers, std::uint64_t weight_bytes) {
  constexpr std::uint32_t k_neural_network = 500;
  std::vector<std::string> parts;
  std::uint64_t body = 0;
  for (int i = 0; i < layers; ++i) {
    parts.push_back(layer_without_weights(i, weight_bytes));
    body += parts.back().size() + weight_bytes;
  }
  const auto description = feature(1, "x") + feature(10, "y_" + std::to_string(layers - 1));
  const auto front = number(1, 1) + text(2, description) + head(k_neural_network, body);

  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0)
    return false;
  bool written = write_at(file, front, 0);
  std::uint64_t offset = front.size();
  for (const auto& part : parts) {
    written = written && write_at(file, part, offset);
    offset += part.size() + weight_bytes;
  }
  written = written && ::ftruncate(file, static_cast<off_t>(offset)) == 0;
  return ::close(file) == 0 && written;
}

}  // namespace anecompat::test
