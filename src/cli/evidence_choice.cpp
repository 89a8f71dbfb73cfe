#include "cli/evidence_choice.hpp"

#include "cli/host_info.hpp"
#include "cli/parse_values.hpp"
#include "evaluate/apple/apple_evaluator.hpp"
#include "evaluate/measured_evaluator.hpp"
#include "evaluate/predictor.hpp"
#include "evaluate/worker_evaluator.hpp"
#include "support/subprocess.hpp"

#include <array>

namespace anecompat::cli {

using evaluate::EvidenceWanted;

namespace {

// Only what is needed: finding the program may fail.
Result<std::vector<std::string>> worker_command(const std::string& program) {
  if (!program.empty())
    return std::vector<std::string>{program, "worker"};
  ANECOMPAT_TRY_ASSIGN(auto own, own_executable());
  return std::vector<std::string>{std::move(own), "worker"};
}

}  // namespace

Result<EvidenceWanted> parse_evidence_wanted(std::string_view word) {
  static constexpr std::array<std::string_view, 4> k_words = {"auto", "predicted", "measured",
                                                              "planned"};
  static constexpr std::array k_wanted = {EvidenceWanted::automatic, EvidenceWanted::predicted,
                                          EvidenceWanted::measured, EvidenceWanted::planned};
  ANECOMPAT_TRY_ASSIGN(const auto index, parse_choice("--evidence", word, k_words));
  return k_wanted.at(index);
}

Result<std::unique_ptr<evaluate::Evaluator>> make_evaluator(const EvaluatorChoice& choice,
                                                            const evaluate::HostAbility& host) {
  // Made in any case: wrong rule files are told before the first model.
  ANECOMPAT_TRY_ASSIGN(
      std::shared_ptr<evaluate::Evaluator> predictor,
      evaluate::make_predictor({.rules_directory = choice.rules_directory, .what_if = {}}));
  const bool runs = choice.evidence != EvidenceWanted::predicted && host.ane;
  evaluate::WorkerOptions worker{.retries = choice.retries, .cancel = choice.cancel};
  if (choice.isolate || runs) {
    ANECOMPAT_TRY_ASSIGN(worker.command, worker_command(choice.worker_program));
  }
  if (choice.isolate)
    predictor = evaluate::make_worker_evaluator({.worker = worker,
                                                 .rules_directory = choice.rules_directory,
                                                 .what_if = {},
                                                 .memory_limit = choice.memory_limit});
  std::unique_ptr<evaluate::Evaluator> runner;
  if (runs) {
    const auto evidence = choice.evidence == EvidenceWanted::planned
                              ? evaluate::RunEvidence::planned
                              : evaluate::RunEvidence::measured;
    runner = evaluate::make_measured_evaluator(
        predictor, {.worker = worker, .evidence = evidence, .log_directory = choice.log_directory});
  }
  return evaluate::make_auto_evaluator(choice.evidence, host, std::move(predictor),
                                       std::move(runner));
}

evaluate::HostAbility host_ability() {
  const auto host = host_info();
  const auto os = ane::parse_os_version(host.os);
  return {.ane = host.ane && evaluate::measuring_available(),
          .virtual_machine = host.vm && host.arch == "arm64" && host.os.starts_with("macOS"),
          .family = host_family(),
          .os = os ? std::optional(*os) : std::nullopt,
          .why_not = why_no_ane(host)};
}

}  // namespace anecompat::cli
