// Running another program under a deadline, with everything it says captured.
#pragma once

#include "support/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace anecompat {

struct ProcessOptions {
  std::vector<std::string> arguments;                            // [0] is the program's path
  std::string input;                                             // given to it on standard input
  std::vector<std::pair<std::string, std::string>> environment;  // set on top of ours
  std::chrono::milliseconds deadline{std::chrono::minutes{5}};
  std::size_t max_result = 256U << 20U;  // bytes taken from the result channel before it is killed
  std::size_t max_log = 64U << 10U;      // bytes of log kept, the last ones
  const std::atomic<bool>* cancel = nullptr;  // once true, the process is killed; may be null
};

struct ProcessResult {
  enum class Outcome : std::uint8_t {
    exited,     // by itself, with exit_code
    signaled,   // by signal, not sent by us
    timed_out,  // we killed it at the deadline
    cancelled,  // we killed it because `cancel` became true
    flooded,    // we killed it because it wrote more than max_result
  };

  Outcome outcome = Outcome::exited;
  int exit_code = 0;
  int signal = 0;
  std::string result;  // what it wrote to the result channel
  std::string log;     // the end of what it wrote to standard output and standard error
  std::chrono::milliseconds duration{0};
};

// The file descriptor on which a process started by run_process() finds its result channel.
// Standard output stays free for whatever libraries print.
constexpr int k_result_channel = 3;

// Runs a program to its end, in a process group of its own. When it is over, however it ended, the
// whole group is killed, so nothing it started is left behind. Safe to call from several threads at
// once. Errors: system, when the program cannot be started.
Result<ProcessResult> run_process(const ProcessOptions& options);

// "SIGSEGV" for 11, …; "signal 99" for one without a name.
std::string signal_name(int signal);

// Path of the running executable. Errors: system.
Result<std::string> own_executable();

}  // namespace anecompat
