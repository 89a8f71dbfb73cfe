// Reports for the tests of reporters: an ordinary one, a hostile one, and ones of any size.
#pragma once

#include "report/report.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace anecompat::report::test {

inline evaluate::OpResult op(std::string path, std::string type,
                             std::optional<ane::Backend> placement) {
  evaluate::OpResult result{.path = std::move(path),
                            .type = std::move(type),
                            .shape = "fp16[1, 64, 32, 32]",
                            .placement = placement,
                            .cost_us = 12.345};
  if (placement == ane::Backend::ane)
    result.eligible = {ane::Backend::ane, ane::Backend::cpu};
  else
    result.eligible = {ane::Backend::cpu};
  return result;
}

// `ops` operations; every `nth` (0: none) is on the CPU.
inline evaluate::Evaluation evaluation(std::string target, std::size_t ops, std::size_t nth) {
  evaluate::Evaluation result{.target = std::move(target),
                              .evidence = ane::Evidence::predicted,
                              .confidence = ane::Confidence::high,
                              .level = nth == 0 ? ane::Level::full : ane::Level::partial,
                              .eligible_level = ane::Level::full};
  for (std::size_t i = 0; i < ops; ++i) {
    const bool cpu = nth != 0 && i % nth == nth - 1;
    auto next =
        op("main/conv_" + std::to_string(i), "conv", cpu ? ane::Backend::cpu : ane::Backend::ane);
    if (cpu)
      next.reason = ane::Reason{"fp32-precision", "fp32[1, 64]: the ANE computes in fp16 only"};
    next.boundary = i == 0;
    if (result.segments.empty() || result.segments.back().backend != *next.placement)
      result.segments.push_back(
          {.backend = *next.placement, .first = static_cast<std::uint32_t>(i)});
    ++result.segments.back().count;
    ++(cpu ? result.counts.cpu : result.counts.ane);
    result.ops.push_back(std::move(next));
  }
  result.counts.ops = static_cast<std::uint32_t>(ops);
  result.counts.eligible = result.counts.ane;
  result.counts.boundary = ops == 0 ? 0 : 1;
  if (ops != 0)
    result.shares = {.ops = static_cast<double>(result.counts.ane) / static_cast<double>(ops),
                     .cost = 0.75};
  result.duration = std::chrono::microseconds(12'345);
  return result;
}

inline Entry entry(std::string name, std::uint64_t line) {
  return {.name = name,
          .source = "models/" + name + ".mlpackage",
          .manifest_file = "anecompat.yml",
          .manifest_line = line,
          .digest = "sha256:00",
          .format = "mlpackage",
          .type = "mlProgram",
          .spec_version = 7,
          .size = 1'500'000,
          .expectation = {.expect = "full", .expect_eligible = ""}};
}

inline Finding finding(const Entry& entry, std::string rule, Severity severity,
                       std::string target) {
  return {
      .rule = std::move(rule),
      .severity = severity,
      .entry = entry.name,
      .target = std::move(target),
      .message = "expected full, is partial: 2 of 8 operations are off the ANE",
      .details = {"main/conv_3 (conv): fp32-precision", "convert the model with fp16 precision"},
      .file = entry.manifest_file,
      .line = entry.manifest_line,
      .fingerprint = "0123456789abcdef"};
}

// One entry each that passes, breaks its expectation, cannot be read, is unknown, and is skipped.
inline Report sample() {
  Report report{
      .tool = {.version = "0.1.0", .commit = "abc1234"},
      .host = {.os = "Debian GNU/Linux 12", .arch = "x86_64"},
      .run = {.started = "2026-01-31T12:00:00Z", .duration = std::chrono::milliseconds(1234)},
      .manifest = "anecompat.yml",
      .policy = "pre-merge",
      .exit_code = 3};
  auto detector = entry("detector", 4);
  detector.evaluations = {evaluation("h13", 8, 0), evaluation("h16", 8, 0)};
  detector.findings = {finding(detector, "improved", Severity::notice, "")};

  auto encoder = entry("encoder", 9);
  encoder.evaluations = {evaluation("h13", 8, 4), evaluation("h16", 8, 0)};
  encoder.evaluations[1].attempts = {
      {.outcome = "crash", .message = "SIGKILL", .duration = std::chrono::milliseconds(20)},
      {.outcome = "ok", .message = "", .duration = std::chrono::milliseconds(30)}};
  encoder.evaluations[0].risks = {
      {.code = "wide-kernel", .message = "16×16 kernel", .op = "main/conv_1"}};
  encoder.findings = {finding(encoder, "expectation-not-met", Severity::error, "h13"),
                      finding(encoder, "budget-exceeded", Severity::error, "h13"),
                      finding(encoder, "model-risk", Severity::warning, "h13")};
  encoder.findings.push_back(finding(encoder, "ops-left-ane", Severity::error, "h16"));
  encoder.findings.back().suppressed = "known, fixed in the next release";

  auto broken = entry("broken", 14);
  broken.evaluations = {{.target = "h13"}};
  broken.evaluations[0].error =
      evaluate::EvaluationError{.kind = "crash", .signal = 9, .message = "killed by SIGKILL"};
  broken.findings = {finding(broken, "evaluation-failed", Severity::error, "h13")};

  auto unknown = entry("unknown", 19);
  unknown.evaluations = {{.target = "h13"}};
  unknown.evaluations[0].reason = ane::Reason{"unknown-op", "holds \"futureOp\""};

  auto skipped = entry("skipped", 24);
  skipped.skipped = "filtered out";

  report.entries = {detector, encoder, broken, unknown, skipped};
  report.findings = {{.rule = "suppression-unused",
                      .severity = Severity::warning,
                      .message = "matches nothing",
                      .file = "anecompat.yml",
                      .line = 30,
                      .fingerprint = "fedcba9876543210"}};
  report.totals = count_totals(report);
  return report;
}

// Names that want to be more than names.
inline std::vector<std::string> hostile_names() {
  return {"\x1b[31mred\x1b[0m",
          "]]><evil/>",
          "::error::gotcha",
          "\n::set-output name=x::y",
          "##[add-mask]secret",
          "a|b|c",
          "`tick` ``` fence",
          "<script>alert(1)</script>",
          "\xe2\x80\xaegnp.exe",
          "\xff\xfe broken",
          "@everyone #1 https://evil.example [x](y)",
          "[[ATTACHMENT|/etc/passwd]]",
          "\" onload='x' & </title>",
          std::string("nul\0byte", 8),
          std::string(100'000, 'n')};
}

inline Report hostile() {
  auto report = sample();
  report.entries.clear();
  std::uint64_t line = 1;
  for (const auto& name : hostile_names()) {
    auto next = entry(name, line++);
    next.source = name;
    next.manifest_file = name;
    next.evaluations = {evaluation("h13", 3, 2)};
    next.evaluations[0].ops[1].path = name;
    next.evaluations[0].ops[1].reason = ane::Reason{"fp32-precision", name};
    auto broken = finding(next, "expectation-not-met", Severity::error, "h13");
    broken.message = name;
    broken.details = {name};
    auto tolerated = broken;
    tolerated.severity = Severity::warning;
    tolerated.suppressed = name;
    next.findings = {broken, tolerated};
    report.entries.push_back(std::move(next));
  }
  report.exit_code = 1;
  report.totals = count_totals(report);
  return report;
}

// `count` entries with one finding each.
inline Report large(std::size_t count, Severity severity, std::size_t ops = 2) {
  auto report = sample();
  report.findings.clear();
  report.entries.clear();
  for (std::size_t i = 0; i < count; ++i) {
    auto next = entry("model_" + std::to_string(i), i + 1);
    next.evaluations = {evaluation("h13", ops, 2)};
    next.findings = {finding(next, "expectation-not-met", severity, "h13")};
    next.findings[0].fingerprint = "f" + std::to_string(i);
    report.entries.push_back(std::move(next));
  }
  report.exit_code = 1;
  report.totals = count_totals(report);
  return report;
}

}  // namespace anecompat::report::test
