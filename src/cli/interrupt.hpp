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

  // Safe from any thread.
  static bool interrupted();
  // The same as a flag, for work that looks at one. Never null.
  static const std::atomic<bool>* flag();
};

}  // namespace anecompat::cli
