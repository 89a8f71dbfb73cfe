#include "support/sha256.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#ifdef __APPLE__
#include <CommonCrypto/CommonDigest.h>
#else
#include <openssl/evp.h>
#endif

namespace anecompat {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest = {};
#ifdef __APPLE__
  CC_SHA256_CTX context;
  CC_SHA256_Init(&context);
  // Its lengths have 32 bits.
  constexpr std::size_t k_piece = std::size_t{1} << 30U;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(k_piece, bytes.size())))
    CC_SHA256_Update(&context, bytes.data(), static_cast<CC_LONG>(std::min(k_piece, bytes.size())));
  CC_SHA256_Final(digest.data(), &context);
#else
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
#endif
  std::string text;
  for (const auto byte : digest)
    text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace anecompat
