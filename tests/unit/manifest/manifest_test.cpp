#include "manifest/manifest.hpp"

#include "support/temp_dir.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <string>
#include <vector>

namespace anecompat::manifest {
namespace {

using namespace std::chrono_literals;
using ane::ChipFamily;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;

Manifest parsed(std::string_view text, const std::string& path = "dir/m.yml") {
  auto manifest = parse_manifest(text, path);
  if (!manifest) {
    for (const auto& error : manifest.error())
      ADD_FAILURE() << error.to_string();
    return {};
  }
  return *manifest;
}

std::vector<std::string> errors_of(std::string_view text, const std::string& path = "m.yml") {
  std::vector<std::string> result;
  const auto manifest = parse_manifest(text, path);
  if (!manifest) {
    for (const auto& error : manifest.error())
      result.push_back(error.to_string());
  }
  return result;
}

// The errors of a manifest that is right but for these lines of one entry.
std::vector<std::string> errors_of_entry(const std::string& lines) {
  return errors_of("version: 1\nmodels:\n  - path: a.mlmodel\n" + lines);
}

std::vector<std::string> names_of(const Manifest& manifest) {
  std::vector<std::string> names;
  for (const auto& entry : manifest.entries)
    names.push_back(entry.name);
  return names;
}

TEST(ParseManifest, ReadsEverythingThatIsDesigned) {
  const auto manifest = parsed(R"(version: 1
policy: pre-merge
baseline: anecompat.baseline.json
defaults: {expect: full, targets: [m1, m4], timeout: 5m}
models:
  - name: detector
    path: models/Detector.mlpackage
    expect: full
    expect_eligible: full
    budgets: {max_segments: 1, min_ane_share: 0.98, max_cpu_ops: 4}
    targets: [m1, a17pro, host]
    function: main
    shapes: {image: [1, 3, 224, 224]}
    reshape_frequency: infrequent
    rules: {model-risk: "off"}
  - name: encoder
    url: https://example.org/encoder.mlmodelc.zip
    sha256: 9F2C0000000000000000000000000000000000000000000000000000000000ff
    timeout: 1h30m
suppressions:
  - {rule: ops-left-ane, model: detector, op: "decoder/*", reason: "known", owner: "@vision", expires: 2027-03-31}
)");
  EXPECT_EQ(manifest.path, "dir/m.yml");
  EXPECT_EQ(manifest.policy, "pre-merge");
  EXPECT_EQ(manifest.policy_position, (TextPosition{2, 9}));
  EXPECT_EQ(manifest.baseline, "dir/anecompat.baseline.json");
  ASSERT_EQ(manifest.entries.size(), 2U);

  const auto& detector = manifest.entries[0];
  EXPECT_EQ(detector.name, "detector");
  EXPECT_EQ(detector.position, (TextPosition{6, 5}));
  EXPECT_EQ(detector.source.text, "models/Detector.mlpackage");
  EXPECT_EQ(detector.source.resolved, "dir/models/Detector.mlpackage");
  EXPECT_EQ(detector.expect, Expect::full);
  EXPECT_EQ(detector.expect_eligible, Expect::full);
  EXPECT_EQ(detector.budgets.max_segments, 1U);
  EXPECT_EQ(detector.budgets.min_ane_share, 0.98);
  EXPECT_EQ(detector.budgets.max_cpu_ops, 4U);
  EXPECT_THAT(detector.targets, ElementsAre(ChipFamily::h13, ChipFamily::h16));
  EXPECT_TRUE(detector.host_target);
  EXPECT_EQ(detector.function, "main");
  EXPECT_EQ(detector.reshape_frequency, ane::ReshapeFrequency::infrequent);
  EXPECT_THAT(detector.shapes, ElementsAre(Pair("image", ElementsAre(1, 3, 224, 224))));
  EXPECT_EQ(detector.timeout, 5min);
  EXPECT_THAT(detector.rules.severities, ElementsAre(Pair("model-risk", report::Severity::off)));

  const auto& encoder = manifest.entries[1];
  EXPECT_EQ(encoder.source.kind, Source::Kind::url);
  EXPECT_EQ(encoder.source.resolved, "https://example.org/encoder.mlmodelc.zip");
  EXPECT_THAT(encoder.source.sha256, StartsWith("9f2c"));
  EXPECT_EQ(encoder.timeout, 90min);
  EXPECT_FALSE(encoder.host_target);

  ASSERT_EQ(manifest.suppressions.size(), 1U);
  EXPECT_EQ(manifest.suppressions[0].op, "decoder/*");
  EXPECT_EQ(manifest.suppressions[0].expires, 2027y / 3 / 31);
  EXPECT_EQ(manifest.suppressions[0].position.line, 21U);
}

TEST(ParseManifest, FillsInWhatNobodySays) {
  const auto manifest = parsed("version: 1\nmodels:\n  - path: zoo/Net.v2.mlpackage/\n");
  const auto& entry = manifest.entries.at(0);
  EXPECT_EQ(entry.name, "Net.v2");
  EXPECT_EQ(entry.source.resolved, "dir/zoo/Net.v2.mlpackage");
  EXPECT_EQ(entry.expect, Expect::full);
  EXPECT_EQ(entry.expect_eligible, std::nullopt);
  EXPECT_THAT(entry.targets, ElementsAre(ChipFamily::h13, ChipFamily::h16));
  EXPECT_EQ(entry.timeout, std::nullopt);
  EXPECT_EQ(manifest.baseline, "");
}

TEST(ParseManifest, EntriesInheritDefaultsOneByOne) {
  const auto manifest = parsed(R"(version: 1
defaults:
  expect: partial
  budgets: {max_segments: 3, max_cpu_ops: 9}
  rules: {level-unknown: error, model-risk: error}
  function: run
models:
  - path: a.mlmodel
    budgets: {max_cpu_ops: 1}
    rules: {model-risk: notice}
  - path: b.mlmodel
    expect_eligible: none
)");
  const auto& a = manifest.entries.at(0);
  EXPECT_EQ(a.expect, Expect::partial);
  EXPECT_EQ(a.budgets.max_segments, 3U);
  EXPECT_EQ(a.budgets.max_cpu_ops, 1U);
  EXPECT_EQ(a.function, "run");
  EXPECT_THAT(a.rules.severities, ElementsAre(Pair("level-unknown", report::Severity::error),
                                              Pair("model-risk", report::Severity::notice)));
  EXPECT_EQ(manifest.entries.at(1).expect, Expect::partial);
  EXPECT_EQ(manifest.entries.at(1).expect_eligible, Expect::none);
}

TEST(ParseManifest, EntriesOverrideThresholdsOneByOne) {
  const auto manifest = parsed(R"(version: 1
defaults:
  rules: {ops-left-ane: {more_than: 2}, ane-share-dropped: {severity: warning, more_than: 0.1}}
models:
  - path: a.mlmodel
    rules: {ops-left-ane: {severity: notice, more_than: 5}, evidence-too-weak: {at_least: planned}}
)");
  const auto& rules = manifest.entries.at(0).rules;
  EXPECT_THAT(rules.severities, ElementsAre(Pair("ane-share-dropped", report::Severity::warning),
                                            Pair("ops-left-ane", report::Severity::notice)));
  EXPECT_THAT(rules.thresholds, ElementsAre(Pair("ane-share-dropped.more_than", 0.1),
                                            Pair("evidence-too-weak.at_least", 1),
                                            Pair("ops-left-ane.more_than", 5)));
}

TEST(ParseManifest, ABaselineMayBeInACommit) {
  const auto at = [](std::string_view text) {
    return parsed(fmt::format("version: 1\nbaseline: \"{}\"\nmodels: []\n", text)).baseline;
  };
  EXPECT_EQ(at("origin/main:ci/base.json"), "origin/main:ci/base.json");
  EXPECT_EQ(at("base.json").substr(at("base.json").rfind('/') + 1), "base.json");
}

TEST(ParseManifest, ATargetMayNameItsSystem) {
  const auto manifest =
      parsed("version: 1\nmodels: [{path: a.mlmodel, targets: [m1, m1@macos13, M1@macOS 13]}]\n");
  const auto& targets = manifest.entries.at(0).targets;
  ASSERT_EQ(targets.size(), 2U);
  EXPECT_EQ(to_string(targets[0]), "h13");
  EXPECT_EQ(to_string(targets[1]), "h13@macos13");
}

TEST(ParseManifest, AnEligibleExpectationAloneIsEnough) {
  const auto manifest = parsed("version: 1\nmodels: [{path: a.mlmodel, expect_eligible: full}]\n");
  EXPECT_EQ(manifest.entries.at(0).expect, std::nullopt);
}

TEST(ParseManifest, PolicyMayBeAPath) {
  EXPECT_EQ(parsed("version: 1\nmodels: []\npolicy: ci/gate.yml\n").policy, "dir/ci/gate.yml");
  EXPECT_EQ(parsed("version: 1\nmodels: []\npolicy: gate.yml\n", "m.yml").policy, "gate.yml");
}

TEST(ParseManifest, TextsStayTexts) {
  const auto manifest =
      parsed("version: 1\nmodels:\n  - {name: 010, path: yes}\n  - {name: no, path: 1e3}\n");
  EXPECT_THAT(names_of(manifest), ElementsAre("010", "no"));
  EXPECT_EQ(manifest.entries[0].source.text, "yes");
}

TEST(ParseManifest, ReportsAllMistakesAtOnceInOrder) {
  EXPECT_THAT(
      errors_of("version: 1\nmodels:\n  - path: a.mlmodel\n    expcet: full\n    expect: ful\n"
                "    targets: [m1, m44]\nbaselin: x\n"),
      ElementsAre("m.yml:4:5: models[0].expcet: unknown key (did you mean \"expect\"?)",
                  "m.yml:5:13: models[0].expect: unknown level \"ful\" (did you mean \"full\"?)",
                  "m.yml:6:19: models[0].targets[1]: unknown chip \"m44\" (did you mean \"m4\"?)",
                  "m.yml:7:1: baselin: unknown key (did you mean \"baseline\"?)"));
}

TEST(ParseManifest, ChecksTheVersionFirst) {
  EXPECT_THAT(errors_of("models: []\n"),
              ElementsAre(HasSubstr("`version` is missing: write `version: 1`")));
  EXPECT_THAT(
      errors_of("version: 2\nmodles: 5\n"),
      ElementsAre("m.yml:1:10: version: 2 is not known here, only 1 (install a newer anecompat)"));
  EXPECT_THAT(errors_of("version: one\nmodels: []\n"),
              ElementsAre(HasSubstr("expected a whole number")));
  EXPECT_THAT(errors_of("version: \"1\"\nmodels: []\n"),
              ElementsAre(HasSubstr("remove the quotes")));
}

TEST(ParseManifest, NeedsAMapOfModels) {
  EXPECT_THAT(errors_of(""), ElementsAre(HasSubstr("m.yml:1:1: the manifest is empty")));
  EXPECT_THAT(errors_of("- a\n"),
              ElementsAre(HasSubstr("m.yml:1:1: the document: expected a map, found a list")));
  EXPECT_THAT(errors_of("version: 1\n"), ElementsAre(HasSubstr("`models` is missing")));
  EXPECT_THAT(errors_of("version: 1\nmodels: {a: b}\n"),
              ElementsAre(HasSubstr("models: expected a list, found a map")));
  EXPECT_THAT(errors_of("version: 1\nmodels: [a.mlmodel]\n"),
              ElementsAre("m.yml:2:10: models[0]: expected a map, found \"a.mlmodel\""));
}

TEST(ParseManifest, NamesWrongTypesByPath) {
  EXPECT_THAT(errors_of_entry("    expect: [full]\n"),
              ElementsAre("m.yml:4:13: models[0].expect: expected a text, found a list"));
  EXPECT_THAT(errors_of_entry("    budgets: {min_ane_share: 98, max_segments: -1, max_ops: 3}\n"),
              ElementsAre(HasSubstr("models[0].budgets.min_ane_share: 98 is not between 0 and 1"),
                          HasSubstr("models[0].budgets.max_segments: -1 is not between 0 and"),
                          HasSubstr("models[0].budgets.max_ops: unknown key")));
  EXPECT_THAT(errors_of_entry("    timeout: 300\n"),
              ElementsAre(HasSubstr("models[0].timeout: \"300\" has a number without a unit")));
  EXPECT_THAT(errors_of_entry("    targets: m1\n"),
              ElementsAre(HasSubstr("models[0].targets: expected a list")));
  EXPECT_THAT(errors_of_entry("    targets: []\n"),
              ElementsAre(HasSubstr("models[0].targets: is empty")));
  EXPECT_THAT(errors_of_entry("    reshape_frequency: seldom\n"),
              ElementsAre(HasSubstr("models[0].reshape_frequency: unknown frequency \"seldom\"")));
  EXPECT_THAT(errors_of_entry("    shapes: {x: [1, 0], y: 3}\n"),
              ElementsAre(HasSubstr("models[0].shapes.x[1]: 0 is not between 1"),
                          HasSubstr("models[0].shapes.y: expected a list")));
  EXPECT_THAT(
      errors_of_entry(
          "    rules: {ops-left-an: error, model-risk: fatal, suppression-unused: off}\n"),
      ElementsAre(HasSubstr("did you mean \"ops-left-ane\""),
                  HasSubstr("unknown severity \"fatal\""), HasSubstr("is about the whole run")));
}

TEST(ParseManifest, AnEntryHasExactlyOneSource) {
  EXPECT_THAT(
      errors_of("version: 1\nmodels: [{name: a}]\n"),
      ElementsAre(
          "m.yml:2:10: models[0]: names no model: one of `path`, `glob` or `url` is needed"));
  EXPECT_THAT(
      errors_of("version: 1\nmodels: [{path: a.mlmodel, url: \"https://x.org/a.mlmodel\"}]\n"),
      ElementsAre(HasSubstr("models[0].url: there is a `path` already"),
                  HasSubstr("`sha256` is missing")));
  EXPECT_THAT(errors_of_entry("    sha256: 12\n"),
              ElementsAre(HasSubstr("expected 64 hex digits, found 2 characters")));
  EXPECT_THAT(errors_of_entry("    sha256: " + std::string(64, 'a') + "\n"),
              ElementsAre(HasSubstr("is only for a `url`")));
  EXPECT_THAT(errors_of("version: 1\nmodels: [{url: \"ftp://x.org/a\", sha256: " +
                        std::string(64, 'a') + "}]\n"),
              ElementsAre(HasSubstr("cannot fetch from ftp:// (use https://, hf:// or gh://)")));
}

TEST(ParseManifest, AUrlIsAnAddressModelsCanBeFetchedFrom) {
  const auto with_url = [](const std::string& url) {
    return "version: 1\nmodels: [{url: \"" + url + "\", sha256: " + std::string(64, 'a') + "}]\n";
  };
  for (const auto* url :
       {"https://x.org/a.mlmodelc.zip", "hf://apple/repo@0123abc/a.mlpackage",
        "gh://owner/repo@v1.0/a.mlmodelc.zip", "http://127.0.0.1:8080/a.mlmodel"}) {
    const auto manifest = parsed(with_url(url));
    ASSERT_EQ(manifest.entries.size(), 1U) << url;
    EXPECT_EQ(manifest.entries[0].name, "a") << url;
    EXPECT_EQ(manifest.entries[0].source.text, url);
  }
  EXPECT_THAT(errors_of(with_url("http://x.org/a.mlmodel")),
              ElementsAre(HasSubstr("is not encrypted (use https://)")));
  EXPECT_THAT(errors_of(with_url("hf://apple/a.mlmodel")),
              ElementsAre(HasSubstr("the form is hf://org/repo[@revision]/path")));
  EXPECT_THAT(errors_of(with_url("gh://owner/repo/a.mlmodel")),
              ElementsAre(HasSubstr("the form is gh://owner/repo@tag/asset")));
  EXPECT_THAT(errors_of(with_url("https://user:secret@x.org/a.mlmodel")),
              ElementsAre(HasSubstr("holds credentials")));
  EXPECT_THAT(errors_of(with_url("https://x.org/")), ElementsAre(HasSubstr("names no file")));
  EXPECT_THAT(errors_of(with_url("a.mlmodel")),
              ElementsAre(HasSubstr("is no address (for a file of this machine use `path`)")));
}

TEST(ParseManifest, NamesAreUnique) {
  EXPECT_THAT(
      errors_of("version: 1\nmodels:\n  - path: a/x.mlmodel\n  - path: b/x.mlpackage\n  - name: "
                "x\n    path: c\n"),
      ElementsAre("m.yml:4:5: models[1]: the name \"x\" of b/x.mlpackage is taken by models[0] "
                  "(a/x.mlmodel) in line 3 (give one of them another `name`)",
                  HasSubstr("m.yml:5:11: models[2]: the name \"x\" of c is taken by models[0] "
                            "(a/x.mlmodel) in line 3")));
}

TEST(ParseManifest, SuppressionsSayWhyWhoAndUntilWhen) {
  EXPECT_THAT(errors_of("version: 1\nmodels: []\nsuppressions:\n  - rule: ops-left-ane\n"),
              ElementsAre(HasSubstr("`reason` is missing"), HasSubstr("`owner` is missing"),
                          HasSubstr("`expires` is missing")));
  EXPECT_THAT(errors_of("version: 1\nmodels: []\nsuppressions:\n  - {reason: r, owner: o, expires: "
                        "2027-02-30}\n"),
              ElementsAre(HasSubstr("suppressions[0]: would accept everything"),
                          HasSubstr("\"2027-02-30\" is not a day")));
  EXPECT_THAT(
      errors_of("version: 1\nmodels: []\nsuppressions:\n  - {rule: op-left-ane, target: m99, "
                "fingerprint: xyz, "
                "reason: r, owner: o, expires: 2027-02-28, until: 3}\n"),
      ElementsAre(HasSubstr("did you mean \"ops-left-ane\""), HasSubstr("unknown chip \"m99\""),
                  HasSubstr("expected 16 hex digits"), HasSubstr("until: unknown key")));
  EXPECT_THAT(errors_of("version: 1\nmodels: []\nsuppressions:\n  - {rule: suppression-expired, "
                        "reason: r, owner: o, expires: 2027-02-28}\n"),
              ElementsAre(HasSubstr("suppressions cannot be suppressed")));
}

TEST(ParseManifest, EveryErrorHasAPosition) {
  for (const auto& text :
       {"version: 1\nversion: 1\nmodels:\n\t- path: x\n", "a: 1\n---\nb: 1\n", "\xFF", "a: b: c\n",
        "models: *x\n", "version: 1\nmodels:\n  - glob: none/*\n", "version:\nmodels:\n"})
    EXPECT_THAT(errors_of(text), Each(testing::MatchesRegex("m\\.yml:[0-9]+:[0-9]+: .*"))) << text;
}

class Globs : public testing::Test {
 protected:
  Manifest load(const std::string& models) {
    return parsed("version: 1\nmodels:\n" + models, m_directory.file("m.yml"));
  }
  std::vector<std::string> errors(const std::string& models) {
    return errors_of("version: 1\nmodels:\n" + models, m_directory.file("m.yml"));
  }

