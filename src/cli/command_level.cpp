#include "cli/command_level.hpp"

#include "cli/console.hpp"
#include "cli/host_info.hpp"
#include "cli/single_model.hpp"
#include "report/reporter.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace anecompat::cli {

namespace {

constexpr int k_exit_unreadable = 3;
constexpr int k_exit_other = 7;

std::string describe(const evaluate::Evaluation& evaluation, const report::Host& host) {
  auto text = std::string(ane::to_string(evaluation.level)) + "\n";
  text += summary_line(evaluation) + "\n";
  text += fmt::format("evidence: {}", ane::to_string(evaluation.evidence));
  if (evaluation.evidence == ane::Evidence::predicted)
    text += host.ane ? " from the model file, not measured"
                     : " from the model file; " + why_no_ane(host) + " to measure on";
  return text + "\n";
}

int exit_code(const evaluate::Evaluation& evaluation) {
  return evaluation.error ? k_exit_unreadable : static_cast<int>(evaluation.level);
}

}  // namespace

bool looks_like_model(const std::string& argument) {
  static constexpr std::array<std::string_view, 6> k_endings = {
      ".mlmodel", ".mlpackage", ".mlmodelc", ".mil", ".mlmodel.gz", "/"};
  std::error_code error;
  return std::filesystem::exists(argument, error) ||
         std::ranges::any_of(k_endings,
                             [&](std::string_view ending) { return argument.ends_with(ending); });
}

int run_level(std::span<const std::string> arguments) {
  if (arguments.size() > 2) {
    print_error({.kind = ErrorKind::usage,
                 .message = fmt::format("unexpected argument `{}` after MODELPATH and LOGDIR",
                                        arguments[2]),
                 .advice = "see anecompat --help; options belong to commands such as check"});
    return k_exit_other;
  }
  const auto target = default_target();
  auto evaluated = evaluate_single(arguments[0], {}, {&target, 1});
  if (!evaluated) {
    print_error(evaluated.error());
    return k_exit_other;
  }
  auto& report = *evaluated;
  const auto& evaluation = report.entries[0].evaluations[0];
  report.exit_code = exit_code(evaluation);
  if (arguments.size() == 2) {
    const auto written = write_text_file(arguments[1] + "/report.json", report::to_json(report));
    if (!written) {
      print_error(written.error());
      return k_exit_other;
    }
  }
  if (evaluation.error)
    print_error({.kind = ErrorKind::unreadable, .message = evaluation.error->message});
  else if (!print(printable_lines(describe(evaluation, report.host))))
    return k_exit_other;
  return report.exit_code;
}

}  // namespace anecompat::cli
