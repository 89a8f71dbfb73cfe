#include "support/model_writer.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace anecompat::test {

namespace fs = std::filesystem;

namespace {

Message feature(std::string_view name, const Message& type) {
  return Message().bytes(1, name).message(3, type);
}

template <typename T>
void append(std::string& to, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  to.append(bytes, sizeof value);
}

void pad_to_64(std::string& text) {
  text.resize((text.size() + 63) / 64 * 64, '\0');
}

// A 32-bit generator (Marsaglia's xorshift): the same numbers on every platform.
class Random {
 public:
  explicit Random(std::uint32_t seed) : m_state(seed * 2654435761U + 1U) {}

  std::uint32_t next() {
    m_state ^= m_state << 13U;
    m_state ^= m_state >> 17U;
    m_state ^= m_state << 5U;
    return m_state;
  }
  // Between -0.125 and 0.125.
  float weight() { return (static_cast<float>(next() >> 8U) / 16777216.0F - 0.5F) * 0.25F; }

 private:
  std::uint32_t m_state;
};

// Rounds towards zero; magnitudes below half precision's normal range become zero.
std::uint16_t half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = (bits >> 16U) & 0x8000U;
  const auto exponent = static_cast<int>((bits >> 23U) & 0xFFU) - 127 + 15;
  if (exponent <= 0)
    return static_cast<std::uint16_t>(sign);
  return static_cast<std::uint16_t>(sign | (static_cast<std::uint32_t>(exponent) << 10U) |
                                    ((bits >> 13U) & 0x3FFU));
}

}  // namespace

Message array_feature(std::string_view name, ArrayType type, const Dims& shape) {
  const auto array = Message().integers(1, shape).varint(2, static_cast<std::uint64_t>(type));
  return feature(name, Message().message(5, array));
}

Message flexible_array_feature(std::string_view name, ArrayType type, const Dims& shape,
                               const std::vector<std::pair<std::int64_t, std::int64_t>>& bounds) {
  Message range;
  for (const auto& [lower, upper] : bounds)
    range.message(1, Message().integer(1, lower).integer(2, upper));
  const auto array =
      Message().integers(1, shape).varint(2, static_cast<std::uint64_t>(type)).message(31, range);
  return feature(name, Message().message(5, array));
}

Message image_feature(std::string_view name, std::int64_t width, std::int64_t height) {
  constexpr std::uint64_t k_rgb = 20;
  const auto image = Message().integer(1, width).integer(2, height).varint(3, k_rgb);
  return feature(name, Message().message(4, image));
}

Message int64_feature(std::string_view name) {
  return feature(name, Message().message(1, Message()));
}

Message double_feature(std::string_view name) {
  return feature(name, Message().message(2, Message()));
}

Message string_feature(std::string_view name) {
  return feature(name, Message().message(3, Message()));
}

Message label_probabilities_feature(std::string_view name) {
  return feature(name, Message().message(6, Message().message(2, Message())));
}

Message model_message(const ModelParts& parts) {
  Message description;
  for (const auto& input : parts.inputs)
    description.message(1, input);
  for (const auto& output : parts.outputs)
    description.message(10, output);
  if (!parts.predicted_feature.empty())
    description.bytes(11, parts.predicted_feature);
  if (!parts.predicted_probabilities.empty())
    description.bytes(12, parts.predicted_probabilities);
  return Message()
      .integer(1, parts.spec_version)
      .message(2, description)
      .message(parts.type_field, parts.type);
}

Message pipeline_message(const std::vector<std::pair<std::string, Message>>& stages) {
  Message pipeline;
  for (const auto& [name, model] : stages)
    pipeline.message(1, model);
  for (const auto& [name, model] : stages)
    pipeline.bytes(2, name);
  return pipeline;
}

std::uint64_t WeightFile::add(Type type, std::string_view data) {
  constexpr std::size_t k_header = 64;
  constexpr std::uint32_t k_sentinel = 0xDEADBEEF;
  const auto offset = k_header + m_blobs.size();
  append(m_blobs, k_sentinel);
  append(m_blobs, static_cast<std::uint32_t>(type));
  append(m_blobs, static_cast<std::uint64_t>(data.size()));
  append(m_blobs, static_cast<std::uint64_t>(offset + 64));
  pad_to_64(m_blobs);
  m_blobs += data;
  pad_to_64(m_blobs);
  ++m_count;
  return offset;
}

std::string WeightFile::contents() const {
  constexpr std::uint32_t k_version = 2;
  std::string file;
  append(file, m_count);
  append(file, k_version);
  pad_to_64(file);
  return file + m_blobs;
}

std::string float16_bytes(float value) {
  std::string data;
  append(data, half(value));
  return data;
}

std::string float16_weights(std::size_t count, std::uint32_t seed) {
  Random random(seed);
  std::string data;
  data.reserve(count * 2);
  for (std::size_t i = 0; i < count; ++i)
    append(data, half(random.weight()));
  return data;
}

std::string float32_weights(std::size_t count, std::uint32_t seed) {
  Random random(seed);
  std::string data;
  data.reserve(count * 4);
  for (std::size_t i = 0; i < count; ++i)
    append(data, random.weight());
  return data;
}

std::string byte_weights(std::size_t count, std::uint32_t seed) {
  Random random(seed);
  std::string data;
  data.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    data += static_cast<char>(random.next() >> 24U);
  return data;
}

void write_file(const std::string& path, std::string_view contents) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream file(path, std::ios::binary);
  file << contents;
  file.close();
  if (!file)
    throw std::runtime_error("cannot write " + path);
}

void write_package(const std::string& path, const Message& model, const WeightFile& weights) {
  // Fixed identifiers, so that the same model always gives the same package.
  constexpr std::string_view k_model_id = "3D0C4B8E-6B52-4C44-9C32-3F1F4C0C0A01";
  constexpr std::string_view k_weights_id = "3D0C4B8E-6B52-4C44-9C32-3F1F4C0C0A02";
  std::string manifest = "{\n  \"fileFormatVersion\": \"1.0.0\",\n  \"itemInfoEntries\": {\n";
  const auto item = [&](std::string_view id, std::string_view name, std::string_view what) {
    manifest += "    \"" + std::string(id) + "\": {\"author\": \"com.apple.CoreML\", ";
    manifest += "\"description\": \"CoreML Model " + std::string(what) + "\", ";
    manifest += "\"name\": \"" + std::string(name) + "\", ";
    manifest += "\"path\": \"com.apple.CoreML/" + std::string(name) + "\"}";
  };
  item(k_model_id, "model.mlmodel", "Specification");
  if (!weights.empty()) {
    manifest += ",\n";
    item(k_weights_id, "weights", "Weights");
    write_file(path + "/Data/com.apple.CoreML/weights/weight.bin", weights.contents());
  }
  manifest += "\n  },\n  \"rootModelIdentifier\": \"" + std::string(k_model_id) + "\"\n}\n";
  write_file(path + "/Data/com.apple.CoreML/model.mlmodel", model.encoded());
  write_file(path + "/Manifest.json", manifest);
}

}  // namespace anecompat::test
