// The interceptors on AppleNeuralEngine: what reaches the ANE passes through them.
//
// A hook replaces the implementation of a method (never exchanges or adds one), only where class,
// selector and types are exactly those of the table, and gives it back when the Hooks go away.
#pragma once

#include "evaluate/apple/recorder.hpp"
#include "support/result.hpp"

#include <memory>
#include <vector>

namespace anecompat::evaluate::apple {

// Loads AppleNeuralEngine: Core ML imports its classes weakly, so they may not be there yet.
// False when the framework cannot be loaded.
bool load_neural_engine_framework();

// Installed as long as this lives.
class Hooks {
 public:
  // One at a time in a process, as the methods are the process's. Errors: system, when others are
  // installed.
  static Result<std::unique_ptr<Hooks>> install(std::shared_ptr<Recorder> recorder);
  ~Hooks();
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;

  const std::vector<HookStatus>& status() const { return m_status; }

 private:
  Hooks();

  std::vector<HookStatus> m_status;
};

// What installing would find, without installing anything.
std::vector<HookStatus> inspect_hooks();

}  // namespace anecompat::evaluate::apple
