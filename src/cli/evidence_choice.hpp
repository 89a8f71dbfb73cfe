// The evaluator that a command line asks for, on this host.
#pragma once

#include "evaluate/auto_evaluator.hpp"
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
  std::string log_directory;                  // receives what measurements saw; may be empty
  const std::atomic<bool>* cancel = nullptr;  // stops workers; may be null
};

// Errors: a wrong rule file; system, when workers are needed and this program cannot find itself.
Result<std::unique_ptr<evaluate::Evaluator>> make_evaluator(const EvaluatorChoice& choice);

// What this machine has to measure with.
evaluate::HostAbility host_ability();

}  // namespace anecompat::cli
