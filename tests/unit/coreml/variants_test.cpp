// Kinds of models that people publish and that the corpus has none of, written from the field
// numbers and the grammar of the formats.
#include "coreml/reader.hpp"
#include "support/temp_dir.hpp"
#include "unit/coreml/program_support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>

namespace anecompat::coreml::test {

namespace {

using anecompat::test::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr std::uint32_t k_inputs = 1;
constexpr std::uint32_t k_outputs = 10;
constexpr std::uint64_t k_array_fp16 = 0x10010;
constexpr std::uint64_t k_array_fp32 = 0x10020;
constexpr std::uint64_t k_array_int8 = 0x20008;

Message array(std::uint64_t code, const std::vector<std::uint64_t>& dims) {
  Message message;
  for (const auto dim : dims)
    message.number(1, dim);
  return message.number(2, code);
}

Message array_feature(std::string_view name, std::uint64_t code,
                      const std::vector<std::uint64_t>& dims) {
  return Message().text(1, name).message(3, Message().message(5, array(code, dims)));
}

Message state_feature(std::string_view name, const std::vector<std::uint64_t>& dims) {
  const auto state = Message().message(1, array(k_array_fp16, dims));
  return Message().text(1, name).message(3, Message().message(8, state));
}

Message image_feature(std::string_view name, std::uint64_t color_space) {
  const auto image = Message().number(1, 64).number(2, 32).number(3, color_space);
  return Message().text(1, name).message(3, Message().message(4, image));
}

Message state_type(const std::vector<std::int64_t>& dims) {
  return Message().message(5, Message().message(1, tensor_type(k_fp16, dims)));
}

Message any_description() {
  return Message()
      .message(k_inputs, array_feature("x", k_array_fp16, {1, 4}))
      .message(k_outputs, array_feature("y", k_array_fp16, {1, 4}));
}

const Message k_type = tensor_type(k_fp16, {1, 4});

Message relu_program(std::string_view opset) {
  const auto relu =
      operation({.type = "relu", .inputs = {{"x", by_name("x")}}, .outputs = {{"y", k_type}}});
  return program({{"main", function({{"x", k_type}}, block({relu}, {"y"}), opset)}});
}

Graph must_read(const std::string& path) {
  auto graph = read_model(path);
  if (!graph) {
    ADD_FAILURE() << graph.error().to_string();
    return {};
  }
  return std::move(*graph);
}

Graph read_mlmodel(const Message& model) {
  const TempDir directory;
  return must_read(directory.write("m.mlmodel", model.bytes()));
}

std::vector<std::string> types_of(const Function& function) {
  std::vector<std::string> types;
  for (const auto& op : function.body.operations)
    types.emplace_back(op.type);
  return types;
}

std::vector<std::string> notes_of(const Graph& graph) {
  std::vector<std::string> texts;
  for (const auto& note : graph.notes())
    texts.push_back(note.text);
  return texts;
}

// What a language model keeps between two steps: read, changed and written back.
Message stateful_function(std::int64_t tokens) {
  const auto type = tensor_type(k_fp16, {tokens, 4});
  const auto body =
      block({operation({.type = "read_state",
                        .inputs = {{"input", by_name("kv")}},
                        .outputs = {{"old", tensor_type(k_fp16, {tokens, 4})}}}),
             operation({.type = "add",
                        .inputs = {{"x", by_name("old")}, {"y", by_name("x")}},
                        .outputs = {{"y", type}}}),
             operation({.type = "write_state",
                        .inputs = {{"input", by_name("kv")}, {"data", by_name("y")}}})},
            {"y"});
  return function({{"x", type}, {"kv", state_type({tokens, 4})}}, body);
}

Message function_description(std::string_view name, std::uint64_t tokens) {
  return Message()
      .text(1, name)
      .message(2, array_feature("x", k_array_fp16, {tokens, 4}))
      .message(3, array_feature("y", k_array_fp16, {tokens, 4}))
      .message(6, state_feature("kv", {tokens, 4}));
}

}  // namespace

TEST(Variants, a_stateful_program_of_two_functions) {
  const auto description = Message()
                               .message(20, function_description("prefill", 64))
                               .message(20, function_description("decode", 1))
                               .text(21, "decode");
  const auto body = program({{"prefill", stateful_function(64)}, {"decode", stateful_function(1)}});
  const auto graph =
      read_mlmodel(Message().number(1, 9).message(2, description).message(502, body));
  const auto& model = graph.model();
  ASSERT_EQ(model.functions.size(), 2U);
  EXPECT_EQ(model.default_function, "decode");
  EXPECT_EQ(model.inputs[0].shape.to_string(), "[1, 4]");
  ASSERT_EQ(model.states.size(), 1U);
  EXPECT_EQ(model.states[0].kind, Feature::Kind::state);
  EXPECT_EQ(model.states[0].dtype, DataType::float16);
  for (const auto& function : model.functions) {
    EXPECT_THAT(types_of(function), ElementsAre("read_state", "add", "write_state"));
    EXPECT_EQ(function.body.operations[2].name, "write_state_kv");
    EXPECT_THAT(graph.value(function.inputs[1]).type.to_string(), HasSubstr("state<fp16["));
  }
  EXPECT_THAT(notes_of(graph), IsEmpty());
}

TEST(Variants, a_compiled_stateful_program_without_a_header) {
  const TempDir directory;
  const auto function = [](std::string_view name, int tokens) {
    return fmt::format(
        "func {0}<ios18>(state<tensor<fp16, [{1}, 4]>> kv, tensor<fp16, [{1}, 4]> x) {{\n"
        "tensor<fp16, [{1}, 4]> old = read_state(input = kv)[name = string(\"r\")];\n"
        "tensor<fp16, [{1}, 4]> y = add(x = old, y = x)[name = string(\"a\")];\n"
        "write_state(data = y, input = kv)[name = string(\"w\")];\n"
        "}} -> (y);\n",
        name, tokens);
  };
  directory.write("m.mlmodelc/model.mil",
                  "program(1.3)\n{\n" + function("main", 1) + function("prefill", 64) + "}\n");
  directory.write("m.mlmodelc/analytics/coremldata.bin", "anything");
  directory.write("m.mlmodelc/weights/weight.bin", "anything");
  const auto graph = must_read(directory.file("m.mlmodelc"));
  const auto& model = graph.model();
  ASSERT_EQ(model.functions.size(), 2U);
  EXPECT_EQ(model.default_function, "main");
  EXPECT_EQ(model.spec_version, 9);
  ASSERT_EQ(model.states.size(), 1U);
  EXPECT_EQ(model.states[0].name, "kv");
  EXPECT_THAT(types_of(model.functions[1]), ElementsAre("read_state", "add", "write_state"));
}

TEST(Variants, every_element_type_is_known_by_number_and_by_name) {
  struct Row {
    std::uint64_t number;
    std::string_view name;
  };
  constexpr std::array k_rows = {
      Row{1, "bool"},       Row{2, "string"},  Row{10, "fp16"},   Row{11, "fp32"},
      Row{12, "fp64"},      Row{13, "bf16"},   Row{21, "int8"},   Row{22, "int16"},
      Row{23, "int32"},     Row{24, "int64"},  Row{25, "int4"},   Row{31, "uint8"},
      Row{32, "uint16"},    Row{33, "uint32"}, Row{34, "uint64"}, Row{35, "uint4"},
      Row{36, "uint2"},     Row{37, "uint1"},  Row{38, "uint6"},  Row{39, "uint3"},
      Row{40, "fp8e4m3fn"}, Row{41, "fp8e5m2"}};
  for (const auto& row : k_rows) {
    const auto type = tensor_type(row.number, {2});
    const auto message =
        read_program_message(program({{"main", function({{"x", type}}, block({}, {"x"}))}}));
    ASSERT_TRUE(message) << message.error().to_string();
    const auto expected = fmt::format("{}[2]", row.name);
    EXPECT_EQ(message->value(message->model().functions[0].inputs[0]).type.to_string(), expected);
    EXPECT_THAT(notes_of(*message), IsEmpty()) << row.name;

    const TempDir directory;
    const auto text = must_read(directory.write(
        "m.mil", fmt::format("program(1.3) {{ func main<ios18>(tensor<{}, [2]> x) {{ }} -> (x); }}",
                             row.name)));
    EXPECT_EQ(text.value(text.model().functions[0].inputs[0]).type.to_string(), expected);
    EXPECT_THAT(notes_of(text), IsEmpty()) << row.name;
  }
}

TEST(Variants, element_types_of_the_future_are_noted) {
  const auto message = read_program_message(
      program({{"main", function({{"x", tensor_type(99, {2})}}, block({}, {"x"}))}}));
  ASSERT_TRUE(message) << message.error().to_string();
  EXPECT_EQ(message->value(message->model().functions[0].inputs[0]).type.to_string(), "?[2]");
  EXPECT_THAT(notes_of(*message), ElementsAre(HasSubstr("element type number 99")));

  const TempDir directory;
  const auto text = must_read(directory.write(
      "m.mil",
      "program(1.3) { func main<ios18>(tensor<fp6, [2]> x) { tensor<fp6, [2]> y = relu(x = x, "
      "alpha = fp6(1)); } -> (y); }"));
  EXPECT_EQ(text.value(text.model().functions[0].inputs[0]).type.to_string(), "?[2]");
  EXPECT_THAT(notes_of(text), ElementsAre("type \"fp6\" is not one this version knows"));
}

TEST(Variants, compressed_weights_of_ios_18_are_told_apart) {
  const auto dense = tensor_type(k_fp16, {4, 4});
  const auto raw = [](std::uint64_t dtype, const std::vector<std::int64_t>& dims) {
    return by_value(blob_value(tensor_type(dtype, dims), "@model_path/weights/weight.bin", 64));
  };
  constexpr std::uint64_t k_uint1 = 37;
  constexpr std::uint64_t k_uint2 = 36;
  constexpr std::uint64_t k_int4 = 25;
  const std::vector<Message> operations = {
      operation({.type = "constexpr_lut_to_dense",
                 .inputs = {{"indices", raw(k_uint2, {4, 4})}, {"lut", raw(k_fp16, {1, 1, 4, 1})}},
                 .outputs = {{"palettized", dense}}}),
      operation({.type = "constexpr_blockwise_shift_scale",
                 .inputs = {{"data", raw(k_int4, {4, 4})}, {"scale", raw(k_fp16, {4, 1})}},
                 .outputs = {{"blockwise", dense}}}),
      operation({.type = "constexpr_lut_to_sparse",
                 .inputs = {{"indices_mask", raw(k_uint1, {4, 4})},
                            {"indices_nonzero_data", raw(k_uint2, {5})},
                            {"lut", raw(k_fp16, {1, 1, 4, 1})}},
                 .outputs = {{"mask", tensor_type(k_uint1, {4, 4})},
                             {"nonzero", tensor_type(k_fp16, {5})}}}),
      operation({.type = "constexpr_sparse_to_dense",
                 .inputs = {{"mask", by_name("mask")}, {"nonzero_data", by_name("nonzero")}},
                 .outputs = {{"sparse", dense}}}),
      operation({.type = "matmul",
                 .inputs = {{"x", by_name("x")}, {"y", by_name("sparse")}},
                 .outputs = {{"y", k_type}}})};
  const auto graph = read_program_message(
      program({{"main", function({{"x", k_type}}, block(operations, {"y"}))}}));
  ASSERT_TRUE(graph) << graph.error().to_string();
  const auto all = graph->model().functions[0].body.operations;
  for (const auto& op : all.first(4)) {
    EXPECT_EQ(op.kind, OperationKind::constexpr_) << op.type;
    for (const auto id : op.outputs)
      EXPECT_TRUE(graph->value(id).is_constant) << op.type;
  }
  EXPECT_EQ(all[4].kind, OperationKind::compute);
  std::vector<std::string> encodings;
  for (const auto& weight : graph->model().weights)
    encodings.push_back(fmt::format("{}: {} bytes", weight.encoding, weight.bytes));
  EXPECT_THAT(encodings,
              UnorderedElementsAre("palettized 2 bits: 12 bytes", "blockwise int4: 16 bytes",
                                   "sparse palettized 2 bits: 12 bytes", "sparse: 0 bytes"));
}

TEST(Variants, a_pipeline_in_a_package_with_a_newer_stage) {
  const auto stage =
      Message().number(1, 8).message(2, any_description()).message(502, relu_program("CoreML7"));
  const auto scaler = Message().number(1, 1).message(2, any_description()).message(604, Message());
  const auto pipeline =
      Message().message(1, scaler).message(1, stage).text(2, "scale").text(2, "net");
  const TempDir directory;
  directory.write(
      "p.mlpackage/Data/org.example/pipe.mlmodel",
      Message().number(1, 5).message(2, any_description()).message(202, pipeline).bytes());
  directory.write("p.mlpackage/Manifest.json",
                  R"({"fileFormatVersion": "1.0.0", "rootModelIdentifier": "B", "itemInfoEntries":
  {"B": {"path": "org.example/pipe.mlmodel"}}})");
  const auto graph = must_read(directory.file("p.mlpackage"));
  ASSERT_EQ(graph.model().stages.size(), 2U);
  EXPECT_EQ(graph.model().stages[0].type_name, "scaler");
  EXPECT_EQ(graph.model().stages[1].name, "net");
  EXPECT_EQ(graph.model().stages[1].spec_version, 8);
  EXPECT_THAT(types_of(graph.model().stages[1].functions[0]), ElementsAre("relu"));
}

