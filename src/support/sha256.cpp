#include "support/sha256.hpp"

#include <array>
#include <stdexcept>

#if defined(__APPLE__)
#include <CommonCrypto/CommonDigest.h>
#else
#include <openssl/evp.h>
#endif

namespace anecompat {

namespace {

constexpr std::size_t k_digest_size = 32;
using Digest = std::array<unsigned char, k_digest_size>;

std::string hex(const Digest& digest) {
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * digest.size());
  for (const auto byte : digest) {
    text += k_digits[byte >> 4U];
    text += k_digits[byte & 15U];
  }
  return text;
}

}  // namespace

#if defined(__APPLE__)

struct Sha256::State {
  CC_SHA256_CTX context{};

  State() { CC_SHA256_Init(&context); }
  void update(const void* data, std::size_t size) {
    // CC_LONG has 32 bits.
    constexpr std::size_t k_chunk = std::size_t{1} << 30U;
    const auto* at = static_cast<const std::uint8_t*>(data);
    for (; size > k_chunk; size -= k_chunk, at += k_chunk)
      CC_SHA256_Update(&context, at, k_chunk);
    CC_SHA256_Update(&context, at, static_cast<CC_LONG>(size));
  }
  void finish(Digest& digest) { CC_SHA256_Final(digest.data(), &context); }
};

#else

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();

  State() {
    if (context == nullptr || EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1)
      throw std::runtime_error("OpenSSL has no SHA-256");
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
  void update(const void* data, std::size_t size) { EVP_DigestUpdate(context, data, size); }
  void finish(Digest& digest) { EVP_DigestFinal_ex(context, digest.data(), nullptr); }
};

#endif

Sha256::Sha256() : m_state(std::make_unique<State>()) {}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::update(std::span<const std::uint8_t> bytes) {
  m_state->update(bytes.data(), bytes.size());
}

void Sha256::update(std::string_view text) {
  m_state->update(text.data(), text.size());
}

std::string Sha256::finish() {
  Digest digest{};
  m_state->finish(digest);
  return hex(digest);
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(text);
  return hash.finish();
}

}  // namespace anecompat
