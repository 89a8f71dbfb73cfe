#include "coreml/wire.hpp"

#include "support/protobuf_writer.hpp"

#include <vector>

namespace anecompat::coreml {
namespace {

using test::ProtobufWriter;
using testing::ElementsAre;

struct Decoder {
  explicit Decoder(std::string_view bytes)
      : source(ByteSource::from_memory({bytes.begin(), bytes.end()}, "test")),
        reader(*source, status) {}

  std::shared_ptr<ByteSource> source;
  WireStatus status;
  WireReader reader;
};

// Reads every field and says how many there were before the end or the error.
std::size_t count_fields(Decoder& decoder) {
  std::size_t count = 0;
  while (decoder.reader.next())
    ++count;
  return count;
}

TEST(Wire, ReadsFieldsInAnyOrder) {
  const auto bytes = ProtobufWriter().float32(9, 1.5F).bytes(3, "abc").varint(1, 300).str();
  Decoder decoder(bytes);
  ASSERT_TRUE(decoder.reader.next());
  EXPECT_EQ(decoder.reader.field(), 9U);
  EXPECT_FLOAT_EQ(decoder.reader.float32(), 1.5F);
  ASSERT_TRUE(decoder.reader.next());
  EXPECT_EQ(decoder.reader.string(), "abc");
  ASSERT_TRUE(decoder.reader.next());
  EXPECT_EQ(decoder.reader.varint(), 300U);
  EXPECT_FALSE(decoder.reader.next());
  EXPECT_TRUE(decoder.status.ok());
}

TEST(Wire, TakesPackedAndUnpackedListsAlike) {
  for (const auto& bytes : {ProtobufWriter().packed(1, {1, 200, -1}).str(),
                            ProtobufWriter()
                                .varint(1, 1)
                                .varint(1, 200)
                                .varint(1, static_cast<std::uint64_t>(std::int64_t{-1}))
                                .str()}) {
    Decoder decoder(bytes);
    std::vector<std::int64_t> values;
    while (decoder.reader.next())
      decoder.reader.each_varint(
          [&](std::uint64_t value) { values.push_back(static_cast<std::int64_t>(value)); });
    EXPECT_THAT(values, ElementsAre(1, 200, -1));
    EXPECT_TRUE(decoder.status.ok());
  }
}

TEST(Wire, AcceptsVarintsOfTenBytesAndRefusesEleven) {
  Decoder ten(std::string("\x08\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11));
  ASSERT_TRUE(ten.reader.next());
  EXPECT_EQ(ten.reader.varint(), 1U);
  Decoder eleven(std::string("\x08\x81\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 12));
  EXPECT_FALSE(eleven.reader.next());
  EXPECT_STREQ(eleven.status.error, "varint longer than ten bytes");
}

TEST(Wire, TreatsAFieldOfAnotherWireTypeAsAbsent) {
  const auto bytes = ProtobufWriter().varint(3, 7).str();
  Decoder decoder(bytes);
  ASSERT_TRUE(decoder.reader.next());
  EXPECT_EQ(decoder.reader.string(), "");
  EXPECT_FALSE(decoder.reader.message().next());
  EXPECT_TRUE(decoder.status.ok());
}

TEST(Wire, RefusesGroupsUnknownWireTypesAndFieldZero) {
  for (const auto* bytes : {"\x0b\x0c", "\x0e", "\x0f", "\x02\x01"}) {
    Decoder decoder(bytes);
    EXPECT_EQ(count_fields(decoder), 0U);
    EXPECT_FALSE(decoder.status.ok());
  }
  Decoder zero_padding(std::string_view("\x08\x01\x00\x00", 4));
  EXPECT_EQ(count_fields(zero_padding), 1U);
  EXPECT_STREQ(zero_padding.status.error, "field number 0");
  EXPECT_EQ(zero_padding.status.offset, 2U);
}

TEST(Wire, SaysHowManyBytesALengthLacks) {
  Decoder decoder(ProtobufWriter().varint(1, 1).length(2, 10).raw("abc").str());
  EXPECT_EQ(count_fields(decoder), 1U);
  EXPECT_EQ(decoder.status.offset, 2U);
  EXPECT_EQ(decoder.status.missing, 7U);
}

TEST(Wire, RefusesALengthNearTheTopOfItsRange) {
  Decoder decoder(ProtobufWriter().length(2, UINT64_MAX).raw("abc").str());
  EXPECT_EQ(count_fields(decoder), 0U);
  EXPECT_FALSE(decoder.status.ok());
}

TEST(Wire, RefusesMessagesNestedBeyondAHundred) {
  const auto nest = [](int levels) {
    ProtobufWriter writer;
    for (int i = 0; i < levels; ++i) {
      ProtobufWriter outer;
      outer.message(1, writer);
      writer = outer;
    }
    return writer.str();
  };
  const auto depth_reached = [](Decoder& decoder) {
    std::function<int(WireReader)> descend = [&](WireReader message) {
      return message.next() ? 1 + descend(message.message()) : 0;
    };
    return descend(decoder.reader);
  };
  Decoder hundred(nest(100));
  EXPECT_EQ(depth_reached(hundred), 100);
  EXPECT_TRUE(hundred.status.ok());
  Decoder more(nest(101));
  EXPECT_EQ(depth_reached(more), 101);
  EXPECT_STREQ(more.status.error, "messages nested too deeply");
}

}  // namespace
}  // namespace anecompat::coreml
