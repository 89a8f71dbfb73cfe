#pragma once

namespace anecompat::cli {

// `anecompat worker`, which `check --isolate` and measurements start for each model; not listed in
// --help. Returns the exit code.
int run_worker_command();

}  // namespace anecompat::cli
