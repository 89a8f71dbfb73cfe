#include "gate/policy.hpp"

#include "ane/verdict.hpp"
#include "manifest/rule_catalogue.hpp"
#include "support/embedded_files.hpp"
#include "support/files.hpp"
#include "support/text.hpp"
#include "support/yaml_map.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

namespace anecompat::gate {

namespace {

using manifest::GateRule;
using report::Severity;
using yaml::MapReader;
using yaml::Problems;

constexpr std::array<std::string_view, 4> k_shipped = {"pre-merge", "strict", "nightly",
                                                       "advisory"};
constexpr std::int64_t k_version = 1;

std::string threshold_key(const GateRule& rule) {
  return fmt::format("{}.{}", rule.id, rule.threshold->name);
}

Policy catalogue_policy() {
  Policy policy;
  for (const auto& rule : manifest::gate_rules()) {
    policy.severities.emplace(rule.id, rule.fallback);
    if (rule.threshold)
      policy.thresholds.emplace(threshold_key(rule), rule.threshold->fallback);
  }
  return policy;
}

std::optional<Severity> read_severity(MapReader& reader, std::string_view key) {
  const auto word = reader.text(key);
  if (!word)
    return std::nullopt;
  const auto severity = report::parse_severity(*word);
  if (!severity)
    reader.problem(key, yaml::unknown_word("severity", *word),
                   yaml::advice_for(*word, {"error", "warning", "notice", "off"}));
  return severity;
}

void read_threshold(MapReader& reader, const GateRule& rule, Policy& policy) {
  if (!rule.threshold)
    return;
  const auto& threshold = *rule.threshold;
  std::optional<double> value;
  if (rule.id == "evidence-too-weak") {
    const auto word = reader.text(threshold.name);
    const auto evidence = ane::parse_evidence(word.value_or(""));
    if (evidence)
      value = static_cast<double>(*evidence);
    else if (word)
      reader.problem(threshold.name, yaml::unknown_word("evidence", *word),
                     yaml::advice_for(*word, {"predicted", "planned", "measured"}));
  } else {
    value = reader.number(threshold.name, threshold.minimum, threshold.maximum);
  }
  if (value)
    policy.thresholds[threshold_key(rule)] = *value;
}

void read_rules(MapReader& reader, Policy& policy, Problems& problems) {
  const auto* node = reader.node("rules");
  if (node == nullptr)
    return;
  MapReader rules(*node, reader.path_of("rules"), problems);
  for (const auto& key : node->keys) {
    const auto* rule = manifest::find_gate_rule(key.text);
    if (rule == nullptr) {
      problems.add(key.position, fmt::format("{}: unknown rule", rules.path_of(key.text)),
                   yaml::advice_for(key.text, manifest::gate_rule_ids()));
      continue;
    }
    std::optional<Severity> severity;
    if (node->find(key.text)->kind == yaml::Node::Kind::map) {
      auto details = *rules.map(key.text);
      severity = read_severity(details, "severity");
      read_threshold(details, *rule, policy);
      details.finish();
    } else {
      severity = read_severity(rules, key.text);
    }
    if (severity)
      policy.severities[key.text] = *severity;
  }
}

Policy base_policy(MapReader& reader) {
  const auto name = reader.text("extends");
  if (!name)
    return catalogue_policy();
  if (std::ranges::find(k_shipped, *name) == k_shipped.end()) {
    reader.problem("extends", yaml::unknown_word("policy", *name),
                   yaml::advice_for(*name, {k_shipped.begin(), k_shipped.end()}));
    return catalogue_policy();
  }
  return load_policy(*name).value_or(catalogue_policy());
}

}  // namespace

Severity Policy::severity(const std::string& rule) const {
  const auto found = severities.find(rule);
  return found == severities.end() ? Severity::off : found->second;
}

double Policy::threshold(const std::string& rule_and_threshold) const {
  const auto found = thresholds.find(rule_and_threshold);
  return found == thresholds.end() ? 0 : found->second;
}

std::vector<std::string_view> policy_names() {
  return {k_shipped.begin(), k_shipped.end()};
}

tl::expected<Policy, std::vector<Error>> parse_policy(std::string_view text,
                                                      const std::string& path) {
  Problems problems;
  const auto document = yaml::parse(text, problems);
  const auto refuse = [&] { return tl::make_unexpected(std::move(problems).take(path)); };
  if (document.kind == yaml::Node::Kind::null) {
    if (problems.empty())
      problems.add({1, 1}, "the policy is empty", "write `version: 1` and `rules:`");
    return refuse();
  }
  MapReader reader(document, "", problems);
  reader.require("version", fmt::format("write `version: {}`", k_version));
  const auto version = reader.integer("version", 0, std::numeric_limits<std::int64_t>::max());
  if (version && *version != k_version) {
    reader.problem("version", fmt::format("{} is not known here, only {}", *version, k_version),
                   *version > k_version ? "install a newer anecompat" : "");
    return refuse();
  }
  auto policy = base_policy(reader);
  policy.name = path;
  reader.text("description");
  if (const auto fails = reader.boolean("fail_on_unevaluated"))
    policy.fail_on_unevaluated = *fails;
  read_rules(reader, policy, problems);
  reader.finish();
  if (!problems.empty())
    return refuse();
  return policy;
}

tl::expected<Policy, std::vector<Error>> load_policy(const std::string& name_or_path) {
  const auto& name = name_or_path.empty() ? std::string(k_shipped[0]) : name_or_path;
  if (std::ranges::find(k_shipped, name) != k_shipped.end()) {
    const auto file = name + ".yml";
    auto policy = parse_policy(embedded_file(file).value_or(""), "policies/" + file);
    if (policy)
      policy->name = name;
    return policy;
  }
  auto text = read_text_file(name, yaml::Limits{}.bytes);
  if (text)
    return parse_policy(*text, name);
  auto error = std::move(text.error()).in_file(name);
  if (error.kind == ErrorKind::not_found && name.find('/') == std::string::npos) {
    error = {
        .kind = ErrorKind::manifest,
        .message = fmt::format("{}, and there is no such file", yaml::unknown_word("policy", name)),
        .advice = yaml::advice_for(name, policy_names())};
  }
  return tl::make_unexpected(std::vector<Error>{std::move(error)});
}

}  // namespace anecompat::gate
