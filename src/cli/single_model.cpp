#include "cli/single_model.hpp"

#include "cli/check_run.hpp"
#include "evaluate/predictor.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace anecompat::cli {

Result<report::Report> evaluate_single(const std::string& model_path,
                                       const std::string& rules_directory,
                                       std::span<const ane::Target> targets,
                                       const SingleOptions& options) {
  ANECOMPAT_TRY_ASSIGN(
      const auto predictor,
      evaluate::make_predictor({.rules_directory = rules_directory, .what_if = options.what_if}));
  evaluate::Request request;
  request.model_path = model_path;
  request.function = options.function;
  request.compute_units = options.compute_units;
  request.reshape_frequency = options.reshape_frequency;
  request.targets.assign(targets.begin(), targets.end());
  return evaluate_single(*predictor, request);
}

report::Report evaluate_single(const evaluate::Evaluator& evaluator,
                               const evaluate::Request& request) {
  const auto began = std::chrono::steady_clock::now();
  auto answer = evaluator.evaluate(request);
  auto report = begin_report({});
  report.run.duration = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - began);
  report::Entry entry;
  entry.name = model_stem(request.model_path);
  entry.source = request.model_path;
  entry.digest = std::move(answer.model.digest);
  entry.format = std::move(answer.model.format);
  entry.type = std::move(answer.model.type);
  entry.spec_version = answer.model.spec_version;
  entry.size = answer.model.size;
  entry.evaluations = std::move(answer.evaluations);
  report.entries.push_back(std::move(entry));
  report.totals = report::count_totals(report);
  return report;
}

std::string model_stem(std::string_view path) {
  static constexpr std::array<std::string_view, 5> k_endings = {".gz", ".mlmodel", ".mlpackage",
                                                                ".mlmodelc", ".mil"};
  while (path.size() > 1 && path.ends_with('/'))
    path.remove_suffix(1);
  auto name = path.substr(path.rfind('/') + 1);
  for (const auto ending : k_endings) {
    if (name.size() > ending.size() && name.ends_with(ending))
      name.remove_suffix(ending.size());
  }
  return std::string(name);
}

std::string summary_line(const evaluate::Evaluation& evaluation) {
  const auto target = ane::describe_target(evaluation.target);
  if (evaluation.level == ane::Level::unknown)
    return fmt::format("{}: unknown: {}", target,
                       evaluation.reason ? evaluation.reason->message : "no reason given");
  const auto& counts = evaluation.counts;
  auto line = fmt::format("{}: {} of {} on the ANE", target, counts.ane, counted(counts.ops, "op"));
  if (evaluation.shares.ops)
    line += fmt::format(" ({:.0f} %)", *evaluation.shares.ops * 100);
  if (!evaluation.segments.empty())
    line += ", " + counted(evaluation.segments.size(), "segment");
  if (counts.ops == 0 && evaluation.reason)
    line += ": " + evaluation.reason->message;
  return line;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find('\n', begin), text.size());
    out += printable(text.substr(begin, end - begin));
    if (end < text.size())
      out += '\n';
    begin = end + 1;
  }
  return out;
}

}  // namespace anecompat::cli
