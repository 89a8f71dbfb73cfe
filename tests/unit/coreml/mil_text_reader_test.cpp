#include "coreml/mil_text_reader.hpp"

#include "coreml/mil_parser.hpp"
#include "coreml/program_features.hpp"
#include "support/corpus.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"
#include "unit/coreml/program_support.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>

namespace anecompat::coreml::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<Graph> read_text(std::string_view text, const ReadContext& context = {}) {
  GraphBuilder builder("mil");
  const auto kept = std::make_shared<const std::string>(text);
  builder.keep(kept);
  ANECOMPAT_TRY_ASSIGN(const auto parts, read_mil_text(*kept, builder, context));
  return std::move(builder).finish(
      {.kind = ModelKind::ml_program, .functions = parts.functions, .weights = parts.weights});
}

Graph must_read(std::string_view text) {
  auto graph = read_text(text);
  if (!graph) {
    ADD_FAILURE() << graph.error().to_string();
    return {};
  }
  return std::move(*graph);
}

std::string in_main(std::string_view statements, std::string_view outputs = "x") {
  return "program(1.3)\n[buildInfo = dict<string, string>({{\"a\", \"b\"}})]\n{\n"
         "func main<ios18>(tensor<fp16, [1, 4]> x, state<tensor<fp16, [1, 8]>> cache) {\n" +
         std::string(statements) + "\n} -> (" + std::string(outputs) + ");\n}\n";
}

const Literal& literal_of(const Graph& graph, std::string_view name) {
  return *graph.value(op_named(graph, name).outputs[0]).literal;
}

std::string error_of(std::string_view text) {
  auto graph = read_text(text);
  return graph ? "read" : std::move(graph.error()).in_file("t").to_string();
}

}  // namespace

TEST(MilTextReader, reads_every_text_of_the_corpus) {
  ANECOMPAT_REQUIRE_CORPUS();
  std::size_t read = 0;
  for (const auto& model : anecompat::test::corpus_models()) {
    if (model.kind != "mil-text" && model.kind != "mil-c")
      continue;
    const auto path = model.kind == "mil-c" ? model.path + "/model.mil" : model.path;
    const auto graph = read_mil_file(path, {});
    ASSERT_TRUE(graph) << graph.error().to_string();
    EXPECT_GT(count_compute(*graph), 0U) << path;
    EXPECT_EQ(graph->model().default_function, "main");
    EXPECT_FALSE(graph->model().inputs.empty());
    ++read;
  }
  EXPECT_GE(read, 14U);
}

TEST(MilTextReader, both_dialects_say_the_same) {
  const auto graph =
      must_read(in_main("int32 a = const()[name = string(\"a\"), val = int32(-3)];\n"
                        "tensor<int32, []> b = const()[val = tensor<int32, []>(-3)];\n"
                        "tensor<string, []> s = const()[val = tensor<string, []>(\"pa\\\"d\")];\n"
                        "tensor<bool, [2]> m = const()[val = tensor<bool, [2]>([true, false])];"));
  EXPECT_EQ(literal_of(graph, "a").as_int(), -3);
  EXPECT_EQ(literal_of(graph, "a").type, literal_of(graph, "b").type);
  EXPECT_EQ(literal_of(graph, "b").as_int(), -3);
  EXPECT_EQ(literal_of(graph, "s").as_string(), "pa\"d");
  EXPECT_THAT(*literal_of(graph, "m").ints(), ElementsAre(1, 0));
  EXPECT_EQ(op_named(graph, "a").label, "a");
  EXPECT_EQ(op_named(graph, "a").kind, OperationKind::constant);
}

TEST(MilTextReader, reads_every_form_of_number) {
  const auto graph =
      must_read(in_main("tensor<fp32, [2, 4]> f = const()[val = tensor<fp32, [2, 4]>("
                        "[[0x1.8p-3, -0x0p+0, -inf, 1e-3], [-2.5, 7, inf, nan]])];"));
  const auto values = *literal_of(graph, "f").floats();
  EXPECT_THAT(std::span(values).first(7),
              ElementsAre(0x1.8p-3, 0, -INFINITY, 1e-3, -2.5, 7, INFINITY));
  EXPECT_TRUE(std::isnan(values[7]));
}

