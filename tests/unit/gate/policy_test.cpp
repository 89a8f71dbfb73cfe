#include "gate/policy.hpp"

#include "manifest/rule_catalogue.hpp"
#include "support/embedded_files.hpp"
#include "support/strict_yaml.hpp"
#include "support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace anecompat::gate {
namespace {

using report::Severity;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> errors_of(std::string_view text) {
  std::vector<std::string> result;
  const auto policy = parse_policy(text, "p.yml");
  if (!policy) {
    for (const auto& error : policy.error())
      result.push_back(error.to_string());
  }
  return result;
}

TEST(ShippedPolicies, NameEveryRuleAndNoOther) {
  for (const auto name : policy_names()) {
    const auto policy = load_policy(std::string(name));
    ASSERT_TRUE(policy) << policy.error()[0].to_string();
    EXPECT_EQ(policy->name, name);
    yaml::Problems problems;
    const auto document = yaml::parse(*embedded_file(std::string(name) + ".yml"), problems);
    std::vector<std::string_view> named;
    for (const auto& key : document.find("rules")->keys)
      named.emplace_back(key.text);
    EXPECT_THAT(named, testing::UnorderedElementsAreArray(manifest::gate_rule_ids())) << name;
  }
}

TEST(ShippedPolicies, FailOnWhatTheySay) {
  const auto errors = [](const std::string& name) {
    std::vector<std::string> rules;
    const auto policy = load_policy(name);
    for (const auto& [rule, severity] : policy->severities) {
      if (severity == Severity::error)
        rules.push_back(rule);
    }
    return rules;
  };
  EXPECT_THAT(errors("pre-merge"),
              ElementsAre("budget-exceeded", "evaluation-failed", "expectation-not-met",
                          "level-regressed", "ops-left-ane", "suppression-expired"));
  EXPECT_THAT(errors("strict"),
              testing::IsSupersetOf({"level-unknown", "evidence-too-weak", "level-regressed"}));
  EXPECT_THAT(errors("nightly"), ElementsAre("evaluation-failed"));
  EXPECT_THAT(errors("advisory"), ElementsAre());
  EXPECT_TRUE(load_policy("nightly")->fail_on_unevaluated);
  EXPECT_FALSE(load_policy("advisory")->fail_on_unevaluated);
  EXPECT_EQ(load_policy("strict")->threshold("evidence-too-weak.at_least"), 2);
}

TEST(LoadPolicy, DefaultsToPreMerge) {
  EXPECT_EQ(load_policy("")->name, "pre-merge");
}

TEST(LoadPolicy, TakesAPath) {
  test::TempDir directory;
  const auto path =
      directory.write("own.yml",
                      "version: 1\nextends: advisory\nrules:\n  level-unknown: error\n"
                      "  ane-share-dropped: {more_than: 0.2}\n");
  const auto policy = load_policy(path);
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->name, path);
  EXPECT_EQ(policy->severity("level-unknown"), Severity::error);
  EXPECT_EQ(policy->severity("expectation-not-met"), Severity::warning);
  EXPECT_EQ(policy->severity("ane-share-dropped"), Severity::notice);
  EXPECT_EQ(policy->threshold("ane-share-dropped.more_than"), 0.2);
  EXPECT_FALSE(policy->fail_on_unevaluated);
}

TEST(LoadPolicy, NamesThePolicyThatWasMeant) {
  const auto policy = load_policy("pre-merg");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error()[0].to_string(),
            "unknown policy \"pre-merg\", and there is no such file (did you mean \"pre-merge\"?)");
  EXPECT_EQ(load_policy("nowhere/p.yml").error()[0].kind, ErrorKind::not_found);
}

TEST(ParsePolicy, RulesItDoesNotNameHaveTheCataloguesSeverity) {
  const auto policy = parse_policy("version: 1\nrules: {}\n", "p.yml");
  ASSERT_TRUE(policy);
  for (const auto& rule : manifest::gate_rules())
    EXPECT_EQ(policy->severity(std::string(rule.id)), rule.fallback);
  EXPECT_EQ(policy->severity("no-such-rule"), Severity::off);
}

TEST(ParsePolicy, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(
      errors_of(
          "version: 1\nrule: {}\nrules:\n  level-unknwon: error\n  improved: loud\n"
          "  ops-left-ane: {severity: error, more_then: 3}\n  ane-share-dropped: {more_than: 7}\n"
          "  evidence-too-weak: {at_least: guessed}\n  model-risk: [error]\n"),
      ElementsAre(
          "p.yml:2:1: rule: unknown key (did you mean \"rules\"?)",
          "p.yml:4:3: rules.level-unknwon: unknown rule (did you mean \"level-unknown\"?)",
          HasSubstr("p.yml:5:13: rules.improved: unknown severity \"loud\""),
          "p.yml:6:35: rules.ops-left-ane.more_then: unknown key (did you mean \"more_than\"?)",
          "p.yml:7:34: rules.ane-share-dropped.more_than: 7 is not between 0 and 1",
          HasSubstr("p.yml:8:33: rules.evidence-too-weak.at_least: unknown evidence \"guessed\""),
          "p.yml:9:15: rules.model-risk: expected a text, found a list"));
  EXPECT_THAT(errors_of(""), ElementsAre(HasSubstr("the policy is empty")));
  EXPECT_THAT(errors_of("version: 9\n"), ElementsAre(HasSubstr("install a newer anecompat")));
  EXPECT_THAT(errors_of("version: 1\nextends: stirct\n"),
              ElementsAre(HasSubstr("did you mean \"strict\"?")));
}

}  // namespace
}  // namespace anecompat::gate
