// libprotobuf and our decoder must see the same operations in every ML Program of the corpus.
#include "coreml/graph_builder.hpp"
#include "coreml/ml_program_reader.hpp"
#include "support/byte_source.hpp"
#include "support/corpus.hpp"

#include <gmock/gmock.h>
#include <model.pb.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace anecompat::coreml {

namespace {

namespace fs = std::filesystem;

std::string type_text(const ValueType& type) {
  return type.is_tensor() ? type.shape.to_string() : std::string();
}

std::string type_text(const peer::ValueType& type) {
  if (!type.has_tensor_type())
    return {};
  const auto& tensor = type.tensor_type();
  std::string text;
  for (const auto& dimension : tensor.dimensions()) {
    text += text.empty() ? "[" : ", ";
    text += dimension.has_constant() ? std::to_string(dimension.constant().size()) : "?";
  }
  return text.empty() ? "[]" : text + "]";
}

// One line per operation: function, depth, type, operands by parameter, outputs with shapes.
void list_ours(const Graph& graph, const Block& block, const std::string& prefix,
               std::vector<std::string>& lines) {
  for (const auto& op : block.operations) {
    auto line = prefix + std::string(op.source_type);
    for (const auto& argument : op.inputs) {
      line += " " + std::string(argument.name) + "=";
      for (const auto id : argument.values)
        line += std::string(graph.value(id).name) + ";";
    }
    line += " ->";
    for (const auto id : op.outputs) {
      const auto& value = graph.value(id);
      line += " " + std::string(value.name) + type_text(value.type);
    }
    lines.push_back(line);
    for (const auto& nested : op.blocks)
      list_ours(graph, nested, prefix + "  ", lines);
  }
}

void list_theirs(const peer::Block& block, const std::string& prefix,
                 std::vector<std::string>& lines) {
  for (const auto& op : block.operations()) {
    auto line = prefix + op.type();
    std::vector<std::string> parameters;
    for (const auto& [name, argument] : op.inputs())
      parameters.push_back(name);
    std::ranges::sort(parameters);
    for (const auto& name : parameters) {
      line += " " + name + "=";
      for (const auto& binding : op.inputs().at(name).arguments())
        line += binding.name() + ";";
    }
    line += " ->";
    for (const auto& output : op.outputs())
      line += " " + output.name() + type_text(output.type());
    lines.push_back(line);
    for (const auto& nested : op.blocks())
      list_theirs(nested, prefix + "  ", lines);
  }
}

std::vector<std::string> ours(const std::string& path) {
  const auto source = ByteSource::open(path);
  if (!source)
    return {source.error().to_string()};
  GraphBuilder builder("mlpackage");
  builder.keep(*source);
  WireStatus status;
  WireReader model(**source, status);
  while (model.next()) {
    if (model.field() != 502)
      continue;
    const auto parts = read_ml_program(model.message(), builder, {});
    if (!parts)
      return {parts.error().to_string()};
    std::vector<std::string> lines;
    for (const auto& function : parts->functions)
      list_ours(builder.graph(), function.body, std::string(function.name) + ": ", lines);
    return lines;
  }
  return {"no program"};
}

std::vector<std::string> theirs(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(stream), {});
  peer::Model model;
  if (!model.ParseFromString(bytes))
    return {"libprotobuf refuses the file"};
  std::vector<std::string> names;
  for (const auto& [name, function] : model.ml_program().functions())
    names.push_back(name);
  std::ranges::sort(names);
  std::vector<std::string> lines;
  for (const auto& name : names) {
    const auto& function = model.ml_program().functions().at(name);
    list_theirs(function.block_specializations().at(function.opset()), name + ": ", lines);
  }
  return lines;
}

}  // namespace

TEST(ProtobufPeer, sees_the_same_operations_in_every_program) {
  ANECOMPAT_REQUIRE_CORPUS();
  std::size_t compared = 0;
  for (const auto& model : test::corpus_models()) {
    if (model.kind != "mlprogram")
      continue;
    for (const auto& file : fs::recursive_directory_iterator(model.path)) {
      if (file.path().extension() != ".mlmodel")
        continue;
      const auto expected = theirs(file.path().string());
      ASSERT_GT(expected.size(), 1U) << model.name;
      EXPECT_EQ(ours(file.path().string()), expected) << model.name;
      ++compared;
    }
  }
  EXPECT_GE(compared, 19U);
}

}  // namespace anecompat::coreml
