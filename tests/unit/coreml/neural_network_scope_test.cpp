#include "coreml/neural_network_scope.hpp"

#include "unit/coreml/network_support.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace anecompat::coreml {
namespace {

using testing::ElementsAre;

std::string input_shape(const Graph& graph, std::size_t index = 0) {
  return graph.operand(operation(graph, index), "x")->type.shape.to_string();
}

TEST(NetworkScope, ShowsTheSequenceWhereALayerNeedsIt) {
  const auto squeezed = one(1120, ProtobufWriter().packed(1, {0}), {3, 4, 5});
  EXPECT_EQ(input_shape(squeezed), "[1, 1, 3, 4, 5]");
  EXPECT_THAT(ints(operation(squeezed), "axes"), ElementsAre(0));
  EXPECT_EQ(shape_of(squeezed), "[1, 3, 4, 5]");
  const auto inner = one(1120, ProtobufWriter().packed(1, {3, 4}), {3, 1, 1});
  EXPECT_EQ(input_shape(inner), "[1, 1, 3, 1, 1]");
  EXPECT_THAT(ints(operation(inner), "axes"), ElementsAre(3, 4));
  EXPECT_EQ(shape_of(inner), "[1, 1, 3]");
  const auto expanded = one(1125, ProtobufWriter().packed(1, {0}), {3, 4, 5});
  EXPECT_EQ(input_shape(expanded), "[1, 1, 3, 4, 5]");
  EXPECT_THAT(ints(operation(expanded), "axes"), ElementsAre(0));
  EXPECT_EQ(shape_of(expanded), "[1, 1, 1, 3, 4, 5]");
  const auto reduced = one(1280, ProtobufWriter().packed(1, {3, 4}).varint(2, 0), {3, 4, 5});
  EXPECT_EQ(input_shape(reduced), "[1, 1, 3, 4, 5]");
  EXPECT_THAT(ints(operation(reduced), "axes"), ElementsAre(3, 4));
  EXPECT_EQ(shape_of(reduced), "[1, 1, 3]");
  const auto kept = one(1280, ProtobufWriter().packed(1, {3, 4}).varint(2, 1), {3, 4, 5});
  EXPECT_EQ(input_shape(kept), "[1, 3, 4, 5]");
  EXPECT_THAT(ints(operation(kept), "axes"), ElementsAre(-2, -1));
  EXPECT_EQ(shape_of(kept), "[1, 3, 1, 1]");
}

TEST(NetworkScope, StacksInTheRankOfTheFile) {
  const auto network = ProtobufWriter().message(
      1, layer("l", {"x", "x"}, {"y"}, 925, ProtobufWriter().varint(1, 0)));
  const auto graph = read(model(network, {3, 4, 5}));
  EXPECT_EQ(operation(graph).attribute("axis")->value.as_int(), 0);
  EXPECT_EQ(shape_of(graph), "[2, 1, 1, 3, 4, 5]");
  EXPECT_EQ(graph.value(operation(graph).inputs[0].values[0]).type.shape.to_string(),
            "[1, 1, 3, 4, 5]");
}

TEST(NetworkScope, StartsOverWithoutTracesWhenTheSequenceIsNeeded) {
  const auto network =
      ProtobufWriter()
          .message(1, layer("a", {"nowhere"}, {"z"}, 130))
          .message(1, layer("b", {"x"}, {"y"}, 1120, ProtobufWriter().packed(1, {0})));
  const auto graph = read(model(network, {3, 4, 5}));
  EXPECT_EQ(graph.operation_count(), 2U);
  EXPECT_EQ(graph.values().size(), 4U);
  EXPECT_EQ(operation(graph, 1).index, 1U);
  EXPECT_EQ(std::ranges::count_if(graph.notes(),
                                  [](const Note& remark) {
                                    return remark.text.find("nowhere") != std::string::npos;
                                  }),
            1);
}

}  // namespace
}  // namespace anecompat::coreml