TEST(MilTextReader, long_constants_are_passed_over) {
  std::string elements = "0x1p+0";
  for (int i = 1; i < 300; ++i)
    elements += ", 0x1p+0";
  const auto graph =
      must_read(in_main("tensor<fp16, [300]> c = const()[val = tensor<fp16, [300]>([" + elements +
                        "])];\ntensor<fp16, [300]> y = relu(x = c);"));
  ASSERT_TRUE(literal_of(graph, "c").is_opaque());
  EXPECT_EQ(std::get<Opaque>(literal_of(graph, "c").elements).bytes, 600U);
  ASSERT_EQ(graph.model().weights.size(), 1U);
  EXPECT_EQ(graph.model().weights[0].encoding, "fp16");
}

TEST(MilTextReader, reads_blob_references_in_both_dialects) {
  const auto graph = must_read(in_main(
      "tensor<fp16, [8, 4]> a = const()[val = tensor<fp16, [8, 4]>(BLOBFILE(path = "
      "string(\"@model_path/weights/weight.bin\"), offset = uint64(64)))];\n"
      "tensor<fp16, [8, 4]> b = const()[val = tensor<fp16, [8, 4]>(BLOBFILE(path = tensor<string, "
      "[]>(\"@model_path/weights/weight.bin\"), offset = tensor<uint64, []>(128)))];"));
  EXPECT_EQ(std::get<BlobRef>(literal_of(graph, "a").elements).offset, 64U);
  EXPECT_EQ(std::get<BlobRef>(literal_of(graph, "b").elements).file,
            "@model_path/weights/weight.bin");
  EXPECT_EQ(std::get<BlobRef>(literal_of(graph, "b").elements).offset, 128U);
}

TEST(MilTextReader, reads_operands_of_every_form) {
  const auto graph =
      must_read(in_main("tensor<fp16, [1, 4]> a, tensor<int32, [1]> b = topk(ascending = "
                        "bool(false), k = int32(1), x "
                        "= x)[name = string(\"op_1\")];\n"
                        "tensor<fp16, [1, 8]> c = concat(axis = int32(1), values = (a, x));\n"
                        "fp16 d = ios17.cast(dtype = string(\"fp16\"), x = b);\n"
                        "write_state(data = c, input = cache)[name = string(\"w\")];\n"
                        "write_state<ios18>(data = c, input = cache);"));
  const auto& topk = op_named(graph, "a");
  ASSERT_EQ(topk.outputs.size(), 2U);
  EXPECT_EQ(graph.value(topk.outputs[1]).type.to_string(), "int32[1]");
  EXPECT_EQ(graph.parameter(topk, "ascending")->as_bool(), false);
  EXPECT_EQ(op_named(graph, "c").argument("values")->values.size(), 2U);
  EXPECT_EQ(op_named(graph, "d").type, "cast");
  EXPECT_EQ(op_named(graph, "d").source_type, "ios17.cast");
  EXPECT_EQ(op_named(graph, "write_state_cache").label, "w");
  EXPECT_EQ(op_named(graph, "write_state_cache_1").type, "write_state");
}

TEST(MilTextReader, reads_types_it_has_no_name_for) {
  const auto graph = must_read(
      in_main("tensor_buffer<fp32, shape=[1, 2], strides=[2, 1], interleave_factors=[1, 1]> t = "
              "tensor_to_tensor_buffer<ios17>(input = x, strides = tensor<int64, [2]>([2, 1]));\n"
              "tensor<complex256, [2, ?]> u = make(x = x);\n"
              "future<tensor<fp16, [1]>, 3> v = make(x = x);\n"
              "list<tensor<int32, [2]>, ?> w = make(x = x);\n"
              "dict<string, fp32> d = classify(probabilities = x);"));
  const auto type_of = [&](std::string_view name) {
    return graph.value(op_named(graph, name).outputs[0]).type.to_string();
  };
  EXPECT_EQ(type_of("t"), "fp32[1, 2]");
  EXPECT_EQ(type_of("u"), "?[2, ?]");
  EXPECT_EQ(type_of("v"), "?");
  EXPECT_EQ(type_of("w"), "list");
  EXPECT_EQ(type_of("d"), "dictionary");
  EXPECT_EQ(op_named(graph, "t").type, "tensor_to_tensor_buffer");
}

