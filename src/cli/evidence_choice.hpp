// The evaluator that a command line asks for, on this host.
#pragma once

#include "evaluate/auto_evaluator.hpp"
#include "evaluate/worker_evaluator.hpp"
#include "support/result.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::cli {

// The word of --evidence. Errors: usage.
Result<evaluate::EvidenceWanted> parse_evidence_wanted(std::string_view word);

struct EvaluatorChoice {
  evaluate::EvidenceWanted evidence = evaluate::EvidenceWanted::automatic;
  std::string rules_directory;  // empty: the built-in rules
  // The program that workers are started from; empty: this one.
  std::string worker_program;
  bool isolate = false;  // predictions run in workers, too
  unsigned retries = 0;
  std::uint64_t memory_limit = evaluate::k_worker_memory;  // of an isolated prediction, in bytes
  std::string log_directory;                  // receives what measurements saw; may be empty
  const std::atomic<bool>* cancel = nullptr;  // stops workers; may be null
};

// What this machine has to measure with, by a build of this program that can.
evaluate::HostAbility host_ability();

// Errors: a wrong rule file; system, when workers are needed and this program cannot find itself.
Result<std::unique_ptr<evaluate::Evaluator>> make_evaluator(
    const EvaluatorChoice& choice, const evaluate::HostAbility& host = host_ability());

}  // namespace anecompat::cli
