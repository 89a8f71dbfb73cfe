#include "gate/policy.hpp"

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

using report::Severity;
using yaml::MapReader;
using yaml::Problems;

constexpr std::array<std::string_view, 4> k_shipped = {"pre-merge", "strict", "nightly",
                                                       "advisory"};
constexpr std::int64_t k_version = 1;

Policy catalogue_policy() {
  Policy policy;
  for (const auto& rule : manifest::gate_rules()) {
    policy.severities.emplace(rule.id, rule.fallback);
    if (rule.threshold)
      policy.thresholds.emplace(manifest::threshold_key(rule), rule.threshold->fallback);
  }
  return policy;
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

void Policy::override_with(const manifest::RuleSettings& settings) {
  for (const auto& [rule, severity] : settings.severities)
    severities.insert_or_assign(rule, severity);
  for (const auto& [threshold, value] : settings.thresholds)
    thresholds.insert_or_assign(threshold, value);
}

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
  policy.override_with(manifest::read_rule_settings(reader, manifest::RuleScope::policy, problems));
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
