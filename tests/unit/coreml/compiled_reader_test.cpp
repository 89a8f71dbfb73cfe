#include "coreml/compiled_reader.hpp"

#include "coreml/metadata_json.hpp"
#include "coreml/mil_text_reader.hpp"
#include "support/corpus.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"
#include "unit/coreml/program_support.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <tuple>

namespace anecompat::coreml::test {

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view k_program =
    "program(1.3) { func main<ios18>(tensor<fp16, [1, 4]> x) { tensor<fp16, [1, 4]> y = relu(x = "
    "x); } -> (y); }";

std::string error_of(const std::string& directory) {
  const auto graph = read_compiled(directory, {});
  return graph ? "read" : graph.error().to_string();
}

using Line = std::tuple<std::string, std::string, std::string>;  // type, output, its type

void collect(const Graph& graph, const Block& block, std::vector<Line>& lines) {
  for (const auto& op : block.operations) {
    for (const auto& nested : op.blocks)
      collect(graph, nested, lines);
    if (op.kind == OperationKind::constant)
      continue;
    for (const auto id : op.outputs) {
      const auto& value = graph.value(id);
      lines.emplace_back(op.type, value.name, value.type.to_string());
    }
  }
}

std::vector<Line> lines_of(const Graph& graph) {
  std::vector<Line> lines;
  for (const auto& function : graph.model().functions)
    collect(graph, function.body, lines);
  return lines;
}

}  // namespace

TEST(CompiledReader, packages_and_compiled_models_hold_the_same_operations) {
  ANECOMPAT_REQUIRE_CORPUS();
  std::size_t pairs = 0;
  for (const auto& model : anecompat::test::corpus_models()) {
    const auto package = fs::path(model.path).replace_extension(".mlpackage");
    if (model.kind != "mil-c" || !fs::exists(package))
      continue;
    const auto text = read_mil_file(model.path + "/model.mil", {});
    const auto message = read_package_program(package.string());
    ASSERT_TRUE(text) << text.error().to_string();
    ASSERT_TRUE(message) << message.error().to_string();
    EXPECT_EQ(lines_of(*text), lines_of(*message)) << model.name;
    EXPECT_EQ(count_compute(*text), count_compute(*message)) << model.name;
    ++pairs;
  }
  EXPECT_GE(pairs, 2U);
}

TEST(CompiledReader, the_streaming_encoder_has_1174_operations) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto graph =
      read_compiled(*anecompat::test::corpus_directory() +
                        "/models/FluidInference__FluidAudio/Models/ParakeetEOU/Streaming/1280ms/"
                        "streaming_encoder.mlmodelc",
                    {});
  ASSERT_TRUE(graph) << graph.error().to_string();
  EXPECT_EQ(count_compute(*graph), 1174U);
  EXPECT_EQ(graph->format(), "mlmodelc");
  EXPECT_EQ(graph->model().type_name, "mlProgram");
  EXPECT_EQ(graph->model().spec_version, 8);
  EXPECT_EQ(graph->model().inputs.size(), 6U);
  EXPECT_THAT(graph->notes(), IsEmpty());
}

TEST(CompiledReader, operations_are_those_that_the_compiler_counted) {
  ANECOMPAT_REQUIRE_CORPUS();
  std::size_t compared = 0;
  for (const auto& model : anecompat::test::corpus_models()) {
    if (model.kind != "mil-c")
      continue;
    const auto text = read_text_file(model.path + "/metadata.json");
    ASSERT_TRUE(text) << model.name;
    const auto metadata = parse_metadata(*text);
    ASSERT_TRUE(metadata) << metadata.error().to_string();
    const auto graph = read_mil_file(model.path + "/model.mil", {});
    ASSERT_TRUE(graph) << graph.error().to_string();
    std::map<std::string, std::size_t> said;
    for (const auto& [type, count] : metadata->operation_types)
      said[comparable_operation_type(type)] += count;
    std::map<std::string, std::size_t> read;
    for (const auto& [type, count] : count_types(*graph, true))
      read[comparable_operation_type(type)] += count;
    EXPECT_EQ(read, said) << model.name;
    ++compared;
  }
  EXPECT_GE(compared, 9U);
}

TEST(CompiledReader, reads_every_compiled_program_of_the_corpus) {
  ANECOMPAT_REQUIRE_CORPUS();
  for (const auto& model : anecompat::test::corpus_models()) {
    if (model.kind != "mil-c")
      continue;
    const auto graph = read_compiled(model.path, {});
    ASSERT_TRUE(graph) << graph.error().to_string();
    EXPECT_EQ(graph->model().kind, ModelKind::ml_program) << model.name;
    EXPECT_FALSE(graph->model().inputs.empty()) << model.name;
    EXPECT_FALSE(graph->model().outputs.empty()) << model.name;
  }
}

