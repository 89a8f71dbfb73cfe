#include "coreml/neural_network_reader.hpp"

#include "coreml/layer_table.hpp"
#include "coreml/reader.hpp"
#include "coreml/walk.hpp"
#include "support/protobuf_writer.hpp"
#include "support/temp_dir.hpp"
#include "unit/coreml/network_support.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <set>

namespace anecompat::coreml {
namespace {

using test::ProtobufWriter;
using test::TempDir;
using testing::ElementsAre;
using testing::HasSubstr;

ProtobufWriter edges(std::initializer_list<std::pair<int, int>> amounts) {
  ProtobufWriter border;
  for (const auto& [start, end] : amounts) {
    border.message(10, ProtobufWriter()
                           .varint(1, static_cast<std::uint64_t>(start))
                           .varint(2, static_cast<std::uint64_t>(end)));
  }
  return border;
}

TEST(LayerTable, HasThe158LayersInOrderOfTheirFields) {
  const auto rows = layer_rows();
  EXPECT_EQ(rows.size(), 158U);
  EXPECT_TRUE(std::ranges::is_sorted(rows, {}, &LayerRow::field));
  std::set<std::string_view> names;
  for (const auto& row : rows) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(find_layer(row.field), &row);
  }
  EXPECT_EQ(find_layer(101), nullptr);
}

TEST(NeuralNetwork, ReadsEveryLayerKindWithNothingInIt) {
  for (const auto& row : layer_rows()) {
    SCOPED_TRACE(row.name);
    const auto graph = one(row.field, {}, {3, 8, 8});
    ASSERT_EQ(graph.operation_count(), 1U);
    EXPECT_EQ(operation(graph).source_type, row.name);
    EXPECT_FALSE(operation(graph).type.empty());
  }
}

TEST(NeuralNetwork, TranslatesAConvolutionWithItsPadding) {
  const auto parameters = ProtobufWriter()
                              .varint(1, 8)
                              .varint(2, 3)
                              .packed(20, {3, 5})
                              .packed(30, {2, 1})
                              .packed(40, {1, 2})
                              .message(50, ProtobufWriter().message(1, edges({{1, 2}, {3, 4}})))
                              .varint(70, 1)
                              .message(90, ProtobufWriter().bytes(2, std::string(720, '\0')));
  const auto graph = one(100, parameters, {3, 20, 30});
  const auto& op = operation(graph);
  EXPECT_EQ(op.type, "conv");
  EXPECT_EQ(op.source_type, "convolution");
  EXPECT_THAT(ints(op, "strides"), ElementsAre(2, 1));
  EXPECT_THAT(ints(op, "dilations"), ElementsAre(1, 2));
  EXPECT_EQ(text(op, "pad_type"), "custom");
  EXPECT_THAT(ints(op, "pad"), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(ints(op, "groups"), ElementsAre(1));
  EXPECT_THAT(ints(op, "weight_shape"), ElementsAre(8, 3, 3, 5));
  EXPECT_THAT(ints(op, "has_bias"), ElementsAre(1));
  // (20 + 3 - 3) / 2 + 1 and 30 + 7 - 9 + 1, as PyTorch computes them too.
  EXPECT_EQ(shape_of(graph), "[1, 8, 11, 29]");
  ASSERT_EQ(graph.model().weights.size(), 1U);
  EXPECT_EQ(graph.model().weights[0].encoding, "fp16");
  EXPECT_EQ(graph.model().weights[0].bytes, 720U);
}

TEST(NeuralNetwork, TranslatesADeconvolution) {
  const auto parameters = ProtobufWriter()
                              .varint(1, 8)
                              .varint(2, 16)
                              .varint(10, 2)
                              .packed(20, {4, 4})
                              .packed(30, {2, 2})
                              .message(50, ProtobufWriter().message(1, edges({{1, 1}, {1, 1}})))
                              .varint(60, 1);
  const auto graph = one(100, parameters, {16, 10, 12});
  EXPECT_EQ(operation(graph).type, "conv_transpose");
  EXPECT_THAT(ints(operation(graph), "weight_shape"), ElementsAre(16, 4, 4, 4));
  EXPECT_EQ(shape_of(graph), "[1, 8, 20, 24]");
}

TEST(NeuralNetwork, BindsADynamicWeightAsAnOperand) {
  const auto graph = read(
      model(ProtobufWriter()
                .message(1, layer("w", {}, {"w"}, 1070, ProtobufWriter().packed(1, {8, 3, 3, 3})))
                .message(1, layer("c", {"x", "w"}, {"y"}, 100,
                                  ProtobufWriter().varint(1, 8).varint(2, 3).message(51, {}))),
            {1, 3, 9, 9}, Mapping::exact));
  const auto& conv = operation(graph, 1);
  ASSERT_NE(conv.argument("weight"), nullptr);
  EXPECT_EQ(conv.attribute("weight"), nullptr);
  EXPECT_TRUE(graph.operand(conv, "weight")->is_constant);
  EXPECT_EQ(operation(graph, 0).kind, OperationKind::constant);
  EXPECT_EQ(shape_of(graph, 1), "[1, 8, 9, 9]");
}

TEST(NeuralNetwork, PoolsWithCeilingWhereTheLastPixelIsIncluded) {
  const auto with = [](std::int64_t padding) {
    return ProtobufWriter()
        .packed(10, {3, 3})
        .packed(20, {2, 2})
        .message(32, ProtobufWriter().packed(10, {padding, padding}));
  };
  const auto graph = one(120, with(0), {4, 6, 6});
  EXPECT_EQ(operation(graph).type, "max_pool");
  EXPECT_THAT(ints(operation(graph), "ceil_mode"), ElementsAre(1));
  EXPECT_EQ(shape_of(graph), "[1, 4, 3, 3]");
  // Padding of 1: ceil((6 + 2 - 3) / 2) + 1 = 4, and the fourth window begins at 6 < 6 + 1.
  EXPECT_EQ(shape_of(one(120, with(1), {4, 6, 6})), "[1, 4, 4, 4]");
}

TEST(NeuralNetwork, TurnsGlobalPoolingIntoAReduction) {
  const auto graph = one(120, ProtobufWriter().varint(1, 1).varint(60, 1), {4, 6, 7});
  EXPECT_EQ(operation(graph).type, "reduce_mean");
  EXPECT_THAT(ints(operation(graph), "axes"), ElementsAre(-2, -1));
  EXPECT_THAT(ints(operation(graph), "global"), ElementsAre(1));
  EXPECT_EQ(shape_of(graph), "[1, 4, 1, 1]");
}

TEST(NeuralNetwork, TakesTheLastKindOfAnActivation) {
  const auto graph = one(
      130, ProtobufWriter().message(10, {}).message(15, ProtobufWriter().float32(1, 0.25F)), {4});
  EXPECT_EQ(operation(graph).type, "leaky_relu");
  EXPECT_DOUBLE_EQ(*operation(graph).attribute("alpha")->value.as_float(), 0.25);
  EXPECT_EQ(shape_of(graph), "[1, 4, 1, 1]");
}

TEST(NeuralNetwork, TakesTheLastKindOfALayerAndMergesItsPieces) {
  const auto twice = layer("l", {"x"}, {"y"}, 670)
                         .message(920, ProtobufWriter().packed(1, {1, 2}))
                         .message(920, ProtobufWriter().packed(1, {3}));
  const auto graph = read(model(ProtobufWriter().message(1, twice), {4, 5, 6}, Mapping::exact));
  EXPECT_EQ(operation(graph).type, "tile");
  EXPECT_THAT(ints(operation(graph), "reps"), ElementsAre(1, 2, 3));
  EXPECT_EQ(shape_of(graph), "[4, 10, 18]");
}

TEST(NeuralNetwork, NamesLayersOfTheFuture) {
  const auto graph = read(model(ProtobufWriter()
                                    .message(1, layer("n", {"x"}, {"h"}, 2345))
                                    .message(1, layer("r", {"h"}, {"y"}, 670)),
                                {4}));
  EXPECT_EQ(operation(graph).type, "unknown_layer_2345");
  EXPECT_EQ(operation(graph, 1).argument("x")->values[0], operation(graph).outputs[0]);
  EXPECT_EQ(shape_of(graph), "[?...]");
  ASSERT_EQ(graph.notes().size(), 1U);
  EXPECT_THAT(graph.notes()[0].text, HasSubstr("2345"));
}

TEST(NeuralNetwork, SumsQuantizedWeightsUpByKind) {
  const auto quantized = [](std::uint32_t kind, std::uint64_t bits) {
    return ProtobufWriter()
        .bytes(30, std::string(10, '\0'))
        .message(40, ProtobufWriter().varint(1, bits).bytes(kind, ""));
  };
  const auto graph = read(model(
      ProtobufWriter()
          .message(1,
                   layer("a", {"x"}, {"h"}, 140, ProtobufWriter().message(20, quantized(102, 6))))
          .message(1,
                   layer("b", {"h"}, {"y"}, 140, ProtobufWriter().message(20, quantized(101, 8)))),
      {4}));
  const auto weights = graph.model().weights;
  ASSERT_EQ(weights.size(), 2U);
  EXPECT_EQ(weights[0].encoding, "palettized 6 bits");
  EXPECT_EQ(weights[1].encoding, "linear quantized 8 bits");
}

TEST(NeuralNetwork, LetsTheLastWriterOfANameWinAndSaysSo) {
  const auto graph = read(model(ProtobufWriter()
                                    .message(1, layer("a", {"x"}, {"h"}, 670))
                                    .message(1, layer("b", {"x"}, {"h"}, 665))
                                    .message(1, layer("c", {"h"}, {"y"}, 680)),
                                {4}));
  EXPECT_EQ(operation(graph, 2).argument("x")->values[0], operation(graph, 1).outputs[0]);
  ASSERT_EQ(graph.notes().size(), 1U);
  EXPECT_THAT(graph.notes()[0].text, HasSubstr("the last one counts"));
}

TEST(NeuralNetwork, ReadsTheBodiesOfABranchAndWhatTheyWrite) {
  const auto body = [](std::uint32_t field) {
    return ProtobufWriter()
        .message(1, layer("i", {"x"}, {"inner"}, field))
        .message(1, layer("o", {"inner"}, {"y"}, 600));
  };
  const auto graph = read(
      model(ProtobufWriter()
                .message(1, layer("b", {"x"}, {}, 605,
                                  ProtobufWriter().message(1, body(670)).message(2, body(665))))
                .message(1, layer("after", {"y"}, {"z"}, 680)),
            {4}, Mapping::exact));
  const auto& branch = operation(graph);
  EXPECT_EQ(branch.type, "cond");
  ASSERT_EQ(branch.blocks.size(), 2U);
  EXPECT_EQ(branch.blocks[0].label, "true");
  EXPECT_EQ(branch.blocks[0].operations[0].type, "floor");
  EXPECT_EQ(branch.blocks[1].label, "false");
  EXPECT_EQ(branch.blocks[1].operations[0].type, "ceil");
  ASSERT_EQ(branch.outputs.size(), 1U);
  EXPECT_EQ(branch.name, "y");
  EXPECT_EQ(operation(graph, 1).argument("x")->values[0], branch.outputs[0]);
  EXPECT_TRUE(graph.notes().empty());
  EXPECT_EQ(graph.operation_count(), 6U);
}

TEST(NeuralNetwork, ShowsOldLayersAsRankFourWithoutTheSequence) {
  const auto permuted = one(310, ProtobufWriter().packed(1, {0, 2, 3, 1}), {3, 4, 5});
  EXPECT_THAT(ints(operation(permuted), "perm"), ElementsAre(0, 2, 3, 1));
  EXPECT_EQ(shape_of(permuted), "[1, 4, 5, 3]");
  const auto sliced =
      one(350, ProtobufWriter().varint(1, 1).varint(2, 4).varint(3, 2).varint(4, 1), {3, 6, 5});
  EXPECT_THAT(ints(operation(sliced), "begin"), ElementsAre(0, 0, 1, 0));
  EXPECT_EQ(shape_of(sliced), "[1, 3, 2, 5]");
  const auto repeated = one(340, ProtobufWriter().varint(1, 3), {3, 6, 5});
  EXPECT_EQ(shape_of(repeated), "[3, 1, 3, 6, 5]");
}

TEST(NeuralNetwork, InfersTheShapesOfExactLayers) {
  struct Case {
    std::uint32_t field;
    ProtobufWriter parameters;
    std::string_view type;
    std::string_view shape;
  };
  const auto minus = [](std::int64_t value) { return static_cast<std::uint64_t>(-value); };
  const Case cases[] = {
      {985, ProtobufWriter().packed(1, {2, 0, 1}), "transpose", "[4, 2, 3]"},
      {1120, ProtobufWriter().varint(2, 1), "squeeze", "[2, 3, 4]"},
      {1125, ProtobufWriter().packed(1, {0, -1}), "expand_dims", "[1, 2, 3, 4, 1]"},
      {1130, ProtobufWriter().varint(1, minus(1)), "flatten2d", "[6, 4]"},
      {1140, ProtobufWriter().packed(1, {4, -1}), "reshape", "[4, 6]"},
      {1150, ProtobufWriter().packed(1, {0, -1, 2}), "reshape", "[2, 6, 2]"},
      {1155, ProtobufWriter().packed(2, {0, 0, 1, 1, 2, 0}), "pad", "[2, 5, 6]"},
      {1250, ProtobufWriter().packed(1, {-1}).varint(2, 1), "reduce_l1_norm", "[2, 3, 1]"},
      {1280, ProtobufWriter().packed(1, {0, 1}), "reduce_mean", "[4]"},
      {1270, ProtobufWriter().varint(3, 1), "reduce_sum", "[1]"},
      {1025, ProtobufWriter().varint(1, 1).varint(2, 1), "reduce_argmax", "[2, 4]"},
      {995,
       ProtobufWriter()
           .packed(1, {0, 1, 3})
           .packed(2, {1, 0, 0})
           .packed(3, {0, -1, 0})
           .packed(4, {1, 0, 1})
           .packed(5, {1, 1, -1})
           .packed(6, {0, 0, 0}),
       "slice_by_index", "[2, 1, 4]"},
      {1005, ProtobufWriter().varint(1, 1).varint(2, 2).varint(3, 1), "sliding_windows",
       "[2, 2, 2, 4]"},
      {1045, ProtobufWriter().varint(5, 4).varint(6, 7), "linear", "[2, 3, 7]"},
      {140, ProtobufWriter().varint(1, 4).varint(2, 7), "linear", "[2, 3, 7]"},
      {1450, ProtobufWriter().varint(1, 9).varint(2, minus(1)), "one_hot", "[2, 3, 4, 9]"},
      {1065, {}, "shape", "[3]"},
      {1313, {}, "non_zero", "[?, 3]"},
  };
  for (const auto& sample : cases) {
    SCOPED_TRACE(sample.field);
    const auto graph = one(sample.field, sample.parameters, {2, 3, 4}, Mapping::exact);
    EXPECT_EQ(operation(graph).type, sample.type);
    EXPECT_EQ(shape_of(graph), sample.shape);
  }
}

TEST(NeuralNetwork, KeepsHostileSizesUnknown) {
  for (const auto value : {INT64_MAX, INT64_MIN, std::int64_t{0}, std::int64_t{-1}}) {
    SCOPED_TRACE(value);
    const auto size = static_cast<std::uint64_t>(value);
    const auto graph = one(100,
                           ProtobufWriter()
                               .varint(1, size)
                               .varint(2, size)
                               .varint(10, size)
                               .packed(20, {value, value})
                               .packed(30, {value, value})
                               .packed(40, {value, value}),
                           {3, 8, 8});
    EXPECT_NE(operation(graph).type, "");
    for (const auto field : {210U, 345U, 340U, 920U, 1140U, 1155U, 1175U, 1005U, 350U})
      one(field, ProtobufWriter().packed(1, {value, value, value}).varint(2, size).varint(3, size),
          {3, 8, 8});
  }
}

TEST(NeuralNetwork, RefusesMoreLayersThanTheLimit) {
  ProtobufWriter network;
  for (int i = 0; i < 5; ++i)
    network.message(1, layer("l", {"x"}, {"y"}, 670));
  const TempDir dir;
  const auto path = dir.write("m.mlmodel", model(network, {4}));
  EXPECT_TRUE(read_model(path, {.max_operations = 5}));
  const auto refused = read_model(path, {.max_operations = 4});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("more than 4 layers"));
}

TEST(NeuralNetwork, RefusesALayerWithAbsurdlyManyInputs) {
  auto greedy = layer("l", {}, {"y"}, 230);
  for (int i = 0; i < 70'000; ++i)
    greedy.bytes(2, "x");
  const TempDir dir;
  const auto refused =
      read_model(dir.write("m.mlmodel", model(ProtobufWriter().message(1, greedy), {4})));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("more than 65536 inputs and outputs"));
}

TEST(NeuralNetwork, SaysWhichLayerIsBroken) {
  const auto broken = ProtobufWriter().bytes(1, "bad").bytes(2, "x").raw("\x0f");
  const TempDir dir;
  const auto graph = read_model(dir.write(
      "m.mlmodel",
      model(ProtobufWriter().message(1, layer("good", {"x"}, {"h"}, 670)).message(1, broken),
            {4})));
  ASSERT_FALSE(graph);
  EXPECT_THAT(graph.error().message,
              testing::AllOf(HasSubstr("layer 1 \"bad\""), HasSubstr("at byte "),
                             HasSubstr("unknown wire type")));
}

// Weights of 10 MB each, as holes of a sparse file: reading must step over them.
TEST(NeuralNetwork, NeverTouchesWeights) {
  constexpr int k_layers = 60;
  constexpr std::uint64_t k_weight_bytes = 10'000'000;
  std::vector<std::string> heads;
  std::uint64_t network_size = 0;
  for (int i = 0; i < k_layers; ++i) {
    // From the inside out: WeightParams, convolution, layer, network; each needs the length of what
    // is in it, the hole included.
    const auto hole = ProtobufWriter().length(1, k_weight_bytes).str();
    const auto weights = ProtobufWriter().length(90, hole.size() + k_weight_bytes).raw(hole).str();
    const auto convolution = ProtobufWriter()
                                 .varint(1, 1000)
                                 .varint(2, 2500)
                                 .packed(20, {1, 1})
                                 .message(51, {})
                                 .raw(weights)
                                 .str();
    const auto named = ProtobufWriter()
                           .bytes(1, "conv" + std::to_string(i))
                           .bytes(2, i == 0 ? "x" : "h" + std::to_string(i - 1))
                           .bytes(3, "h" + std::to_string(i))
                           .length(100, convolution.size() + k_weight_bytes)
                           .raw(convolution)
                           .str();
    heads.push_back(ProtobufWriter().length(1, named.size() + k_weight_bytes).raw(named).str());
    network_size += heads.back().size() + k_weight_bytes;
  }
  const TempDir dir;
  const auto path = dir.write("big.mlmodel", "");
  const int file = ::open(path.c_str(), O_WRONLY);
  ASSERT_GE(file, 0);
  off_t at = 0;
  const auto put = [&](const std::string& bytes) {
    EXPECT_EQ(::pwrite(file, bytes.data(), bytes.size(), at), static_cast<ssize_t>(bytes.size()));
    at += static_cast<off_t>(bytes.size());
  };
  put(ProtobufWriter()
          .varint(1, 1)
          .message(2, ProtobufWriter().message(1, array_feature("x", {2500, 8, 8})))
          .length(500, network_size)
          .str());
  for (const auto& head : heads) {
    put(head);
    at += static_cast<off_t>(k_weight_bytes);
  }
  ASSERT_EQ(::ftruncate(file, at), 0);
  ::close(file);

  auto source = ByteSource::open(path);
  ASSERT_TRUE(source);
  GraphBuilder builder("mlmodel");
  WireStatus status;
  const auto root = read_model_message(WireReader(**source, status), builder, {});
  ASSERT_TRUE(root) << root.error().to_string();
  EXPECT_EQ(root->functions[0].body.operations.size(), std::size_t{k_layers});
  EXPECT_EQ(root->weights[0].bytes, k_layers * k_weight_bytes);
  EXPECT_LT((*source)->loaded_bytes(), 100 * ByteSource::k_block_size);
}

}  // namespace
}  // namespace anecompat::coreml
