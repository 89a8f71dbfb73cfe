#include "cli/level_run.hpp"

#include "cli/host_info.hpp"
#include "cli/single_model.hpp"
#include "report/reporter.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace anecompat::cli {

namespace {

std::string describe(const evaluate::Evaluation& evaluation, const report::Host& host) {
  if (evaluation.error)
    return fmt::format("{}: {}\n", evaluation.error->kind, evaluation.error->message);
  auto text = std::string(ane::to_string(evaluation.level)) + "\n";
  text += summary_line(evaluation) + "\n";
  text += fmt::format("evidence: {}", ane::to_string(evaluation.evidence));
  if (evaluation.evidence == ane::Evidence::predicted)
    text += host.ane ? " from the model file, not measured"
                     : " from the model file; " + why_no_ane(host) + " to measure on";
  return text + "\n";
}

// What a measurement saw stands beside these, in files of its own.
Result<void> write_logs(const std::string& directory, const LevelRun& run) {
  ANECOMPAT_TRY(write_text_file(directory + "/report.json", report::to_json(run.report)));
  std::string log = run.text;
  for (const auto& op : run.evaluation().ops) {
    log += printable(fmt::format("{}  {}  {}", op.placement ? ane::to_string(*op.placement) : "-",
                                 op.type, op.path));
    if (op.reason)
      log += printable(fmt::format("  {}: {}", op.reason->code, op.reason->message));
    log += "\n";
  }
  return write_text_file(directory + "/level.log", log);
}

}  // namespace

int level_code(const evaluate::Evaluation& evaluation) {
  if (!evaluation.error)
    return static_cast<int>(evaluation.level);
  struct Row {
    std::string_view kind;
    int code;
  };
  static constexpr std::array k_rows = {
      Row{"not-found", k_level_unreadable},   Row{"unreadable", k_level_unreadable},
      Row{"unsupported", k_level_unreadable}, Row{"compile", k_level_compile},
      Row{"load", k_level_compile},           Row{"input", k_level_input},
      Row{"prediction", k_level_prediction},
  };
  const auto* row = std::ranges::find(k_rows, evaluation.error->kind, &Row::kind);
  return row == k_rows.end() ? k_level_other : row->code;
}

Result<LevelRun> run_for_level(const LevelRequest& request, const evaluate::HostAbility& host) {
  EvaluatorChoice choice;
  choice.evidence = request.evidence;
  choice.worker_program = request.worker_program;
  choice.log_directory = request.log_directory;
  ANECOMPAT_TRY_ASSIGN(const auto evaluator, make_evaluator(choice, host));
  evaluate::Request question;
  question.model_path = request.model_path;
  question.targets = {host.family.value_or(default_target())};
  LevelRun run;
  run.report = evaluate_single(*evaluator, question);
  run.report.exit_code = level_code(run.evaluation());
  run.text = printable_lines(describe(run.evaluation(), run.report.host));
  if (!request.log_directory.empty()) {
    ANECOMPAT_TRY(write_logs(request.log_directory, run));
  }
  return run;
}

}  // namespace anecompat::cli