TEST(Variants, manifests_of_other_writers) {
  const auto model = Message()
                         .number(1, 6)
                         .message(2, any_description())
                         .message(502, relu_program("CoreML5"))
                         .bytes();
  constexpr std::array<std::string_view, 4> k_manifests = {
      // With a byte order mark, and keys nobody knows.
      "\xEF\xBB\xBF{\"fileFormatVersion\": \"1.0.0\", \"tool\": {\"a\": [1]}, "
      "\"itemInfoEntries\": {\"A\": {\"path\": \"a/m.mlmodel\", \"extra\": null}}, "
      "\"rootModelIdentifier\": \"A\"}",
      // The weights first, as a directory; the model by a roundabout path.
      R"({"itemInfoEntries": {"0": {"path": "a/weights"}, "1": {"path": "./a//m.mlmodel"}},
      "rootModelIdentifier": "1"})",
      // Of a later format.
      R"({"fileFormatVersion": "2.1.0", "itemInfoEntries": {"A": {"path": "a/m.mlmodel"}},
      "rootModelIdentifier": "A"})",
      // Escaped slashes, as Apple's own writer has them.
      R"({"itemInfoEntries": {"A": {"path": "a\/m.mlmodel"}}, "rootModelIdentifier": "A"})"};
  for (const auto manifest : k_manifests) {
    const TempDir directory;
    directory.write("p.mlpackage/Data/a/m.mlmodel", model);
    directory.write("p.mlpackage/Data/a/weights/weight.bin", "");
    directory.write("p.mlpackage/._Manifest.json", "left by a copy from another system");
    directory.write("p.mlpackage/Manifest.json", manifest);
    const auto graph = must_read(directory.file("p.mlpackage/"));
    ASSERT_EQ(graph.model().functions.size(), 1U) << manifest;
    EXPECT_THAT(notes_of(graph), IsEmpty()) << manifest;
  }
}

