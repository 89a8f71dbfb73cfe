// One subcommand.
#pragma once

#include <CLI/CLI.hpp>

namespace anecompat::cli {

// setup() declares what the command line may hold and only that; run() works, once it is parsed.
class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  virtual void setup(CLI::App& app) = 0;
  // Returns the exit code.
  virtual int run() = 0;
};

}  // namespace anecompat::cli
