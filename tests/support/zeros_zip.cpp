#include "support/zeros_zip.hpp"

#include <zlib.h>

#include <stdexcept>
#include <vector>

namespace anecompat::test {

namespace {

constexpr std::uint64_t k_block = 64ULL << 20U;

// Deflates k_block zeros into a run of blocks that ends on a byte and refers to nothing before it.
std::string deflated_zeros() {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib cannot be initialised");
  std::vector<unsigned char> zeros(1U << 20U);
  std::string result(1U << 20U, '\0');
  stream.next_out = reinterpret_cast<unsigned char*>(result.data());
  stream.avail_out = static_cast<unsigned>(result.size());
  for (std::uint64_t done = 0; done < k_block; done += zeros.size()) {
    stream.next_in = zeros.data();
    stream.avail_in = static_cast<unsigned>(zeros.size());
    deflate(&stream, done + zeros.size() == k_block ? Z_FULL_FLUSH : Z_NO_FLUSH);
  }
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

// The CRC-32 of `blocks` times k_block zeros.
std::uint64_t crc_of_zeros(std::uint64_t blocks) {
  const std::vector<unsigned char> zeros(1U << 20U);
  uLong of_block = crc32(0, nullptr, 0);
  for (std::uint64_t done = 0; done < k_block; done += zeros.size())
    of_block = crc32(of_block, zeros.data(), static_cast<unsigned>(zeros.size()));
  uLong result = crc32(0, nullptr, 0);
  for (std::uint64_t i = 0; i < blocks; ++i)
    result = crc32_combine(result, of_block, static_cast<z_off_t>(k_block));
  return result;
}

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i)
    text += static_cast<char>(value >> (8U * static_cast<unsigned>(i)) & 0xFFU);
  return text;
}
std::string u16(std::uint64_t value) {
  return little_endian(value, 2);
}
std::string u32(std::uint64_t value) {
  return little_endian(value, 4);
}

}  // namespace

std::string make_zeros_zip(const ZerosZip& zip) {
  const auto blocks = (zip.size + k_block - 1) / k_block;
  const auto declared = zip.declared != 0 ? zip.declared : blocks * k_block;
  std::string data;
  const auto block = deflated_zeros();
  for (std::uint64_t i = 0; i < blocks; ++i)
    data += block;
  data += std::string("\x03\x00", 2);  // an empty last block

  constexpr std::uint64_t k_see_extra = 0xFFFFFFFF;
  const auto extra = u16(1) + u16(16) + little_endian(declared, 8) + little_endian(data.size(), 8);
  const auto common = u16(45) + u16(0) + u16(Z_DEFLATED) + u32(0) + u32(crc_of_zeros(blocks)) +
                      u32(k_see_extra) + u32(k_see_extra) + u16(zip.name.size()) +
                      u16(extra.size());
  const auto local = "PK\x03\x04" + common + zip.name + extra + data;
  const auto central = "PK\x01\x02" + u16(45) + common + u16(0) + u16(0) + u16(0) + u32(0) +
                       u32(0) + zip.name + extra;
  return local + central + "PK\x05\x06" + u16(0) + u16(0) + u16(1) + u16(1) + u32(central.size()) +
         u32(local.size()) + u16(0);
}

}  // namespace anecompat::test