TEST(Variants, updatable_models) {
  const auto update = Message().message(1, Message().text(1, "loss"));
  const auto inner = Message()
                         .text(1, "dense")
                         .text(2, "x")
                         .text(3, "y")
                         .number(10, 1)
                         .message(140, Message().number(1, 4).number(2, 4));
  const auto network =
      read_mlmodel(Message()
                       .number(1, 4)
                       .message(2, any_description())
                       .number(10, 1)
                       .message(500, Message().message(1, inner).message(10, update)));
  EXPECT_TRUE(network.model().updatable);
  EXPECT_THAT(types_of(network.model().functions[0]), ElementsAre("linear"));
  const auto neighbors = read_mlmodel(
      Message().number(1, 4).message(2, any_description()).number(10, 1).message(404, Message()));
  EXPECT_TRUE(neighbors.model().updatable);
  EXPECT_EQ(neighbors.model().kind, ModelKind::classic);

  const TempDir directory;
  directory.write("m.mlmodelc/model.espresso.net", R"({"format_version": 200, "layers": []})");
  directory.write("m.mlmodelc/updateParameters/coremldata.bin", "");
  EXPECT_TRUE(must_read(directory.file("m.mlmodelc")).model().updatable);
}

TEST(Variants, inputs_of_sixteen_and_of_eight_bits) {
  constexpr std::uint64_t k_gray_fp16 = 40;
  const auto description = Message()
                               .message(k_inputs, image_feature("image", k_gray_fp16))
                               .message(k_inputs, array_feature("tokens", k_array_int8, {1, 8}))
                               .message(k_inputs, array_feature("old", k_array_fp32, {3}))
                               .message(k_outputs, image_feature("strange", 77));
  const auto graph =
      read_mlmodel(Message().number(1, 10).message(2, description).message(500, Message()));
  const auto& model = graph.model();
  ASSERT_EQ(model.inputs.size(), 3U);
  EXPECT_EQ(model.inputs[0].color_space, "GRAYSCALE_FLOAT16");
  EXPECT_EQ(model.inputs[0].shape.to_string(), "[1, 1, 32, 64]");
  EXPECT_EQ(model.inputs[1].dtype, DataType::int8);
  EXPECT_EQ(model.inputs[2].dtype, DataType::float32);
  EXPECT_EQ(model.outputs[0].color_space, "");
  EXPECT_EQ(model.outputs[0].shape.to_string(), "[1, ?, 32, 64]");
}

