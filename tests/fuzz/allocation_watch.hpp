// Watches what a piece of work asks of the allocator. Linking allocation_watch.cpp replaces every
// form of operator new and delete of the program.
#pragma once

#include <cstddef>

namespace anecompat::test {

// Counts from its construction on. One at a time; the work under watch may use several threads.
class AllocationWatch {
 public:
  AllocationWatch();

  // The largest single allocation, in bytes.
  std::size_t largest() const;
  // The most that was allocated at one time, beyond what was before.
  std::size_t peak() const;

 private:
  std::size_t m_before;
};

}  // namespace anecompat::test