TEST(MilTextReader, reads_nested_blocks) {
  for (const std::string_view separator : {"", ",", " // next\n"}) {
    const auto graph = must_read(
        in_main("int32 n = const()[val = int32(3)];\n"
                "int32 i = while_loop(loop_vars = n)[name = string(\"loop\")]"
                "(int32 i) { bool go = less(x = i, y = n); } -> (go)" +
                    std::string(separator) +
                    "(int32 i) { int32 next = add(x = i, y = n); } -> (next);\n"
                    "tensor<fp16, [1, 4]> y = cond(pred = i) {} -> (x)" +
                    std::string(separator) + "{ tensor<fp16, [1, 4]> r = relu(x = x); } -> (r);",
                "y"));
    const auto& loop = op_named(graph, "i");
    ASSERT_EQ(loop.blocks.size(), 2U);
    EXPECT_EQ(loop.blocks[1].label, "body");
    EXPECT_EQ(loop.blocks[1].operations[0].argument("x")->values[0], loop.blocks[1].inputs[0]);
    const auto& cond = op_named(graph, "y");
    ASSERT_EQ(cond.blocks.size(), 2U);
    EXPECT_EQ(cond.blocks[1].label, "false");
    EXPECT_EQ(graph.operand(cond, "pred")->producer, &loop);
  }
}

TEST(MilTextReader, block_inputs_without_types_take_those_of_the_loop) {
  const auto graph =
      must_read(in_main("tensor<fp16, [1, 4]> y = while_loop(loop_vars = (x))"
                        " cond = (v) {} -> (v), body = (v) {} -> (v);"));
  const auto& body = op_named(graph, "y").blocks[1];
  EXPECT_EQ(graph.value(body.inputs[0]).type.to_string(), "fp16[1, 4]");
}

TEST(MilTextReader, keeps_attributes_it_does_not_know) {
  const auto graph = must_read(in_main(
      "@inline(\"x\") tensor<fp16, [1, 4]> y = relu(x = x)[name = string(\"r\"), Backends = "
      "dict<string, string>({{\"ane\", \"yes\"}})][Weight = int32(4)]; /* done */"));
  const auto& op = op_named(graph, "y");
  ASSERT_EQ(op.attributes.size(), 2U);
  EXPECT_THAT(*op.attribute("Backends")->value.strings(), ElementsAre("ane", "yes"));
  EXPECT_EQ(op.attribute("Weight")->value.as_int(), 4);
}

TEST(MilTextReader, flexible_shapes_come_from_the_function) {
  anecompat::test::TempDir directory;
  const auto write = [&](std::string_view information) {
    return directory.write(
        "m.mil",
        "program(1.0) { func main<ios16>(tensor<fp32, [1, ?]> a) [FlexibleShapeInformation = "
        "tuple<dict<string, int32>>(" +
            std::string(information) + ")] { } -> (a); }");
  };
  auto graph = read_mil_file(
      write(R"((("DefaultShapes", {{"a", [1, 8]}}), ("RangeDims", {{"a", [[1, 1], [2, -1]]}})))"),
      {});
  ASSERT_TRUE(graph) << graph.error().to_string();
  auto input = graph->model().inputs[0];
  EXPECT_EQ(input.shape.to_string(), "[1, 8]");
  ASSERT_EQ(input.flexibility.kind, Flexibility::Kind::range);
  EXPECT_EQ(input.flexibility.ranges[1].lower, 2);
  EXPECT_EQ(input.flexibility.ranges[1].upper, -1);

  graph = read_mil_file(write(R"((("DefaultShapes", {{"a", [1, 8]}}), ("EnumeratedShapes", )"
                              R"({{"5f", {{"a", [1, 8]}}}, {"60", {{"a", [1, 16]}}}})))"),
                        {});
  ASSERT_TRUE(graph) << graph.error().to_string();
  input = graph->model().inputs[0];
  ASSERT_EQ(input.flexibility.kind, Flexibility::Kind::enumerated);
  EXPECT_EQ(input.flexibility.shapes[1].to_string(), "[1, 16]");
  EXPECT_EQ(graph->model().spec_version, 7);
}

TEST(MilTextReader, reads_several_functions) {
  const auto graph = must_read(
      "program(1.3) { func b<ios18>(fp16 x) {} -> (x); func a<ios17>(fp16 y) {} -> (y); }");
  ASSERT_EQ(graph.model().functions.size(), 2U);
  EXPECT_EQ(graph.model().functions[1].name, "a");
  EXPECT_EQ(graph.model().functions[1].opset, "ios17");
}