TEST(Variants, custom_layers_of_both_formats) {
  const auto layer = Message()
                         .text(1, "swish")
                         .text(2, "x")
                         .text(3, "y")
                         .message(500, Message().text(10, "MySwish").text(40, "a description"));
  const auto network = read_mlmodel(Message()
                                        .number(1, 2)
                                        .message(2, any_description())
                                        .message(500, Message().message(1, layer)));
  const auto& op = network.model().functions[0].body.operations[0];
  EXPECT_EQ(op.type, "custom_layer");
  ASSERT_NE(op.attribute("class_name"), nullptr);
  EXPECT_EQ(op.attribute("class_name")->value.as_string(), "MySwish");

  const auto custom = operation({.type = "custom_layer",
                                 .inputs = {{"x", by_name("x")}},
                                 .outputs = {{"y", k_type}},
                                 .attributes = {{"class_name", string_value("MySwish")}}});
  const auto graph =
      read_program_message(program({{"main", function({{"x", k_type}}, block({custom}, {"y"}))}}));
  ASSERT_TRUE(graph) << graph.error().to_string();
  EXPECT_EQ(op_named(*graph, "y").attribute("class_name")->value.as_string(), "MySwish");
}

TEST(Variants, a_specification_of_the_future_is_read_and_noted) {
  const auto graph = read_mlmodel(
      Message().number(1, 12).message(2, any_description()).message(502, relu_program("CoreML11")));
  EXPECT_THAT(types_of(graph.model().functions[0]), ElementsAre("relu"));
  EXPECT_EQ(graph.model().functions[0].opset, "CoreML11");
  EXPECT_THAT(notes_of(graph), ElementsAre(HasSubstr("specification version 12 is newer")));
}

}  // namespace anecompat::coreml::test
