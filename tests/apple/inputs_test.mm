#include "apple_test.hpp"
#include "evaluate/apple/pixel_buffer.hpp"
#include "evaluate/apple/random_data.hpp"
#include "evaluate/apple/shape_choice.hpp"

#include <cmath>
#include <cstring>

namespace anecompat::test {
namespace {

using namespace evaluate;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class Inputs : public AppleTest {
 protected:
  // What the model was fed for its one input.
  std::string fed(FakeInput input) {
    one_segment();
    input.name = "x";
    scenario().inputs = {input};
    const auto measurement = run();
    EXPECT_EQ(measurement.reached, MeasureStep::done)
        << (measurement.failure ? measurement.failure->message : "");
    descriptions = measurement.inputs;
    return seen().fed["x"];
  }

  std::string failure(FakeInput input) {
    one_segment();
    input.name = "x";
    scenario().inputs = {input};
    const auto measurement = run();
    EXPECT_EQ(measurement.reached, MeasureStep::input);
    return measurement.failure ? measurement.failure->message : "";
  }

  std::vector<std::string> descriptions;
};

template <typename T>
std::vector<T> elements(const std::string& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

TEST_F(Inputs, FillArraysOfFloat32) {
  const auto values = elements<float>(fed({.type = 0x10000 | 32}));
  EXPECT_THAT(values, SizeIs(48));
  EXPECT_THAT(values, Each(testing::AllOf(testing::Ge(0.0F), testing::Lt(1.0F))));
  EXPECT_NE(values[0], values[1]);
  EXPECT_THAT(descriptions, ElementsAre("x: fp32[1, 3, 4, 4]"));
}

TEST_F(Inputs, FillArraysOfFloat64) {
  const auto values = elements<double>(fed({.type = 0x10000 | 64}));
  EXPECT_THAT(values, SizeIs(48));
  EXPECT_THAT(values, Each(testing::AllOf(testing::Ge(0.0), testing::Lt(1.0))));
}

TEST_F(Inputs, FillArraysOfFloat16) {
  const auto values = elements<std::uint16_t>(fed({.type = 0x10000 | 16}));
  EXPECT_THAT(values, SizeIs(48));
  // 0x3C00 is 1.0.
  EXPECT_THAT(values, Each(testing::Lt(0x3C00)));
  EXPECT_NE(values[0], values[1]);
}

TEST_F(Inputs, FillIntegersThatCanBeIndices) {
  for (const long type : {0x20000 | 32, 0x20000 | 8}) {
    const auto bytes = fed({.type = type});
    if (type == (0x20000 | 8))
      EXPECT_THAT(elements<std::int8_t>(bytes), Each(testing::AnyOf(0, 1)));
    else
      EXPECT_THAT(elements<std::int32_t>(bytes), Each(testing::AnyOf(0, 1)));
  }
}

TEST_F(Inputs, OfAnUnknownElementTypeAreRefused) {
  EXPECT_THAT(failure({.type = 0x30000 | 16}), HasSubstr("element type 0x30010"));
}

TEST_F(Inputs, AreTheSameForTheSameSeed) {
  const auto first = fed({});
  EXPECT_EQ(fed({}), first);
  request.seed = 2;
  EXPECT_NE(fed({}), first);
}

class Images : public Inputs, public testing::WithParamInterface<long> {};

TEST_P(Images, AreFilledInEveryPixelFormat) {
  const auto bytes = fed({.kind = "image", .type = GetParam(), .shape = {5, 7}});
  EXPECT_THAT(bytes, testing::Contains(testing::Ne('\0')));
  EXPECT_EQ(seen().open_pixel_buffers, 0);
  EXPECT_THAT(descriptions.at(0), HasSubstr("image 7x5"));
}

INSTANTIATE_TEST_SUITE_P(Inputs, Images,
                         testing::Values(kCVPixelFormatType_32BGRA, kCVPixelFormatType_32ARGB,
                                         kCVPixelFormatType_OneComponent8,
                                         kCVPixelFormatType_OneComponent16Half, '420v'));

TEST_F(Inputs, HalfFloatImagesHoldNumbers) {
  const auto bytes =
      fed({.kind = "image", .type = kCVPixelFormatType_OneComponent16Half, .shape = {4, 4}});
  EXPECT_THAT(elements<std::uint16_t>(bytes), Each(testing::Lt(0x3C00)));
}

TEST_F(Inputs, ImagesThatCannotBeMadeAreRefused) {
  EXPECT_THAT(failure({.kind = "image", .type = 'bad ', .shape = {4, 4}}), HasSubstr("-6680"));
  EXPECT_THAT(failure({.kind = "image", .shape = {0, 4}}), HasSubstr("[0, 4]"));
}

TEST_F(Inputs, OfImagesTakeAWantedSize) {
  request.shapes["x"] = {1, 3, 8, 6};
  fed({.kind = "image",
       .type = kCVPixelFormatType_32BGRA,
       .shape = {4, 4},
       .ranges = {{1, 8}, {1, UINT64_MAX - 1}}});
  EXPECT_THAT(descriptions.at(0), HasSubstr("image 6x8 BGRA"));
  fed({.kind = "image",
       .type = kCVPixelFormatType_32BGRA,
       .shape = {4, 4},
       .enumerated = {{4, 4}, {8, 6}}});
  EXPECT_THAT(descriptions.at(0), HasSubstr("image 6x8 BGRA"));
}

TEST_F(Inputs, OfImagesRefuseASizeTheModelDoesNotAllow) {
  request.shapes["x"] = {8, 6};
  const FakeInput image{.kind = "image", .type = kCVPixelFormatType_32BGRA, .shape = {4, 4}};
  EXPECT_THAT(failure(image), HasSubstr("it allows [4, 4]"));
  auto flexible = image;
  flexible.ranges = {{1, 7}, {1, 7}};
  EXPECT_THAT(failure(flexible), HasSubstr("it allows [1 to 7, 1 to 7]"));
  flexible.ranges.clear();
  flexible.enumerated = {{4, 4}, {16, 16}};
  EXPECT_THAT(failure(flexible), HasSubstr("it allows [4, 4], [16, 16]"));
}

TEST_F(Inputs, OfScalarsAndText) {
  EXPECT_EQ(fed({.kind = "int64"}), "1");
  EXPECT_EQ(fed({.kind = "string"}), "a");
  EXPECT_NE(fed({.kind = "double"}), "");
}

TEST_F(Inputs, OfDictionariesHaveTheKeyTheyAskFor) {
  EXPECT_THAT(fed({.kind = "dictionary", .type = 1}), HasSubstr("0"));
  EXPECT_THAT(fed({.kind = "dictionary", .type = 3}), HasSubstr("a"));
}

TEST_F(Inputs, OfSequencesHaveTheirSmallestLength) {
  EXPECT_EQ(fed({.kind = "sequence", .type = 3, .shape = {3}}), "(a, a, a)");
  EXPECT_EQ(fed({.kind = "sequence", .type = 1, .shape = {0}}), "(1)");
}

TEST_F(Inputs, OfAnUnknownKindAreRefused) {
  EXPECT_THAT(failure({.kind = "hologram"}), HasSubstr("kind 99"));
}

TEST_F(Inputs, ThatAreOptionalAreLeftOut) {
  one_segment();
  scenario().inputs = {{.name = "x"}, {.name = "mask", .optional = true}};
  EXPECT_THAT(run().inputs, SizeIs(1));
  request.shapes["mask"] = {1, 3, 4, 4};
  EXPECT_THAT(run().inputs, SizeIs(2));
}

TEST_F(Inputs, ThatAreAllThereIsAreFed) {
  one_segment();
  scenario().inputs = {{.name = "x", .optional = true}};
  EXPECT_THAT(run().inputs, SizeIs(1));
}

TEST_F(Inputs, HaveTheDefaultShape) {
  fed({.shape = {2, 2}, .enumerated = {{1, 1}, {2, 2}}});
  EXPECT_THAT(seen().shapes["x"], ElementsAre(2, 2));
}

TEST_F(Inputs, TakeAWantedShape) {
  request.shapes["x"] = {1, 1};
  fed({.shape = {2, 2}, .enumerated = {{1, 1}, {2, 2}}});
  EXPECT_THAT(seen().shapes["x"], ElementsAre(1, 1));
}

TEST_F(Inputs, TakeAWantedShapeWithinRanges) {
  request.shapes["x"] = {1, 900};
  fed({.shape = {1, 16}, .ranges = {{1, 1}, {1, UINT64_MAX - 1}}});
  EXPECT_THAT(seen().shapes["x"], ElementsAre(1, 900));
}

TEST_F(Inputs, RefuseAShapeTheModelDoesNotAllow) {
  request.shapes["x"] = {3, 3};
  EXPECT_THAT(failure({.shape = {2, 2}, .enumerated = {{1, 1}, {2, 2}}}),
              HasSubstr("it allows [1, 1], [2, 2]"));
  EXPECT_THAT(failure({.shape = {2, 2}, .ranges = {{1, 1}, {1, 8}}}),
              HasSubstr("it allows [1, 1 to 8]"));
  EXPECT_THAT(failure({.shape = {2, 2}}), HasSubstr("it allows [2, 2]"));
}

TEST_F(Inputs, RefuseAShapeForAnInputThatIsNotThere) {
  request.shapes["X"] = {3, 3};
  EXPECT_THAT(failure({}), HasSubstr("no input X; it has x"));
}

TEST(ShapeChoice, FillsInWhatTheDefaultLeavesOpen) {
  using apple::choose_shape;
  EXPECT_THAT(*choose_shape("x", {.default_shape = {1, -1}, .ranges = {{1, 1}, {4, 8}}}, {}),
              ElementsAre(1, 4));
  EXPECT_THAT(*choose_shape("x", {.default_shape = {}, .enumerated = {{5}, {6}}}, {}),
              ElementsAre(5));
  EXPECT_THAT(*choose_shape("x", {.default_shape = {}, .ranges = {{2, 3}}}, {}), ElementsAre(2));
}

TEST(ShapeChoice, RefusesWhatCannotBeAllocated) {
  using apple::choose_shape;
  EXPECT_FALSE(choose_shape("x", {.default_shape = {1LL << 40, 1LL << 40}}, {}));
  EXPECT_FALSE(choose_shape("x", {.default_shape = {0}}, {}));
}

TEST(RandomData, HalvesAreExact) {
  for (std::uint16_t k = 0; k < 1024; ++k) {
    const auto bits = apple::half_of_1024ths(k);
    const int exponent = bits >> 10;
    const int mantissa = bits & 0x3FF;
    const double value = k == 0 ? 0 : std::ldexp(1024 + mantissa, exponent - 25);
    EXPECT_EQ(value, k / 1024.0) << k;
  }
}

TEST(RandomData, ZeroesWhatIsNoWholeElement) {
  apple::RandomData random(1);
  std::array<std::byte, 7> memory{};
  memory.fill(std::byte{0xFF});
  random.fill(memory, apple::ElementType::float32);
  EXPECT_EQ(memory[4], std::byte{0});
  EXPECT_EQ(memory[6], std::byte{0});
}

TEST(PixelFormatName, IsAWordWhereThereIsOne) {
  EXPECT_EQ(apple::pixel_format_name('BGRA'), "BGRA");
  EXPECT_EQ(apple::pixel_format_name(0x20), "0x20");
}

}  // namespace
}  // namespace anecompat::test
