#include "coreml/lzfse.hpp"

#include "coreml/pbze.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <vector>

namespace anecompat::coreml {
namespace {

// Streams made with the encoder of the reference implementation (lzfse -encode) from network_text()
// with 60 layers (one bvx2 block) and 3 layers (one bvxn block), as base64.
constexpr std::string_view k_60_layers =
    "YnZ4MjwZAAAUAQAKAPoAUOzzULDYkgEwqQAAAD8MIAcPwCegqgAAgAJRxFwhL8A+4KkQAKigkIMIwIMAwMMAAAAAAA"
    "AAAGwAAAAAAAAA4BvgIwAA4I7N3RfxVDwUz8QjcXNzc3MOAAAAAAAAADAYbM5vxngBxh53cHN38wnccfsCfANjDzZ3"
    "3AIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAhBX3X1k3NkhAAAAAAAAAAIEgQAAAAAAAAgSNOmSZ"
    "IkSZIkSdOmSZIkSZI0bZoct23bPG++uPPlYGHwDxzfMLDBpWGp8DpQlW3/d6RAKjAz+Nx3oy3rlwx8s/WyNesi4E2I"
    "lxtqdyT6umZGf1OYDBJGioYwHgRwQJCuRTqFIwOeG3VCtoNknRE5RAThNsXPWuweNA1GRyRgmbkuZj0AAAAAAAAAAA"
    "AAAIM5yUjAAXgly0jAA/g1yyBgAfiaZSbgAfyaZRCwAHzNMhPwAH7NMgis794gM4X/5htkUFjfvEFmCv/NN8igYQHY"
    "mmUm4AH8mmUQsAB8zTIT8AB+zTIIWAC+ZpkJeAC/ZhkE1ndvkJnCf/MNMiisb94gM4X/5htk0LAAbM0yE/AAfs0yCF"
    "gAvmaZCXgAv2YZBCwAX7PMBDyAX7MMAuu7N8hM4b/5BhkU1jdvkJnCf/MNMmhYALZmmQl4AL9mGQQsAF+zzAQ8gF+z"
    "DAIWgK9ZZgIewK9ZBoH13RtkpvDffIMMCuubJ3OIicL5JoaDKbxAwwEwl6qlzAIBB8BXKpVyCgQcAEepTsomEHAAvK"
    "QiKY9AwAFwkSqkDALxBsA/Ko9yBwR7AM5hbZg1rKm+y+gwEhdQM99Y9ECjmcm+ewF8FvlvL4DPJv/lBfDZ5L+8AD6b"
    "/JcXwGeT//IC7r7ewc23G7T5djOitTsbtzFvcaddfeWofxB9gUFM9kF/CXxv6H0LcoCXXnNBhA9idngk";
constexpr std::string_view k_3_layers =
    "YnZ4bn8BAAC8AAAA4BB7ImZvcm1hdF92ZXJzaW9uIjogMjAwLCAic3RvcmFnZQAQ4AgibW9kZWwuZXNwcmVzc28ud2"
    "VpZ2h0cyIAJcA3bGF5ACTmW3sidHlwEC7nYWN0aXZhdAhMACLIFm5hbfSIEV8w5mJvdHRvbQgT5WlucHV09MgQdG9w"
    "5GJsb2IYJAhxABIIhyht5zoge319LCA4Z/AKbjH2OFc4aPJuMfNuM/AebjL7bjH4bjLzbjL44l19BgAAAAAAAABidn"
    "gk";

std::string network_text(int layers) {
  std::string text = R"({"format_version": 200, "storage": "model.espresso.weights", "layers": [)";
  std::string bottom = "input";
  for (int i = 0; i < layers; ++i) {
    text += fmt::format(
        R"({}{{"type": "activation", "name": "act_{}", "bottom": "{}", "top": "blob_{}", "mode": {}, "weights": {{}}}})",
        i == 0 ? "" : ", ", i, bottom, i, i * 7 % 4);
    bottom = fmt::format("blob_{}", i);
  }
  return text + "]}";
}

std::vector<std::uint8_t> from_base64(std::string_view text) {
  constexpr std::string_view k_digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> bytes;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char digit : text) {
    if (digit == '=')
      break;
    bits = (bits << 6U | static_cast<unsigned>(k_digits.find(digit))) & 0xffffU;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  return bytes;
}

void append_big_endian(std::vector<std::uint8_t>& bytes, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
}

std::vector<std::uint8_t> container(char letter, std::span<const std::uint8_t> chunk,
                                    std::uint64_t raw_size) {
  std::vector<std::uint8_t> bytes = {'p', 'b', 'z', static_cast<std::uint8_t>(letter)};
  append_big_endian(bytes, 0x40000000);
  append_big_endian(bytes, raw_size);
  append_big_endian(bytes, chunk.size());
  bytes.insert(bytes.end(), chunk.begin(), chunk.end());
  return bytes;
}

TEST(Lzfse, DecodesFseBlocks) {
  std::string out;
  ASSERT_TRUE(decode_lzfse(from_base64(k_60_layers), out, 1U << 20U));
  EXPECT_EQ(out, network_text(60));
}

TEST(Lzfse, DecodesLzvnBlocks) {
  std::string out;
  ASSERT_TRUE(decode_lzfse(from_base64(k_3_layers), out, 1U << 20U));
  EXPECT_EQ(out, network_text(3));
}

TEST(Lzfse, EveryTruncationIsAnError) {
  const auto whole = from_base64(k_60_layers);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string out;
    const auto result = decode_lzfse(std::span(whole).first(size), out, 1U << 20U);
    ASSERT_FALSE(result) << size;
    EXPECT_FALSE(result.error().message.empty());
  }
}

TEST(Lzfse, NeverGrowsOverTheLimit) {
  for (const auto stream : {k_3_layers, k_60_layers}) {
    std::string out;
    EXPECT_FALSE(decode_lzfse(from_base64(stream), out, 100));
    EXPECT_LE(out.size(), 100U);
  }
}

TEST(Pbze, UnpacksLzfseChunks) {
  const auto text = network_text(60);
  const auto unpacked =
      unpack_pbze(container('e', from_base64(k_60_layers), text.size()), 1U << 20U);
  ASSERT_TRUE(unpacked) << unpacked.error().to_string();
  EXPECT_EQ(*unpacked, text);
}

TEST(Pbze, UnpacksZlibChunks) {
  const auto text = network_text(60);
  std::vector<std::uint8_t> packed(compressBound(text.size()));
  uLongf size = packed.size();
  ASSERT_EQ(
      compress(packed.data(), &size, reinterpret_cast<const Bytef*>(text.data()), text.size()),
      Z_OK);
  packed.resize(size);
  const auto unpacked = unpack_pbze(container('z', packed, text.size()), 1U << 20U);
  ASSERT_TRUE(unpacked) << unpacked.error().to_string();
  EXPECT_EQ(*unpacked, text);
}

TEST(Pbze, ChunksOfEqualSizesAreStored) {
  const std::vector<std::uint8_t> chunk = {'{', '}'};
  EXPECT_EQ(unpack_pbze(container('e', chunk, 2), 100).value(), "{}");
}

TEST(Pbze, RefusesDeclaredSizesOverTheLimit) {
  const auto result = unpack_pbze(container('e', from_base64(k_3_layers), UINT64_MAX), 1000);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("more than"), std::string::npos);
}

TEST(Pbze, NamesAnAlgorithmItCannotDecode) {
#if !defined(__APPLE__)
  const std::vector<std::uint8_t> chunk = {1, 2, 3};
  const auto result = unpack_pbze(container('x', chunk, 100), 1000);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::unsupported);
  EXPECT_NE(result.error().message.find("xz"), std::string::npos);
#else
  GTEST_SKIP() << "Apple's library decodes all of them";
#endif
}

}  // namespace
}  // namespace anecompat::coreml
