#include "support/sha256.hpp"

#include <algorithm>
#include <array>

#ifdef __APPLE__
#include <CommonCrypto/CommonDigest.h>
#else
#include <openssl/evp.h>
#endif

namespace anecompat {

namespace {

constexpr std::size_t k_digest_size = 32;

std::string hex(const std::array<unsigned char, k_digest_size>& digest) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : digest) {
    text += k_digits[byte >> 4U];
    text += k_digits[byte & 15U];
  }
  return text;
}

}  // namespace

#ifdef __APPLE__

struct Sha256::State {
  CC_SHA256_CTX context = {};
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {
  CC_SHA256_Init(&m_state->context);
}

void Sha256::update(std::span<const std::byte> bytes) {
  // CC_LONG has 32 bits.
  constexpr std::size_t k_most = 1U << 30U;
  while (!bytes.empty()) {
    const auto size = std::min(bytes.size(), k_most);
    CC_SHA256_Update(&m_state->context, bytes.data(), static_cast<CC_LONG>(size));
    bytes = bytes.subspan(size);
  }
}

std::string Sha256::finish() {
  std::array<unsigned char, k_digest_size> digest = {};
  CC_SHA256_Final(digest.data(), &m_state->context);
  return hex(digest);
}

#else

struct Sha256::State {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                  &EVP_MD_CTX_free};
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {
  EVP_DigestInit_ex(m_state->context.get(), EVP_sha256(), nullptr);
}

void Sha256::update(std::span<const std::byte> bytes) {
  EVP_DigestUpdate(m_state->context.get(), bytes.data(), bytes.size());
}

std::string Sha256::finish() {
  std::array<unsigned char, k_digest_size> digest = {};
  EVP_DigestFinal_ex(m_state->context.get(), digest.data(), nullptr);
  return hex(digest);
}

#endif

Sha256::~Sha256() = default;

void Sha256::update(std::string_view text) {
  update(std::as_bytes(std::span(text)));
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

}  // namespace anecompat
