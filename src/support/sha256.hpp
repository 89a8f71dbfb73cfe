// SHA-256, by the system's own library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace anecompat {

// Hashes a stream of bytes.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void update(std::span<const std::uint8_t> bytes);
  void update(std::string_view text);
  // 64 lower-case hex digits. Ends the stream: call once, last.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

// Of a whole text.
std::string sha256_hex(std::string_view text);

}  // namespace anecompat
