// Writes Core ML models: the files around a network or program, and what they declare.
#pragma once

#include "support/model_writer_wire.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anecompat::test {

using Dims = std::vector<std::int64_t>;

// Numbers of ArrayFeatureType.ArrayDataType.
enum class ArrayType : std::uint32_t { float16 = 65552, float32 = 65568, int32 = 131104 };

// FeatureDescription messages.
Message array_feature(std::string_view name, ArrayType type, const Dims& shape);
// An array whose size in each dimension lies between the bounds given (upper -1: unbounded).
Message flexible_array_feature(std::string_view name, ArrayType type, const Dims& shape,
                               const std::vector<std::pair<std::int64_t, std::int64_t>>& bounds);
Message image_feature(std::string_view name, std::int64_t width, std::int64_t height);  // RGB
Message double_feature(std::string_view name);
Message int64_feature(std::string_view name);
Message string_feature(std::string_view name);
Message label_probabilities_feature(std::string_view name);  // dictionary with text keys

struct ModelParts {
  std::int64_t spec_version = 1;
  std::vector<Message> inputs;
  std::vector<Message> outputs;
  std::string predicted_feature;  // classifiers only
  std::string predicted_probabilities;
  std::uint32_t type_field = 0;  // of the Type oneof: 500 neuralNetwork, 502 mlProgram, …
  Message type;
};

// A Model message.
Message model_message(const ModelParts& parts);

// A pipeline's type message over finished models, named in order.
Message pipeline_message(const std::vector<std::pair<std::string, Message>>& stages);

// Weights of a package: a file in MIL's blob storage format 2.
class WeightFile {
 public:
  enum class Type : std::uint32_t { float16 = 1, float32 = 2, uint8 = 3, int8 = 4 };

  // Appends one blob and returns the offset by which a program refers to it.
  std::uint64_t add(Type type, std::string_view data);
  bool empty() const { return m_count == 0; }
  std::string contents() const;

 private:
  std::uint32_t m_count = 0;
  std::string m_blobs;
};

// Raw little-endian elements: `count` small weights that are the same in every run, spread like
// those of a trained network.
std::string float16_bytes(float value);  // one number
std::string float16_weights(std::size_t count, std::uint32_t seed);
std::string float32_weights(std::size_t count, std::uint32_t seed);
std::string byte_weights(std::size_t count, std::uint32_t seed);

// Files, parents included. Throw std::runtime_error when that fails.
void write_file(const std::string& path, std::string_view contents);
void write_package(const std::string& path, const Message& model, const WeightFile& weights);

}  // namespace anecompat::test
