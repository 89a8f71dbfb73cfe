#include "coreml/ml_program_reader.hpp"

#include "support/corpus.hpp"
#include "support/temp_dir.hpp"
#include "unit/coreml/program_support.hpp"

#include <gmock/gmock.h>

#include <cstring>

namespace anecompat::coreml::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Message k_type = tensor_type(k_fp16, {1, 4});

Message relu(std::string_view output, std::string_view input) {
  return operation({.type = "relu",
                    .inputs = {{"x", by_name(input)}},
                    .outputs = {{std::string(output), k_type}}});
}

Message one_function(const std::vector<Message>& operations,
                     const std::vector<std::string>& outputs) {
  return program({{"main", function({{"x", k_type}}, block(operations, outputs))}});
}

std::string error_of(const Message& message, const ReadContext& context = {}) {
  const auto graph = read_program_message(message, context);
  return graph ? "read" : graph.error().to_string();
}

Graph must_read(const Message& message, const ReadContext& context = {}) {
  auto graph = read_program_message(message, context);
  if (!graph) {
    ADD_FAILURE() << graph.error().to_string();
    return {};
  }
  return std::move(*graph);
}

const Literal& literal_of(const Graph& graph, const Operation& op) {
  return *graph.value(op.outputs[0]).literal;
}

// Constants of one element type, written as `bytes`.
std::vector<double> decoded(std::uint64_t dtype, std::int64_t count, std::string_view bytes) {
  const auto type = tensor_type(dtype, {count});
  const auto graph =
      must_read(one_function({constant("c", type, bytes_value(type, bytes))}, {"c"}));
  return literal_of(graph, op_named(graph, "c")).floats().value_or(std::vector<double>());
}

}  // namespace

TEST(MlProgramReader, counts_the_operations_of_known_models) {
  ANECOMPAT_REQUIRE_CORPUS();
  const auto models = *anecompat::test::corpus_directory() + "/models/";
  const auto encoder =
      read_package_program(models +
                           "FluidInference__FluidAudio/Models/ParakeetEOU/Streaming/1280ms/"
                           "streaming_encoder.mlpackage");
  ASSERT_TRUE(encoder) << encoder.error().to_string();
  EXPECT_EQ(count_compute(*encoder), 1174U);
  const auto vad =
      read_package_program(models +
                           "FluidInference__mobius/models/vad/silero-vad/coreml/silero-vad-coreml/"
                           "silero-vad-unified-256ms-v6.0.0.mlpackage");
  ASSERT_TRUE(vad) << vad.error().to_string();
  EXPECT_EQ(count_compute(*vad), 357U);
}

TEST(MlProgramReader, reads_every_program_of_the_corpus) {
  ANECOMPAT_REQUIRE_CORPUS();
  std::size_t read = 0;
  for (const auto& model : anecompat::test::corpus_models()) {
    if (model.kind != "mlprogram")
      continue;
    const auto graph = read_package_program(model.path);
    EXPECT_TRUE(graph) << model.name << ": " << (graph ? "" : graph.error().to_string());
    read += graph ? 1U : 0U;
  }
  EXPECT_GE(read, 19U);
}

TEST(MlProgramReader, resolves_operands_and_names) {
  const auto graph =
      must_read(one_function({constant("axes", tensor_type(k_int32, {2}), int_values({2, -1})),
                              operation({.type = "reduce_mean",
                                         .inputs = {{"x", by_name("x")}, {"axes", by_name("axes")}},
                                         .outputs = {{"mean", tensor_type(k_fp16, {1, -1})}},
                                         .attributes = {{"name", string_value("op 1")}}})},
                             {"mean"}));
  const auto& op = op_named(graph, "mean");
  EXPECT_EQ(op.label, "op 1");
  EXPECT_EQ(op.index, 1U);
  EXPECT_THAT(*graph.parameter(op, "axes")->ints(), ElementsAre(2, -1));
  EXPECT_EQ(graph.value(op.outputs[0]).type.to_string(), "fp16[1, ?]");
  EXPECT_EQ(graph.value(op.outputs[0]).producer, &op);
  EXPECT_EQ(op.inputs[0].name, "axes");
  EXPECT_TRUE(graph.operand(op, "axes")->is_constant);
  EXPECT_FALSE(graph.operand(op, "x")->is_constant);
  EXPECT_EQ(graph.model().functions[0].opset, "CoreML8");
}

