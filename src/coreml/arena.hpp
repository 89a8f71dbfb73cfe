// Memory that is given back all at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace anecompat::coreml {

// Hands out memory that stays where it is until the arena goes. As std::pmr's monotonic buffer,
// which the C++ library of macOS has only since version 14.
class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `size` bytes for objects of that alignment, which is at most that of operator new.
  void* allocate(std::size_t size, std::size_t alignment) {
    void* at = m_next;
    if (m_next == nullptr || std::align(alignment, size, at, m_left) == nullptr) {
      add_block(size);
      at = m_next;
    }
    m_next = static_cast<std::byte*>(at) + size;
    m_left -= size;
    return at;
  }

 private:
  static constexpr std::size_t k_largest_block = std::size_t{1} << 20U;

  // Blocks grow with what is needed, so that small models stay small and large ones need few.
  void add_block(std::size_t at_least) {
    const auto size = std::max(at_least, m_block_size);
    m_block_size = std::min(m_block_size * 2, k_largest_block);
    m_blocks.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
    m_next = m_blocks.back().get();
    m_left = size;
  }

  std::vector<std::unique_ptr<std::byte[]>> m_blocks;
  std::size_t m_block_size = 1024;
  std::byte* m_next = nullptr;
  std::size_t m_left = 0;
};

}  // namespace anecompat::coreml
