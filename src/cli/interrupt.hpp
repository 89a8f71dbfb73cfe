// SIGINT and SIGTERM: finish what is known instead of dying with it.
#pragma once

#include <atomic>

namespace anecompat::cli {

// While one lives, the first SIGINT or SIGTERM is only noted; a second one of the same kind ends
// the program as usual. One at a time.
class InterruptGuard {
 public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

  // Both safe from any thread.
  static bool interrupted();
  // True once interrupted() is, for what polls it.
  static const std::atomic<bool>& flag();
};

}  // namespace anecompat::cli