TEST(MlProgramReader, keeps_the_order_of_several_bindings) {
  const auto graph = must_read(one_function(
      {relu("a", "x"), operation({.type = "concat",
                                  .inputs = {{"values", Message()
                                                            .message(1, Message().text(1, "a"))
                                                            .message(1, Message().text(1, "x"))
                                                            .message(1, Message().text(1, "a"))},
                                             {"axis", by_value(int_values({1}))}},
                                  .outputs = {{"c", k_type}}})},
      {"c"}));
  const auto& op = op_named(graph, "c");
  std::vector<std::string_view> names;
  for (const auto id : op.argument("values")->values)
    names.push_back(graph.value(id).name);
  EXPECT_THAT(names, ElementsAre("a", "x", "a"));
  EXPECT_EQ(graph.parameter(op, "axis")->as_int(), 1);
  EXPECT_TRUE(graph.operand(op, "axis")->name.empty());
}

TEST(MlProgramReader, decodes_bytes_by_element_type) {
  using namespace std::string_view_literals;
  EXPECT_THAT(decoded(k_fp16, 3, "\x00\x3c\x00\xc0\x01\x00"sv), ElementsAre(1, -2, 0x1p-24));
  EXPECT_THAT(decoded(21, 2, "\xff\x7f"sv), ElementsAre(-1, 127));  // int8
  EXPECT_THAT(decoded(k_uint8, 2, "\xff\x7f"sv), ElementsAre(255, 127));
  EXPECT_THAT(decoded(k_uint4, 3, "\x21\x0f"sv), ElementsAre(1, 2, 15));
  EXPECT_THAT(decoded(25, 3, "\x21\x0f"sv), ElementsAre(1, 2, -1));  // int4
  EXPECT_THAT(decoded(38, 2, "\x41\x08"sv), ElementsAre(1, 33));     // uint6
  EXPECT_THAT(decoded(13, 1, "\x80\x3f"sv), ElementsAre(1));         // bf16
  EXPECT_THAT(decoded(40, 2, "\x38\xb8"sv), ElementsAre(1, -1));     // fp8e4m3fn
  EXPECT_THAT(decoded(41, 2, "\x3c\xbc"sv), ElementsAre(1, -1));     // fp8e5m2
}

TEST(MlProgramReader, leaves_long_constants_alone) {
  const auto type = tensor_type(k_fp16, {300});
  const auto graph = must_read(
      one_function({constant("c", type, bytes_value(type, std::string(600, '\0')))}, {"c"}));
  const auto& literal = literal_of(graph, op_named(graph, "c"));
  ASSERT_TRUE(literal.is_opaque());
  EXPECT_EQ(std::get<Opaque>(literal.elements).bytes, 600U);
}

TEST(MlProgramReader, reads_constexpr_by_attributes_and_by_inputs) {
  const auto indices = tensor_type(k_uint8, {8});
  const auto table = tensor_type(k_fp16, {16});
  const auto dense = tensor_type(k_fp16, {1, 16});
  const auto graph = must_read(one_function(
      {operation({.type = "constexpr_lut_to_dense",
                  .outputs = {{"old", dense}},
                  .attributes = {{"indices", blob_value(indices, "@model_path/w.bin", 64)},
                                 {"lut", blob_value(table, "@model_path/w.bin", 192)}}}),
       operation({.type = "constexpr_lut_to_dense",
                  .inputs = {{"indices", by_value(blob_value(tensor_type(k_uint4, {1, 16}),
                                                             "@model_path/w.bin", 64))},
                             {"lut", by_value(blob_value(tensor_type(k_fp16, {1, 1, 16, 1}),
                                                         "@model_path/w.bin", 192))}},
                  .outputs = {{"new", dense}}}),
       operation({.type = "constexpr_made_of_input",
                  .inputs = {{"data", by_name("x")}},
                  .outputs = {{"dynamic", dense}}})},
      {"old", "new"}));
  for (const auto* name : {"old", "new"}) {
    const auto& op = op_named(graph, name);
    EXPECT_EQ(op.kind, OperationKind::constexpr_);
    EXPECT_TRUE(graph.value(op.outputs[0]).is_constant) << name;
    ASSERT_NE(graph.parameter(op, "lut"), nullptr) << name;
    EXPECT_EQ(std::get<BlobRef>(graph.parameter(op, "lut")->elements).offset, 192U);
  }
  EXPECT_FALSE(graph.value(op_named(graph, "dynamic").outputs[0]).is_constant);
  ASSERT_EQ(graph.model().weights.size(), 2U);
  EXPECT_EQ(graph.model().weights[1].encoding, "palettized 4 bits");
  EXPECT_EQ(graph.model().weights[1].tensors, 2U);
  EXPECT_EQ(graph.model().weights[1].bytes, 2 * (8U + 32U));
}

