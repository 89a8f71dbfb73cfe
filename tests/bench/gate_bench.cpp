// How fast reports are compared: prints wall time and peak memory of reading, comparing and
// judging, and fails beyond the limits that docs/diff.md promises.
//   gate_bench [ENTRIES [OPS]]
#include "gate/gate.hpp"
#include "gate/op_diff.hpp"
#include "report/reporter.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

namespace {

using namespace anecompat;
using ane::Backend;
using Clock = std::chrono::steady_clock;

constexpr std::size_t k_ops_of_an_entry = 25;
constexpr double k_report_limit_s = 3;
constexpr double k_graph_limit_s = 1;
constexpr double k_memory_limit_mb = 500;

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double peak_mb() {
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
#if defined(__APPLE__)
  constexpr double k_unit = 1e6;
#else
  constexpr double k_unit = 1e3;
#endif
  return static_cast<double>(usage.ru_maxrss) / k_unit;
}

// A chain with skip connections; every `every`th operation is on the CPU.
evaluate::Evaluation evaluation(std::size_t ops, std::size_t every, const std::string& prefix) {
  evaluate::Evaluation result;
  result.target = "h16";
  result.level = ane::Level::partial;
  result.eligible_level = ane::Level::partial;
  for (std::size_t i = 0; i < ops; ++i) {
    evaluate::OpResult op;
    op.path = fmt::format("main/{}layer_{}/op_{}", prefix, i / 10, i);
    op.type = i % 3 == 0 ? "conv" : i % 3 == 1 ? "relu" : "add";
    op.shape = fmt::format("fp16[1, {}, 28, 28]", 32 << (i / 40 % 4));
    const bool on_ane = i % every != 0;
    op.placement = on_ane ? Backend::ane : Backend::cpu;
    op.eligible = {Backend::cpu, Backend::gpu};
    if (on_ane)
      op.eligible.push_back(Backend::ane);
    else
      op.reason = ane::Reason{"unsupported-op", "asinh has no ANE kernel on any chip"};
    op.cost_us = 1.5;
    if (i > 0)
      op.inputs.push_back(static_cast<std::uint32_t>(i - 1));
    if (i > 3 && i % 3 == 2)
      op.inputs.push_back(static_cast<std::uint32_t>(i - 3));
    ++(on_ane ? result.counts.ane : result.counts.cpu);
    if (result.segments.empty() || result.segments.back().backend != *op.placement)
      result.segments.push_back({.backend = *op.placement, .first = static_cast<std::uint32_t>(i)});
    ++result.segments.back().count;
    result.ops.push_back(std::move(op));
  }
  result.counts.ops = static_cast<std::uint32_t>(ops);
  result.shares.ops = static_cast<double>(result.counts.ane) / static_cast<double>(ops);
  return result;
}

std::string report_text(std::size_t entries, std::size_t every) {
  report::Report report;
  for (std::size_t i = 0; i < entries; ++i) {
    report::Entry entry;
    entry.name = fmt::format("model_{}", i);
    entry.digest = fmt::format("sha256:{}", every);
    entry.evaluations.push_back(evaluation(k_ops_of_an_entry, every, ""));
    report.entries.push_back(std::move(entry));
  }
  return report::to_json(report);
}

manifest::Manifest manifest_of(std::size_t entries) {
  manifest::Manifest manifest;
  for (std::size_t i = 0; i < entries; ++i) {
    manifest::EntrySpec spec;
    spec.name = fmt::format("model_{}", i);
    spec.targets = {ane::ChipFamily::h16};
    manifest.entries.push_back(std::move(spec));
  }
  // One entry in ten has an accepted break: half of them named, half by globs.
  for (std::size_t i = 0; i < entries / 10; ++i) {
    manifest::Suppression suppression;
    suppression.rule = "ops-left-ane";
    suppression.model = fmt::format(i % 2 == 0 ? "model_{}" : "model_*{}", i * 10 + 3);
    suppression.op = "main/layer_*/op_*";
    suppression.reason = "known";
    suppression.owner = "@bench";
    suppression.expires = std::chrono::year(2199) / 1 / 1;
    manifest.suppressions.push_back(std::move(suppression));
  }
  return manifest;
}

bool within(const char* what, double value, double limit, const char* unit) {
  fmt::print("{:<46} {:8.3f} {} (limit {})\n", what, value, unit, limit);
  return value <= limit;
}

// What `check --baseline` does, less the evaluations.
bool bench_reports(std::size_t entries) {
  auto old_text = report_text(entries, 9);
  auto new_text = report_text(entries, 7);
  fmt::print("two reports of {} entries, {:.1f} MB each\n", entries,
             static_cast<double>(old_text.size()) / 1e6);
  const auto manifest = manifest_of(entries);
  const auto policy = gate::load_policy("pre-merge");
  const auto start = Clock::now();
  double recording = 0;
  gate::Reference reference{.name = "b.json", .exists = true, .baseline = {}};
  {
    const auto old_report = report::report_from_json(old_text, "old.json");
    if (!old_report || !policy)
      return false;
    fmt::print("{:<46} {:8.3f} s\n", "  read the first", since(start));
    const auto before_recording = Clock::now();
    gate::update_baseline(reference.baseline, *old_report, "bench");
    recording = since(before_recording);
    fmt::print("{:<46} {:8.3f} s, not counted\n", "  recorded it", recording);
  }
  old_text = {};
  auto report = report::report_from_json(new_text, "new.json");
  if (!report)
    return false;
  new_text = {};
  fmt::print("{:<46} {:8.3f} s\n", "  and read the second", since(start) - recording);
  gate::judge(*report, manifest, *policy, &reference);
  std::size_t accepted = 0;
  for (const auto* finding : report::all_findings(*report))
    accepted += finding->suppressed ? 1 : 0;
  fmt::print("  {} findings, {} of them accepted by {} suppressions\n",
             report::all_findings(*report).size(), accepted, manifest.suppressions.size());
  const bool fast =
      within("read both, compared and judged", since(start) - recording, k_report_limit_s, "s");
  return within("peak memory", peak_mb(), k_memory_limit_mb, "MB") && fast;
}

bool bench_graphs(std::size_t ops) {
  const auto before = evaluation(ops, 50, "");
  auto edited = evaluation(ops, 50, "");
  edited.ops[ops / 2].type = "asinh";
  const auto renamed = evaluation(ops, 60, "renamed_");
  const auto start = Clock::now();
  const auto small = gate::compare_evaluations(before, edited);
  const bool first = within(fmt::format("two graphs of {} ops, one edited", ops).c_str(),
                            since(start), k_graph_limit_s, "s");
  const auto again = Clock::now();
  const auto large = gate::compare_evaluations(before, renamed);
  const bool second = within("  all renamed, many moved", since(again), k_graph_limit_s, "s");
  fmt::print("  {} and {} changes\n", small.changes.size(), large.changes.size());
  return first && second;
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int index, std::size_t fallback) {
    return argc > index ? std::strtoull(argv[index], nullptr, 10) : fallback;
  };
  const bool reports = bench_reports(number(1, 10'000));
  const bool graphs = bench_graphs(number(2, 100'000));
  return reports && graphs ? 0 : 1;
}
