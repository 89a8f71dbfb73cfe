// The baseline file: its text, both ways.
#include "gate/baseline.hpp"
#include "report/json_stream.hpp"
#include "support/json_cursor.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace anecompat::gate {

namespace {

using evaluate::Evaluation;
using evaluate::OpResult;
using Ordered = nlohmann::ordered_json;

constexpr std::int64_t k_schema = 1;
constexpr std::size_t k_largest = 1U << 29U;
constexpr const char* k_advice =
    "make it with `anecompat baseline update --reason …`, and resolve merge conflicts by making it "
    "anew";

std::string dumped(const Ordered& json) {
  return json.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

// The commas and colons of one-line JSON, with a blank after each for people.
std::string one_line(const Ordered& json) {
  if (!json.is_structured() || json.empty())
    return dumped(json);
  std::string text = json.is_object() ? "{" : "[";
  bool first = true;
  for (auto item = json.begin(); item != json.end(); ++item) {
    if (!std::exchange(first, false))
      text += ", ";
    if (json.is_object())
      text += dumped(Ordered(item.key())) + ": ";
    text += one_line(*item);
  }
  return text + (json.is_object() ? "}" : "]");
}

// Shares to a hundredth of a percent, as reports have them.
Ordered share(const std::optional<double>& value) {
  constexpr double k_steps = 1e4;
  if (!value || !std::isfinite(*value))
    return {};
  return std::round(*value * k_steps) / k_steps;
}

Ordered counts_json(const evaluate::Counts& counts) {
  return {{"ops", counts.ops},           {"ane", counts.ane},
          {"cpu", counts.cpu},           {"gpu", counts.gpu},
          {"unplaced", counts.unplaced}, {"boundary", counts.boundary},
          {"eligible", counts.eligible}};
}

// Operations with all of this in common are one line.
using GroupKey = std::tuple<std::string_view, std::string_view, std::string_view, std::string_view,
                            bool, bool>;  // placement, reason, type, shape, boundary, eligible

GroupKey group_of(const OpResult& op) {
  const bool eligible = std::ranges::find(op.eligible, ane::Backend::ane) != op.eligible.end();
  const std::string_view reason = op.reason ? std::string_view(op.reason->code) : "";
  return {op.placement ? ane::to_string(*op.placement) : "none",
          reason,
          op.type,
          op.shape,
          op.boundary,
          eligible};
}

// Its path, then the paths of what it reads from.
Ordered op_json(const Evaluation& evaluation, const OpResult& op) {
  auto json = Ordered::array({op.path});
  for (const auto input : op.inputs)
    json.push_back(evaluation.ops[input].path);
  return json;
}

std::string group_line(const Evaluation& evaluation, const GroupKey& key,
                       std::vector<const OpResult*> ops) {
  std::ranges::stable_sort(ops, {}, &OpResult::path);
  const auto& [placement, reason, type, shape, boundary, eligible] = key;
  Ordered json = {{"on", placement}, {"type", type}};
  if (!shape.empty())
    json["shape"] = shape;
  if (!reason.empty())
    json["reason"] = reason;
  if (boundary)
    json["boundary"] = true;
  if (eligible != (placement == "ane"))
    json["eligible"] = eligible;
  auto& list = json["ops"] = Ordered::array();
  for (const auto* op : ops)
    list.push_back(op_json(evaluation, *op));
  return one_line(json);
}

void append_ops(std::string& out, const Evaluation& evaluation) {
  std::map<GroupKey, std::vector<const OpResult*>> groups;
  for (const auto& op : evaluation.ops)
    groups[group_of(op)].push_back(&op);
  out += "      \"ops\": [";
  bool first = true;
  for (const auto& [key, ops] : groups) {
    out += std::exchange(first, false) ? "\n        " : ",\n        ";
    out += group_line(evaluation, key, ops);
  }
  out += groups.empty() ? "]\n" : "\n      ]\n";
}

void append_record(std::string& out, const BaselineRecord& record) {
  const auto& evaluation = record.evaluation;
  const auto member = [&](const char* key, const Ordered& json) {
    fmt::format_to(std::back_inserter(out), "      \"{}\": {},\n", key, one_line(json));
  };
  out += "    {\n";
  member("entry", record.entry);
  member("target", evaluation.target);
  member("evidence", ane::to_string(evaluation.evidence));
  if (!record.host.empty())
    member("host", record.host);
  member("reason", record.reason);
  member("digest", record.digest);
  member("level", ane::to_string(evaluation.level));
  member("eligible_level", ane::to_string(evaluation.eligible_level));
  member("counts", counts_json(evaluation.counts));
  member("shares",
         {{"ops", share(evaluation.shares.ops)}, {"cost", share(evaluation.shares.cost)}});
  auto segments = Ordered::array();
  for (const auto& segment : evaluation.segments)
    segments.push_back(fmt::format("{} {}", ane::to_string(segment.backend), segment.count));
  member("segments", segments);
  append_ops(out, evaluation);
  out += "    }";
}

evaluate::Segment read_segment(const JsonCursor& json, std::uint32_t first) {
  evaluate::Segment segment;
  const auto text = json.as_text();
  const auto space = text.find(' ');
  const auto backend = ane::parse_backend(std::string_view(text).substr(0, space));
  const auto digits = space == std::string::npos ? "" : text.substr(space + 1);
  constexpr std::size_t k_most_digits = 9;
  if (!backend || digits.empty() || digits.size() > k_most_digits ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    json.wrong("must be a device and a count, as in \"ane 12\"");
    return segment;
  }
  segment.backend = *backend;
  segment.first = first;
  segment.count = static_cast<std::uint32_t>(std::stoul(digits));
  return segment;
}

std::optional<double> read_share(const JsonCursor& shares, const char* key) {
  const auto value = shares.real(key);
  if (value && *value > 1)
    shares.wrong(fmt::format("\"{}\" is a share, between 0 and 1", key));
  return value;
}

// Operations name what they read from, which may stand further down.
class OpReader {
 public:
  explicit OpReader(Evaluation& evaluation) : m_evaluation(evaluation) {}

  void read_group(const JsonCursor& json) {
    OpResult common;
    const auto on = json.text("on", Need::required);
    if (on != "none") {
      common.placement = ane::parse_backend(on);
      if (!common.placement)
        json.wrong("\"on\" must be ane, cpu, gpu or none");
    }
    common.type = json.text("type", Need::required);
    common.shape = json.text("shape", Need::optional);
    common.boundary = json.flag("boundary");
    if (const auto reason = json.text("reason", Need::optional); !reason.empty())
      common.reason = ane::Reason{.code = reason, .message = {}};
    const bool eligible = json.find("eligible", Need::optional)
                              ? json.flag("eligible")
                              : common.placement == ane::Backend::ane;
    if (eligible)
      common.eligible = {ane::Backend::ane};
    json.each("ops", Need::required, [&](const JsonCursor& op) { read_op(op, common); });
  }

  void resolve() {
    std::unordered_map<std::string_view, std::uint32_t> positions;
    for (std::uint32_t i = 0; i < m_evaluation.ops.size(); ++i)
      positions.emplace(m_evaluation.ops[i].path, i);
    for (std::size_t i = 0; i < m_inputs.size(); ++i) {
      for (const auto& input : m_inputs[i]) {
        if (const auto found = positions.find(input); found != positions.end())
          m_evaluation.ops[i].inputs.push_back(found->second);
      }
    }
  }

 private:
  void read_op(const JsonCursor& json, const OpResult& common) {
    auto op = common;
    std::vector<std::string> inputs;
    bool first = true;
    json.each([&](const JsonCursor& item) {
      if (std::exchange(first, false))
        op.path = item.as_text();
      else
        inputs.push_back(item.as_text());
    });
    if (first)
      json.wrong("must hold the path of an operation");
    m_evaluation.ops.push_back(std::move(op));
    m_inputs.push_back(std::move(inputs));
  }

  Evaluation& m_evaluation;
  std::vector<std::vector<std::string>> m_inputs;
};

BaselineRecord read_record(const JsonCursor& json) {
  BaselineRecord record;
  auto& evaluation = record.evaluation;
  record.entry = json.text("entry", Need::required);
  record.host = json.text("host", Need::optional);
  record.reason = json.text("reason", Need::required);
  record.digest = json.text("digest", Need::optional);
  evaluation.target = json.text("target", Need::required);
  evaluation.evidence = json.word("evidence", ane::parse_evidence, ane::Evidence::predicted);
  evaluation.level = json.word("level", ane::parse_level, ane::Level::unknown);
  evaluation.eligible_level = json.word("eligible_level", ane::parse_level, ane::Level::unknown);
  if (const auto counts = json.object("counts", Need::required)) {
    const auto count = [&](const char* key) {
      return counts->integer<std::uint32_t>(key, Need::required);
    };
    evaluation.counts = {.ops = count("ops"),
                         .ane = count("ane"),
                         .cpu = count("cpu"),
                         .gpu = count("gpu"),
                         .unplaced = count("unplaced"),
                         .boundary = count("boundary"),
                         .eligible = count("eligible")};
  }
  if (const auto shares = json.object("shares", Need::required)) {
    evaluation.shares.ops = read_share(*shares, "ops");
    evaluation.shares.cost = read_share(*shares, "cost");
  }
  std::uint32_t first = 0;
  json.each("segments", Need::required, [&](const JsonCursor& item) {
    evaluation.segments.push_back(read_segment(item, first));
    first += evaluation.segments.back().count;
  });
  OpReader ops(evaluation);
  json.each("ops", Need::required, [&](const JsonCursor& group) { ops.read_group(group); });
  ops.resolve();
  return record;
}

auto key_of(const BaselineRecord& record) {
  return std::tie(record.entry, record.evaluation.target, record.evaluation.evidence);
}

Error unreadable(const std::string& name, std::string message) {
  return {.kind = ErrorKind::unreadable,
          .message = std::move(message),
          .file = name,
          .position = {},
          .advice = k_advice};
}

}  // namespace

Result<Baseline> parse_baseline(std::string_view text, const std::string& name) {
  Baseline baseline;
  JsonProblem record_problem;
  ANECOMPAT_TRY_ASSIGN(
      const auto json,
      report::read_json_list(
          text, {.name = name, .advice = k_advice, .list = "entries", .largest = k_largest},
          baseline.records, record_problem, read_record));
  JsonProblem problem;
  const JsonCursor root(json, problem);
  const auto schema = root.integer<std::int64_t>("schema", Need::required);
  if (!problem.found() && schema != k_schema) {
    root.wrong(fmt::format("schema: is {}, and this program reads schema {} only{}", schema,
                           k_schema, schema > k_schema ? "; a newer anecompat wrote it" : ""));
  }
  root.each("entries", Need::required, [](const JsonCursor& item) { item.expected("an object"); });
  if (problem.found())
    return fail(unreadable(name, problem.message()));
  if (record_problem.found())
    return fail(unreadable(name, record_problem.message()));
  std::ranges::stable_sort(baseline.records, {}, key_of);
  const auto twin = std::ranges::adjacent_find(baseline.records, {}, key_of);
  if (twin != baseline.records.end())
    return fail(unreadable(name, fmt::format("has {} twice", title_of(*twin))));
  return baseline;
}

std::string to_json(const Baseline& baseline) {
  std::vector<const BaselineRecord*> records;
  for (const auto& record : baseline.records)
    records.push_back(&record);
  std::ranges::stable_sort(records, {}, [](const auto* record) { return key_of(*record); });
  auto out = fmt::format("{{\n  \"schema\": {},\n  \"entries\": [", k_schema);
  for (std::size_t i = 0; i < records.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    append_record(out, *records[i]);
  }
  out += records.empty() ? "]\n}\n" : "\n  ]\n}\n";
  return out;
}

}  // namespace anecompat::gate