TEST(MlProgramReader, nested_blocks_have_their_own_scopes) {
  const auto counter = tensor_type(k_int32, {});
  const auto carry = [&](const std::string& output) {
    return block({operation({.type = "add",
                             .inputs = {{"x", by_name("i")}, {"y", by_name("outer")}},
                             .outputs = {{"sum", counter}}})},
                 {output}, {{"i", counter}});
  };
  const auto graph = must_read(one_function({constant("outer", counter, int_values({3})),
                                             operation({.type = "while_loop",
                                                        .inputs = {{"loop_vars", by_name("outer")}},
                                                        .outputs = {{"i", counter}},
                                                        .blocks = {carry("sum"), carry("i")}}),
                                             relu("after", "i")},
                                            {"after"}));
  const auto& loop = op_named(graph, "i");
  ASSERT_EQ(loop.blocks.size(), 2U);
  EXPECT_EQ(loop.blocks[0].label, "cond");
  EXPECT_EQ(loop.blocks[1].label, "body");
  EXPECT_NE(loop.blocks[0].inputs[0], loop.blocks[1].inputs[0]);
  EXPECT_EQ(loop.blocks[1].operations[0].argument("x")->values[0], loop.blocks[1].inputs[0]);
  EXPECT_EQ(loop.blocks[1].outputs[0], loop.blocks[1].inputs[0]);
  EXPECT_EQ(graph.operand(op_named(graph, "after"), "x")->producer, &loop);
  EXPECT_EQ(loop.index, 1U);
  EXPECT_EQ(loop.blocks[1].operations[0].index, 3U);
  EXPECT_EQ(graph.operation_count(), 5U);
}

TEST(MlProgramReader, names_of_nested_blocks_end_with_them) {
  EXPECT_THAT(error_of(one_function(
                  {operation({.type = "cond",
                              .inputs = {{"pred", by_name("x")}},
                              .outputs = {{"c", k_type}},
                              .blocks = {block({relu("r", "x")}, {"r"}), block({}, {"x"})}}),
                   relu("after", "r")},
                  {"after"})),
              HasSubstr("operand \"x\" of relu \"after\" in function \"main\" is \"r\", which is "
                        "not defined before it"));
}

TEST(MlProgramReader, operations_without_results_get_a_name_of_their_own) {
  const auto state = Message().message(5, Message().message(1, k_type));
  const auto write = operation(
      {.type = "write_state", .inputs = {{"input", by_name("cache")}, {"data", by_name("x")}}});
  const auto graph = must_read(program(
      {{"main", function({{"x", k_type}, {"cache", state}},
                         block({write, relu("write_state_cache_1", "x"), write, write}, {"x"}))}}));
  std::vector<std::string_view> names;
  for (const auto& op : graph.model().functions[0].body.operations)
    names.push_back(op.name);
  EXPECT_THAT(names, ElementsAre("write_state_cache", "write_state_cache_1", "write_state_cache_2",
                                 "write_state_cache_3"));
  const auto& cache = graph.value(graph.model().functions[0].inputs[1]);
  EXPECT_EQ(cache.type.to_string(), "state<fp16[1, 4]>");
}

TEST(MlProgramReader, the_opset_selects_the_block) {
  auto body = Message()
                  .text(2, "CoreML7")
                  .entry(3, "CoreML6", block({}, {}))
                  .entry(3, "CoreML7", block({}, {}));
  EXPECT_EQ(must_read(program({{"main", body}})).model().functions[0].opset, "CoreML7");
  body.text(2, "CoreML5");
  EXPECT_EQ(error_of(program({{"main", body}})),
            "function \"main\" is for opset \"CoreML5\", but has blocks only for \"CoreML6\", "
            "\"CoreML7\"");
}

TEST(MlProgramReader, reads_every_function_and_the_last_of_a_name) {
  auto message = program({{"b", function({{"x", k_type}}, block({relu("one", "x")}, {"one"}))},
                          {"a", function({{"x", k_type}}, block({relu("two", "x")}, {"two"}))}});
  message.entry(2, "b", function({{"x", k_type}}, block({relu("three", "x")}, {"three"})));
  const auto graph = must_read(message);
  ASSERT_EQ(graph.model().functions.size(), 2U);
  EXPECT_EQ(graph.model().functions[0].name, "a");
  EXPECT_EQ(graph.model().functions[1].body.operations[0].name, "three");
}

