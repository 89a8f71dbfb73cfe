// report.json. Keys have one order, small things stand on one line, and numbers are rounded to
// what they mean, so that two reports can be compared with ordinary tools.
#include "evaluate/comparison_json.hpp"
#include "evaluate/evaluation_json.hpp"
#include "evaluate/json_parts.hpp"
#include "report/reporter.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace anecompat::report {

namespace {

using Json = nlohmann::ordered_json;
using evaluate::add_text;

// Objects and arrays that a reader takes in at one glance.
constexpr std::array<std::string_view, 9> k_one_line = {
    "manifest", "expectation", "counts", "shares", "reason", "error", "part", "before", "after"};
// Arrays with one element a line.
constexpr std::array<std::string_view, 6> k_one_line_each = {"ops",      "segments", "risks",
                                                             "attempts", "times",    "changes"};

Json to_value(const evaluate::Evaluation& evaluation) {
  return evaluate::to_json(evaluation, evaluate::Numbers::rounded);
}

Json to_value(const Finding& finding);

template <typename T>
Json to_values(const std::vector<T>& items) {
  auto json = Json::array();
  for (const auto& item : items)
    json.push_back(to_value(item));
  return json;
}

Json to_value(const Finding& finding) {
  Json json = {{"rule", finding.rule}, {"severity", to_string(finding.severity)}};
  add_text(json, "entry", finding.entry);
  add_text(json, "target", finding.target);
  json["message"] = finding.message;
  if (!finding.details.empty())
    json["details"] = finding.details;
  add_text(json, "file", finding.file);
  if (finding.line != 0)
    json["line"] = finding.line;
  add_text(json, "fingerprint", finding.fingerprint);
  if (finding.suppressed)
    json["suppressed"] = *finding.suppressed;
  return json;
}

Json to_value(const Entry& entry) {
  Json json = {{"name", entry.name},
               {"source", entry.source},
               {"manifest", {{"file", entry.manifest_file}, {"line", entry.manifest_line}}},
               {"digest", entry.digest},
               {"format", entry.format},
               {"type", entry.type},
               {"spec_version", entry.spec_version},
               {"size", entry.size}};
  Json expectation = {{"expect", entry.expectation.expect}};
  add_text(expectation, "expect_eligible", entry.expectation.expect_eligible);
  json["expectation"] = std::move(expectation);
  if (entry.skipped)
    json["skipped"] = *entry.skipped;
  json["evaluations"] = to_values(entry.evaluations);
  json["findings"] = to_values(entry.findings);
  return json;
}

// How long everything took, apart from the entries: two runs over the same input differ only in
// `run`. One line per entry; in it one list per evaluation: its microseconds, then the
// milliseconds of each attempt.
Json times(const Report& report) {
  auto json = Json::array();
  for (const auto& entry : report.entries) {
    auto of_entry = Json::array();
    for (const auto& evaluation : entry.evaluations) {
      auto of_evaluation = Json::array({evaluation.duration.count()});
      for (const auto& attempt : evaluation.attempts)
        of_evaluation.push_back(attempt.duration.count());
      of_entry.push_back(std::move(of_evaluation));
    }
    json.push_back(std::move(of_entry));
  }
  return json;
}

Json to_value(const ShardPart& part) {
  return {{"manifest_sha256", part.manifest_sha256},
          {"plan", part.plan},
          {"entries", part.entries},
          {"positions", part.positions}};
}

Json to_value(const Totals& totals) {
  return {{"entries", totals.entries}, {"evaluations", totals.evaluations},
          {"full", totals.full},       {"partial", totals.partial},
          {"none", totals.none},       {"unknown", totals.unknown},
          {"failed", totals.failed},   {"skipped", totals.skipped},
          {"errors", totals.errors},   {"warnings", totals.warnings},
          {"notices", totals.notices}, {"suppressed", totals.suppressed}};
}

// Names from models may hold any bytes; JSON is UTF-8.
std::string compact(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool is_one_of(std::string_view key, std::span<const std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

void write(std::string& out, const Json& json, std::size_t indent, std::string_view key) {
  if (!json.is_structured() || json.empty() || is_one_of(key, k_one_line)) {
    out += compact(json);
    return;
  }
  const bool flat = is_one_of(key, k_one_line_each);
  out += json.is_object() ? '{' : '[';
  bool first = true;
  for (auto item = json.begin(); item != json.end(); ++item) {
    out += first ? "\n" : ",\n";
    first = false;
    out.append(indent + 2, ' ');
    if (json.is_object())
      out += compact(Json(item.key())) + ": ";
    if (flat)
      out += compact(*item);
    else
      write(out, *item, indent + 2, json.is_object() ? std::string_view(item.key()) : "");
  }
  out += '\n';
  out.append(indent, ' ');
  out += json.is_object() ? '}' : ']';
}

// A list written element by element, so that the tree of a large report is never whole in memory.
template <typename T>
void write_list(std::string& out, std::string_view key, const std::vector<T>& items) {
  out += "  \"";
  out += key;
  out += "\": [";
  for (std::size_t i = 0; i < items.size(); ++i) {
    out += i == 0 ? "\n    " : ",\n    ";
    write(out, to_value(items[i]), 4, "");
  }
  out += items.empty() ? "],\n" : "\n  ],\n";
}

void write_member(std::string& out, std::string_view key, const Json& json) {
  out += "  \"";
  out += key;
  out += "\": ";
  write(out, json, 2, key);
  out += ",\n";
}

}  // namespace

std::string to_json(const Entry& entry) {
  std::string out;
  write(out, to_value(entry), 0, "");
  return out + "\n";
}

std::string to_json(const evaluate::Comparison& comparison) {
  std::string out;
  write(out, evaluate::to_json(comparison, evaluate::Numbers::rounded), 0, "");
  return out + "\n";
}

std::string to_json(const Report& report) {
  std::string out = "{\n";
  write_member(out, "schema", k_report_schema);
  write_member(out, "tool", {{"version", report.tool.version}, {"commit", report.tool.commit}});
  write_member(out, "host",
               {{"os", report.host.os},
                {"build", report.host.build},
                {"arch", report.host.arch},
                {"chip", report.host.chip},
                {"ane", report.host.ane},
                {"vm", report.host.vm}});
  Json run = {{"started", report.run.started},
              {"duration", static_cast<double>(report.run.duration.count()) / 1e3}};
  add_text(run, "shard", report.run.shard);
  if (report.run.part)
    run["part"] = to_value(*report.run.part);
  run["times"] = times(report);
  write_member(out, "run", run);
  write_member(out, "manifest", report.manifest);
  write_member(out, "policy", report.policy);
  if (!report.baseline.empty())
    write_member(out, "baseline", report.baseline);
  write_list(out, "entries", report.entries);
  write_list(out, "findings", report.findings);
  write_member(out, "totals", to_value(report.totals));
  out += "  \"exit_code\": " + std::to_string(report.exit_code) + "\n}\n";
  return out;
}

}  // namespace anecompat::report
