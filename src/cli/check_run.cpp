#include "cli/check_run.hpp"

#include "cli/host_info.hpp"
#include "evaluate/rounding.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <exception>
#include <mutex>
#include <thread>

namespace anecompat::cli {

namespace {

using evaluate::Evaluation;
using evaluate::EvaluationError;
using manifest::EntrySpec;

// What the report says of an entry before it is evaluated.
report::Entry entry_for(const std::string& manifest_path, const EntrySpec& spec) {
  report::Entry entry;
  entry.name = spec.name;
  entry.source = spec.source.text;
  entry.manifest_file = manifest_path;
  entry.manifest_line = spec.position.line;
  if (spec.expect)
    entry.expectation.expect = manifest::to_string(*spec.expect);
  if (spec.expect_eligible)
    entry.expectation.expect_eligible = manifest::to_string(*spec.expect_eligible);
  return entry;
}

// The same error on every target.
std::vector<Evaluation> failed(const std::vector<ane::Target>& targets,
                               const EvaluationError& error) {
  std::vector<Evaluation> evaluations;
  for (const auto& target : targets) {
    Evaluation evaluation;
    evaluation.target = ane::to_string(target);
    evaluation.error = error;
    evaluations.push_back(std::move(evaluation));
  }
  return evaluations;
}

// A model that is not to be had.
EvaluationError not_located(const EntrySpec& spec, const Error& error) {
  auto message = error.message;
  if (message.find(spec.source.text) == std::string::npos)
    message = fmt::format("{}: {}", spec.source.text, message);
  if (!error.advice.empty())
    message += fmt::format(" ({})", error.advice);
  return {.kind = to_string(error.kind), .signal = {}, .message = std::move(message)};
}

// Where the cache is differs from machine to machine; the address does not.
void name_by_source(const EntrySpec& spec, const std::string& path, std::string& message) {
  if (path == spec.source.text)
    return;
  for (auto at = message.find(path); at != std::string::npos;
       at = message.find(path, at + spec.source.text.size()))
    message.replace(at, path.size(), spec.source.text);
}

void name_by_source(const EntrySpec& spec, const std::string& path, Evaluation& evaluation) {
  if (spec.source.kind == manifest::Source::Kind::path)
    return;
  if (evaluation.error)
    name_by_source(spec, path, evaluation.error->message);
  for (auto& attempt : evaluation.attempts)
    name_by_source(spec, path, attempt.message);
}

// The deadline of evaluators that run in this process and so cannot be stopped from outside.
void enforce(std::chrono::milliseconds timeout, Evaluation& evaluation) {
  if (evaluation.error || evaluation.duration <= timeout)
    return;
  const auto seconds = [](auto duration) {
    return std::chrono::duration<double>(duration).count();
  };
  evaluation.error =
      EvaluationError{.kind = "timeout",
                      .signal = {},
                      .message = fmt::format("took {:.1f} s, longer than the {:.1f} s allowed",
                                             seconds(evaluation.duration), seconds(timeout))};
  evaluation.level = ane::Level::unknown;
  evaluation.eligible_level = ane::Level::unknown;
}

// The chips to ask for; `host` counts where this machine is one of them.
std::vector<ane::Target> targets_of(const EntrySpec& spec, const RunSettings& settings) {
  if (!settings.targets.empty())
    return settings.targets;
  auto targets = spec.targets;
  if (spec.host_target) {
    const auto host = host_family();
    if (host && std::ranges::find(targets, *host) == targets.end())
      targets.push_back(*host);
  }
  return targets;
}

// `host` where this machine has no Apple chip: nothing is known, and that is not a failure.
Evaluation unknown_host() {
  Evaluation evaluation;
  evaluation.target = "host";
  evaluation.reason = ane::Reason{.code = "no-host-chip", .message = why_no_ane(host_info())};
  return evaluation;
}

void evaluate_entry(const EntrySpec& spec, const evaluate::Evaluator& evaluator,
                    const RunSettings& settings, report::Entry& entry) {
  const auto targets = targets_of(spec, settings);
  if (settings.interrupted && settings.interrupted()) {
    entry.evaluations = failed(targets, {.kind = to_string(ErrorKind::interrupted),
                                         .signal = {},
                                         .message = "the run was interrupted before this model"});
    return;
  }
  const auto model =
      settings.locate ? settings.locate(spec) : Result<std::string>(spec.source.resolved);
  if (!model) {
    entry.evaluations = failed(targets, not_located(spec, model.error()));
    return;
  }
  const auto timeout = spec.timeout.value_or(settings.timeout);
  try {
    auto answer = evaluator.evaluate({.model_path = *model,
                                      .function = spec.function,
                                      .targets = targets,
                                      .compute_units = settings.compute_units,
                                      .timeout = timeout,
                                      .shapes = spec.shapes,
                                      .reshape_frequency = spec.reshape_frequency});
    entry.digest = std::move(answer.model.digest);
    entry.format = std::move(answer.model.format);
    entry.type = std::move(answer.model.type);
    entry.spec_version = answer.model.spec_version;
    entry.size = answer.model.size;
    entry.evaluations = std::move(answer.evaluations);
    for (auto& evaluation : entry.evaluations) {
      enforce(timeout, evaluation);
      name_by_source(spec, *model, evaluation);
      evaluate::round_numbers(evaluation);
    }
    if (settings.targets.empty() && spec.host_target && !host_family())
      entry.evaluations.push_back(unknown_host());
  } catch (const std::exception& error) {
    // One bad model never takes the others down.
    entry.evaluations = failed(targets, {.kind = "crash", .signal = {}, .message = error.what()});
  }
}

}  // namespace

unsigned jobs_wanted(unsigned asked) {
  return asked != 0 ? asked : std::max(1U, std::thread::hardware_concurrency());
}

report::Report begin_report(const std::string& manifest_path) {
  report::Report report;
  report.tool = tool_info();
  report.host = host_info();
  report.run.started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  report.manifest = manifest_path;
  return report;
}

std::vector<report::Entry> evaluate_entries(const std::string& manifest_path,
                                            std::span<const EntrySpec> specs,
                                            const evaluate::Evaluator& evaluator,
                                            const RunSettings& settings) {
  std::vector<report::Entry> entries;
  entries.reserve(specs.size());
  for (const auto& spec : specs)
    entries.push_back(entry_for(manifest_path, spec));

  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::size_t done = 0;
  const auto work = [&] {
    for (auto i = next.fetch_add(1); i < specs.size(); i = next.fetch_add(1)) {
      evaluate_entry(specs[i], evaluator, settings, entries[i]);
      const std::lock_guard lock(mutex);
      ++done;
      if (settings.progress)
        settings.progress(done, entries[i]);
    }
  };

  const auto helpers = std::min<std::size_t>(std::max(settings.jobs, 1U), specs.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < helpers; ++i)
    threads.emplace_back(work);
  work();
  for (auto& thread : threads)
    thread.join();
  return entries;
}

std::string outcome_of(const report::Entry& entry) {
  if (entry.skipped)
    return "skipped";
  std::string text;
  for (const auto& evaluation : entry.evaluations) {
    if (evaluation.error)
      return evaluation.error->kind;
    if (!text.empty())
      text += ", ";
    text += fmt::format("{} on {}", ane::to_string(evaluation.level), evaluation.target);
  }
  return text;
}

}  // namespace anecompat::cli
