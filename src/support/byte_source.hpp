// The bytes of one file, brought into memory only where they are looked at.
#pragma once

#include "support/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace anecompat {

// A file seen as one span of bytes of which only the loaded parts are valid.
//
// Model files are mostly weights, and weights are never needed. Mapping the file itself would let
// the kernel read ahead into them, and would turn a file that is cut while it is read into SIGBUS.
// So a large file is given an anonymous mapping of its size instead (pages nobody touches cost
// nothing), and load() fills blocks of it on demand; a file that got shorter is then an ordinary
// failure. Whoever reads on where the last read ended, or close to it, is given more at a time.
// Pointers into bytes() stay valid as long as the ByteSource lives. Not thread safe.
class ByteSource {
 public:
  static constexpr std::size_t k_block_size = 4096;
  // Files up to this size are read whole: one call is cheaper than many.
  static constexpr std::size_t k_read_whole_limit = 16 * k_block_size;
  // Files up to this size get memory from the heap, which is likely to have been used before.
  static constexpr std::size_t k_heap_limit = 4U << 20U;

  // Opens a regular file. Errors: not_found, unreadable (a directory, device or FIFO; empty is
  // fine), system.
  static Result<std::shared_ptr<ByteSource>> open(const std::string& path);

  // Wraps bytes that are in memory already.
  static std::shared_ptr<ByteSource> from_memory(std::vector<std::uint8_t> bytes, std::string name);

  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;
  ByteSource(ByteSource&&) = delete;
  ByteSource& operator=(ByteSource&&) = delete;
  ~ByteSource();

  // What open() was given, for messages.
  const std::string& name() const { return m_name; }
  std::span<const std::uint8_t> bytes() const { return {m_data, m_size}; }
  bool fully_loaded() const { return m_file < 0; }

  // Makes the `size` bytes at `begin` (a pointer into bytes()) valid. False when the file has been
  // cut, changed or cannot be read any more; failed() then stays true.
  bool load(const std::uint8_t* begin, std::size_t size);
  bool failed() const { return m_failed; }

  // How many bytes have been read from the file so far; what tests of "never touches weights" look
  // at.
  std::size_t loaded_bytes() const { return m_loaded_bytes; }

 private:
  ByteSource() = default;

  // Reads blocks from `first` on, to `end` at least. None of them may be loaded.
  bool read_blocks(std::size_t first, std::size_t end);

  std::string m_name;
  // Leaves new elements as they are: zeroing what is read right after costs as much as reading it.
  template <typename T>
  struct UninitializedAllocator : std::allocator<T> {
    template <typename U>
    struct rebind {  // NOLINT(readability-identifier-naming): the standard's name
      using other = UninitializedAllocator<U>;
    };
    template <typename U>
    void construct(U* at) noexcept {
      ::new (static_cast<void*>(at)) U;
    }
  };

  std::vector<std::uint8_t> m_owned;
  std::vector<std::uint8_t, UninitializedAllocator<std::uint8_t>> m_heap;
  std::uint8_t* m_data = nullptr;
  std::size_t m_size = 0;
  int m_file = -1;
  bool m_mapped = false;
  bool m_failed = false;
  std::size_t m_loaded_bytes = 0;
  std::vector<bool> m_blocks;    // which are loaded
  std::size_t m_next_block = 0;  // after the last one that was read
  std::size_t m_read_ahead = 1;  // how many to read at a time
};

}  // namespace anecompat