TEST(MlProgramReader, the_last_case_of_a_oneof_wins) {
  const auto type = tensor_type(k_int32, {1});
  auto value = int_values({7});
  value.message(5, Message().text(1, "@model_path/w.bin").number(2, 64));
  auto graph = must_read(one_function({constant("c", type, value)}, {"c"}));
  EXPECT_TRUE(literal_of(graph, op_named(graph, "c")).is_blob());
  value.message(3, Message().message(1, Message().message(2, Message().number(1, 8))));
  graph = must_read(one_function({constant("c", type, value)}, {"c"}));
  EXPECT_THAT(*literal_of(graph, op_named(graph, "c")).ints(), ElementsAre(8));
  // The same message again is merged.
  value.message(3, Message().message(1, Message().message(2, Message().number(1, 9))));
  graph = must_read(one_function({constant("c", type, value)}, {"c"}));
  EXPECT_THAT(*literal_of(graph, op_named(graph, "c")).ints(), ElementsAre(8, 9));
}

TEST(MlProgramReader, reads_integer_vectors_from_the_weight_file) {
  anecompat::test::TempDir directory;
  std::string file(256, '\0');
  const auto put = [&](std::size_t at, auto value) {
    std::memcpy(&file[at], &value, sizeof value);
  };
  put(64, std::uint32_t{0xDEADBEEF});
  put(68, std::uint32_t{14});
  put(72, std::uint64_t{40});
  put(80, std::uint64_t{128});
  for (std::uint32_t i = 0; i < 10; ++i)
    put(128 + 4 * i, std::int32_t(i) - 5);
  directory.write("weights/weight.bin", file);
  const ReadContext context{.limits = {}, .model_directory = directory.path().string()};

  const auto type = tensor_type(k_int32, {10});
  const auto read = [&](std::string_view name) {
    return must_read(one_function({constant("pad", type, blob_value(type, name, 64))}, {"pad"}),
                     context);
  };
  const auto graph = read("@model_path/weights/weight.bin");
  EXPECT_THAT(*literal_of(graph, op_named(graph, "pad")).ints(),
              ElementsAre(-5, -4, -3, -2, -1, 0, 1, 2, 3, 4));
  EXPECT_THAT(graph.notes(), IsEmpty());

  for (const auto* elsewhere :
       {"@model_path/gone.bin", "@model_path/../weight.bin", "/etc/hosts"}) {
    const auto without = read(elsewhere);
    EXPECT_TRUE(literal_of(without, op_named(without, "pad")).is_blob()) << elsewhere;
    ASSERT_EQ(without.notes().size(), 1U) << elsewhere;
    EXPECT_THAT(without.notes()[0].text, HasSubstr("integers in")) << elsewhere;
  }
}

TEST(MlProgramReader, refuses_more_than_its_limits) {
  const std::vector<Message> operations(5, relu("y", "x"));
  EXPECT_THAT(error_of(one_function(operations, {"y"}), {.limits = {.max_operations = 4}}),
              HasSubstr("more operations than the reader's limit"));
  EXPECT_THAT(error_of(one_function(operations, {"y"}), {.limits = {.max_values = 3}}),
              HasSubstr("more values than the reader's limit"));
  EXPECT_THAT(
      error_of(one_function({operation({.type = "cond", .blocks = {block({}, {})}})}, {"x"}),
               {.limits = {.max_depth = 0}}),
      HasSubstr("blocks nested too deeply"));
}

TEST(MlProgramReader, undefined_results_are_an_error) {
  EXPECT_THAT(error_of(one_function({}, {"y"})),
              HasSubstr("block \"main\" of function \"main\" returns \"y\", which is not defined"));
}

TEST(MlProgramReader, a_cut_message_is_one_error_at_every_length) {
  const auto whole =
      one_function({constant("c", tensor_type(k_int32, {2}), int_values({1, 2})),
                    operation({.type = "tile",
                               .inputs = {{"x", by_name("x")}, {"reps", by_name("c")}},
                               .outputs = {{"y", k_type}}})},
                   {"y"})
          .bytes();
  std::size_t errors = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto graph = read_program_message(
        ByteSource::from_memory(to_bytes(std::string_view(whole).substr(0, size)), "cut"));
    errors += graph ? 0U : 1U;
    EXPECT_TRUE(graph || !graph.error().message.empty());
  }
  // Between top-level fields a cut cannot be seen: nothing, or the version alone.
  EXPECT_EQ(errors, whole.size() - 2);
}

}  // namespace anecompat::coreml::test