TEST(MilTextReader, errors_have_line_and_column) {
  EXPECT_EQ(error_of("hello"),
            "t:1:1: expected \"program(\", with which MIL text begins, found \"hello\"");
  EXPECT_EQ(error_of(in_main("fp16 y = relu(x = nothing);")),
            "t:5:19: operand \"x\" of relu \"y\" in function \"main\" is \"nothing\", which is not "
            "defined before it");
  EXPECT_EQ(error_of(in_main("fp16 y = relu(x = x)\nfp16 z = relu(x = x);")),
            "t:6:1: expected \";\" after an operation, found \"fp16\"");
  EXPECT_EQ(error_of(in_main("fp16 y = const()[val = fp16(0x1q)];")),
            "t:5:29: expected a number, found \"0x1q\"");
  EXPECT_EQ(error_of(in_main("string y = const()[val = string(\"oh")),
            "t:5:33: expected a value, found a string that does not end");
  EXPECT_EQ(error_of(in_main("", "nobody")),
            "t:6:7: block \"main\" of function \"main\" returns \"nobody\", which is not defined");
}

TEST(MilTextReader, nesting_is_limited) {
  const auto nested = [](std::string_view open, std::string_view close, int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i)
      text += open;
    for (int i = 0; i < depth; ++i)
      text += close;
    return text;
  };
  const auto value = [&](const std::string& literal) {
    return error_of(in_main("fp16 y = const()[val = fp16(" + literal + ")];"));
  };
  EXPECT_THAT(value(nested("[", "]", 100'000)), HasSubstr("nested too deeply"));
  EXPECT_THAT(value(nested("fp16(", ")", 100'000)), HasSubstr("nested too deeply"));
  EXPECT_THAT(value(nested("BLOBFILE(path = string(", "))", 100'000)), HasSubstr("t:5:"));
  EXPECT_THAT(error_of(in_main("fp16 y = relu(x = " + nested("(", ")", 100'000) + ");")),
              HasSubstr("nested too deeply"));
  EXPECT_THAT(error_of(in_main(nested("cond(){", "}->()", 100'000))),
              HasSubstr("nested too deeply"));
  EXPECT_THAT(error_of(in_main(nested("state<", ">", 100'000) + " y = relu(x = x);")),
              HasSubstr("expected the tensor type"));
}

TEST(MilTextReader, limits_operations) {
  const auto text = in_main("fp16 y = relu(x = x);\nfp16 z = relu(x = y);");
  const auto graph = read_text(text, {.limits = {.max_operations = 1}});
  ASSERT_FALSE(graph);
  EXPECT_THAT(graph.error().message, HasSubstr("more operations"));
}

TEST(MilTextReader, every_cut_of_a_real_text_is_one_error_with_its_place) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto text = read_text_file(*anecompat::test::corpus_directory() +
                                   "/models/christopherkarani__Espresso/Tests/MILGeneratorTests/"
                                   "Fixtures/conv.mil");
  ASSERT_TRUE(text);
  const auto end = text->rfind('}');
  for (std::size_t size = 0; size <= end; ++size) {
    const auto graph = read_text(std::string_view(*text).substr(0, size));
    ASSERT_FALSE(graph) << size;
    EXPECT_TRUE(graph.error().position.known()) << size;
  }
}

TEST(MilTextReader, survives_mutations_of_a_real_text) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto text = read_text_file(*anecompat::test::corpus_directory() +
                                   "/models/christopherkarani__Espresso/Tests/MILGeneratorTests/"
                                   "Fixtures/sdpa_fwd_taps.mil");
  ASSERT_TRUE(text);
  std::uint32_t state = 1;
  const auto random = [&state] { return state = state * 1'664'525U + 1'013'904'223U; };
  std::size_t errors = 0;
  for (int round = 0; round < 2000; ++round) {
    auto mutated = *text;
    mutated[(random() >> 8U) % mutated.size()] = static_cast<char>(random() >> 24U);
    const auto graph = read_text(mutated);
    if (graph)
      continue;
    ++errors;
    EXPECT_TRUE(graph.error().position.known());
    EXPECT_FALSE(graph.error().message.empty());
  }
  EXPECT_GT(errors, 500U);
}

}  // namespace anecompat::coreml::test
