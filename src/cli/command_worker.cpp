#include "cli/command_worker.hpp"

#include "cli/console.hpp"
#include "evaluate/worker.hpp"

#include <cstdio>
#include <cstdlib>

namespace anecompat::cli {

int run_worker_command() {
  const auto served = evaluate::serve_worker();
  if (!served)
    return fail_with(served.error());
  // The answer is out. What libraries would still do at exit can only go wrong now.
  std::fflush(nullptr);
  std::_Exit(0);
}

}  // namespace anecompat::cli
