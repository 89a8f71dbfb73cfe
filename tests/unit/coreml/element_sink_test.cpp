#include "coreml/element_sink.hpp"

#include <gmock/gmock.h>

#include <array>
#include <limits>
#include <vector>

namespace anecompat::coreml {
namespace {

using ::testing::ElementsAre;
using ::testing::IsNan;
using ::testing::Optional;

class Elements : public testing::Test {
 protected:
  Literal finish(DataType dtype) {
    const auto literal = m_sink.finish(
        {.kind = ValueType::Kind::tensor, .dtype = dtype, .shape = {.ranked = true}}, m_builder);
    m_sink.clear();
    return literal;
  }
  std::vector<double> raw(DataType dtype, const std::vector<std::uint8_t>& bytes,
                          std::uint64_t limit = UINT64_MAX) {
    m_sink.add_raw(dtype, bytes, limit);
    return finish(dtype).floats().value_or(std::vector<double>());
  }

  GraphBuilder m_builder{"test"};
  ElementSink m_sink;
};

TEST_F(Elements, OfOneKindAreThatKind) {
  m_sink.add_integer(3);
  m_sink.add_integer(-1);
  EXPECT_THAT(finish(DataType::int32).ints(), Optional(ElementsAre(3, -1)));
  m_sink.add_real(0.5);
  EXPECT_THAT(finish(DataType::float32).floats(), Optional(ElementsAre(0.5)));
  m_sink.add_string("a");
  EXPECT_THAT(finish(DataType::string).strings(), Optional(ElementsAre("a")));
}

TEST_F(Elements, OfSeveralKindsAreOpaque) {
  m_sink.add_integer(3);
  m_sink.add_string("a");
  EXPECT_TRUE(finish(DataType::int32).is_opaque());
}

TEST_F(Elements, NoneAtAllAreAnEmptyListOfTheType) {
  EXPECT_EQ(finish(DataType::int32).ints()->size(), 0U);
  EXPECT_EQ(finish(DataType::float16).floats()->size(), 0U);
  EXPECT_EQ(finish(DataType::string).strings()->size(), 0U);
}

TEST_F(Elements, BeyondTheMostAreCountedOnly) {
  for (std::size_t i = 0; i <= Literal::k_max_elements; ++i)
    m_sink.add_integer(1);
  EXPECT_TRUE(m_sink.full());
  EXPECT_TRUE(finish(DataType::int32).is_opaque());
  m_sink.add_unseen(1);
  EXPECT_TRUE(finish(DataType::int32).is_opaque());
}

TEST_F(Elements, GoBackToAMark) {
  m_sink.add_integer(1);
  const auto mark = m_sink.mark();
  m_sink.add_integer(2);
  m_sink.add_string("x");
  m_sink.add_unseen(1000);
  m_sink.rewind(mark);
  EXPECT_THAT(finish(DataType::int32).ints(), Optional(ElementsAre(1)));
}

TEST_F(Elements, AreUnpackedFromTheLowBitsUp) {
  EXPECT_THAT(raw(DataType::uint1, {0b0000'0101}, 3), ElementsAre(1, 0, 1));
  EXPECT_THAT(raw(DataType::uint2, {0b11'10'01'00}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(raw(DataType::uint3, {0b10'001'000, 0b0'000'011'1}, 3), ElementsAre(0, 1, 6));
  EXPECT_THAT(raw(DataType::uint4, {0xA1}), ElementsAre(1, 10));
  EXPECT_THAT(raw(DataType::int4, {0xF7}), ElementsAre(7, -1));
  EXPECT_THAT(raw(DataType::uint6, {0xC1, 0x0F, 0x00}, 2), ElementsAre(1, 63));
  EXPECT_THAT(raw(DataType::int16, {0xFE, 0xFF}), ElementsAre(-2));
}

TEST_F(Elements, AreDecodedFromSmallFloats) {
  constexpr double k_infinity = std::numeric_limits<double>::infinity();
  EXPECT_THAT(raw(DataType::float16, {0x00, 0x3C, 0x01, 0x00, 0x00, 0xFC}),
              ElementsAre(1, 0x1p-24, -k_infinity));
  EXPECT_THAT(raw(DataType::bfloat16, {0x80, 0x3F, 0x00, 0xC0}), ElementsAre(1, -2));
  EXPECT_THAT(raw(DataType::float8e4m3fn, {0x38, 0x7E, 0x01, 0x7F}),
              ElementsAre(1, 448, 0x1p-9, IsNan()));
  EXPECT_THAT(raw(DataType::float8e5m2, {0x3C, 0x7B, 0xFC}), ElementsAre(1, 57344, -k_infinity));
}

TEST_F(Elements, OfATypeWithoutAWidthAreLeftOut) {
  EXPECT_THAT(raw(DataType::unknown, {1, 2, 3}), ElementsAre());
}

TEST(StoredBytes, AreRoundedUpAndNeverOverflow) {
  const auto bytes = [](DataType dtype, std::vector<std::int64_t> dims) {
    return stored_bytes(
        {.kind = ValueType::Kind::tensor, .dtype = dtype, .shape = {.ranked = true, .dims = dims}});
  };
  EXPECT_EQ(bytes(DataType::uint3, {3}), 2U);
  EXPECT_EQ(bytes(DataType::float16, {2, 3}), 12U);
  EXPECT_EQ(bytes(DataType::float32, {-1, 3}), 0U);
  EXPECT_EQ(bytes(DataType::string, {3}), 0U);
  EXPECT_EQ(bytes(DataType::float64, {std::int64_t{1} << 31, std::int64_t{1} << 31}), 0U);
}

}  // namespace
}  // namespace anecompat::coreml