  test::TempDir m_directory;
};

TEST_F(Globs, BecomeOneEntryPerModelSortedByPath) {
  m_directory.write("zoo/b.mlmodel", "");
  m_directory.write("zoo/a/deep/c.mlpackage/Data/inner.mlmodel", "");
  m_directory.write("zoo/a/d.mlmodelc/model.mil", "");
  m_directory.write("zoo/README.md", "");
  m_directory.write("zoo/.hidden/x.mlmodel", "");
  const auto manifest = load("  - glob: zoo/**\n    expect: any\n");
  EXPECT_THAT(names_of(manifest), ElementsAre("d", "c", "b"));
  EXPECT_EQ(manifest.entries[1].source.text, "zoo/a/deep/c.mlpackage");
  EXPECT_EQ(manifest.entries[1].source.resolved, m_directory.file("zoo/a/deep/c.mlpackage"));
  EXPECT_EQ(manifest.entries[1].expect, Expect::any);
  EXPECT_EQ(manifest.entries[1].position, (TextPosition{3, 5}));
  EXPECT_THAT(names_of(load("  - glob: zoo/**/*.mlpackage\n")), ElementsAre("c"));
  EXPECT_THAT(names_of(load("  - glob: zoo/*\n")), ElementsAre("b"));
}

TEST_F(Globs, LeaveOutWhatIsListedByPathOrByAnEarlierGlob) {
  m_directory.write("zoo/a.mlmodel", "");
  m_directory.write("zoo/b.mlmodel", "");
  const auto manifest = load(
      "  - glob: zoo/*\n  - glob: zoo/b*\n  - {name: special, path: ./zoo/../zoo/a.mlmodel}\n");
  EXPECT_THAT(names_of(manifest), ElementsAre("b", "special"));
}

TEST_F(Globs, DoNotFollowLinksToDirectories) {
  m_directory.write("zoo/a.mlmodel", "");
  std::filesystem::create_directory_symlink(m_directory.path(), m_directory.path() / "zoo/loop");
  std::filesystem::create_symlink(m_directory.path() / "zoo/a.mlmodel",
                                  m_directory.path() / "zoo/link.mlmodel");
  EXPECT_THAT(names_of(load("  - glob: zoo/**/*\n")), ElementsAre("a", "link"));
}

TEST_F(Globs, WithoutAMatchAreMistakes) {
  m_directory.write("zoo/README.md", "");
  EXPECT_THAT(
      errors("  - glob: zoo/*.mlmodel\n"),
      ElementsAre(HasSubstr("m.yml:3:11: models[0].glob: \"zoo/*.mlmodel\" matches nothing in")));
  EXPECT_THAT(errors("  - glob: zoo/*\n"),
              ElementsAre(HasSubstr("matches 1 file but no Core ML model")));
}

TEST_F(Globs, WithTwoModelsOfOneNameAreMistakes) {
  m_directory.write("a/x.mlmodel", "");
  m_directory.write("b/x.mlmodel", "");
  EXPECT_THAT(errors("  - glob: \"*/x.mlmodel\"\n"),
              ElementsAre(HasSubstr(
                  "the name \"x\" of b/x.mlmodel is taken by a/x.mlmodel of the same glob")));
  EXPECT_THAT(errors("  - glob: \"*/x.mlmodel\"\n    name: y\n"),
              testing::Contains(HasSubstr("each is named after its file")));
}

TEST_F(Globs, WithManyStarsEnd) {
  std::string deep = "d";
  for (int i = 0; i < 30; ++i)
    deep += "/d";
  m_directory.write(deep + "/a.mlmodel", "");
  EXPECT_THAT(
      names_of(
          load("  - glob: \"**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/**/a.mlmodel\"\n")),
      ElementsAre("a"));
}

TEST_F(Globs, AnAbsentPathIsNotTheManifestsMistake) {
  EXPECT_THAT(names_of(load("  - path: nowhere/x.mlmodel\n")), ElementsAre("x"));
}

TEST(LoadManifest, SaysWhatIsNotThere) {
  const auto missing = load_manifest("nowhere/anecompat.yml");
  ASSERT_FALSE(missing);
  ASSERT_EQ(missing.error().size(), 1U);
  EXPECT_EQ(missing.error()[0].kind, ErrorKind::not_found);
  EXPECT_THAT(missing.error()[0].to_string(), HasSubstr("anecompat init"));
  test::TempDir directory;
  EXPECT_FALSE(load_manifest(directory.path().string()));
  EXPECT_TRUE(load_manifest(directory.write("m.yml", "\xEF\xBB\xBFversion: 1\r\nmodels: []\r\n")));
  EXPECT_FALSE(load_manifest(directory.write("big.yml", std::string(5'000'000, '#'))));
}

}  // namespace
}  // namespace anecompat::manifest