TEST(CompiledReader, a_program_alone_is_enough) {
  anecompat::test::TempDir directory;
  directory.write("m.mlmodelc/model.mil", k_program);
  const auto graph = read_compiled(directory.file("m.mlmodelc"), {});
  ASSERT_TRUE(graph) << graph.error().to_string();
  EXPECT_EQ(graph->model().kind, ModelKind::ml_program);
  EXPECT_EQ(graph->model().spec_version, 9);
  ASSERT_EQ(graph->model().inputs.size(), 1U);
  EXPECT_EQ(graph->model().inputs[0].shape.to_string(), "[1, 4]");
  EXPECT_EQ(graph->model().outputs[0].name, "y");
}

TEST(CompiledReader, metadata_fills_in_for_a_missing_header) {
  anecompat::test::TempDir directory;
  directory.write("m.mlmodelc/model.mil", k_program);
  directory.write("m.mlmodelc/metadata.json",
                  R"([{"specificationVersion": 10, "modelType": {"name": "MLModelType_mlProgram"},
                       "inputSchema": [{"name": "x", "type": "Image", "isOptional": "1"}],
                       "mlProgramOperationTypeHistogram": {"Ios16.relu": 2}}])");
  const auto graph = read_compiled(directory.file("m.mlmodelc"), {});
  ASSERT_TRUE(graph) << graph.error().to_string();
  EXPECT_EQ(graph->model().spec_version, 10);
  EXPECT_EQ(graph->model().inputs[0].kind, Feature::Kind::image);
  EXPECT_TRUE(graph->model().inputs[0].optional);
  ASSERT_EQ(graph->notes().size(), 1U);
  EXPECT_EQ(graph->notes()[0].text, "metadata.json counts 2 operations, model.mil has 1");
}

TEST(CompiledReader, an_encrypted_program_is_unsupported) {
  anecompat::test::TempDir directory;
  const auto path = directory.write("m.mlmodelc/model.mil", "\x8a\x01\x02\x03 program");
  const auto graph = read_compiled(directory.file("m.mlmodelc"), {});
  ASSERT_FALSE(graph);
  EXPECT_EQ(graph.error().kind, ErrorKind::unsupported);
  EXPECT_EQ(graph.error().file, path);
  EXPECT_THAT(graph.error().message, HasSubstr("encrypted"));
}

TEST(CompiledReader, an_error_in_the_text_names_its_place) {
  anecompat::test::TempDir directory;
  const auto path = directory.write("m.mlmodelc/model.mil", "program(1.0)\n{\n  fun main() }");
  EXPECT_EQ(error_of(directory.file("m.mlmodelc")),
            path + ":3:3: expected \"func\" or the \"}\" that ends the program, found \"fun\"");
}

TEST(CompiledReader, a_directory_of_something_else_is_no_model) {
  anecompat::test::TempDir directory;
  directory.write("m.mlmodelc/readme.txt", "hello");
  EXPECT_THAT(error_of(directory.file("m.mlmodelc")), HasSubstr("is no compiled model"));
}

TEST(CompiledReader, a_damaged_header_is_an_error) {
  anecompat::test::TempDir directory;
  directory.write("m.mlmodelc/model.mil", k_program);
  const auto path = directory.write("m.mlmodelc/coremldata.bin", "abc");
  EXPECT_THAT(error_of(directory.file("m.mlmodelc")),
              HasSubstr(path + ": the model type at byte 0 goes beyond the file's 3 bytes"));
}

TEST(CompiledReader, stages_of_a_pipeline_are_read_from_their_directories) {
  anecompat::test::TempDir directory;
  directory.write("p.mlmodelc/metadata.json",
                  R"([{"modelType": {"name": "MLModelType_pipeline"}}])");
  std::string names("\x02\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0first\x06\0\0\0\0\0\0\0second", 35);
  directory.write("p.mlmodelc/modelNames/coremldata.bin", names);
  directory.write("p.mlmodelc/model0/model.mil", k_program);
  EXPECT_THAT(error_of(directory.file("p.mlmodelc")),
              HasSubstr("stage 2 of the pipeline, \"second\", has no directory model1"));
  directory.write("p.mlmodelc/model1/model.mil", k_program);
  const auto graph = read_compiled(directory.file("p.mlmodelc"), {});
  ASSERT_TRUE(graph) << graph.error().to_string();
  ASSERT_EQ(graph->model().stages.size(), 2U);
  EXPECT_EQ(graph->model().stages[1].name, "second");
  EXPECT_EQ(graph->model().stages[1].functions[0].body.operations[0].type, "relu");
}

}  // namespace anecompat::coreml::test
