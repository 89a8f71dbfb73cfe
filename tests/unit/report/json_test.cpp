#include "report/reporter.hpp"
#include "sample_report.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <string>

namespace anecompat::report {
namespace {

using testing::HasSubstr;

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

std::string error_of(const std::string& text) {
  const auto report = report_from_json(text, "report.json");
  if (report)
    return "no error";
  EXPECT_EQ(report.error().kind, ErrorKind::unreadable);
  EXPECT_EQ(report.error().file, "report.json");
  return report.error().message;
}

std::string sample_error(std::string_view what, std::string_view with) {
  return error_of(replaced(to_json(test::sample()), what, with));
}

TEST(ReportJson, RoundTripLosesNothing) {
  const auto text = to_json(test::sample());
  const auto again = report_from_json(text, "report.json");
  ASSERT_TRUE(again) << again.error().to_string();
  EXPECT_EQ(to_json(*again), text);

  const auto& encoder = again->entries.at(1);
  const auto original = test::sample().entries.at(1);
  ASSERT_EQ(encoder.evaluations.size(), 2U);
  EXPECT_EQ(encoder.evaluations[0].duration, original.evaluations[0].duration);
  EXPECT_EQ(encoder.evaluations[1].attempts[1].duration, std::chrono::milliseconds(30));
  EXPECT_EQ(encoder.evaluations[0].counts, original.evaluations[0].counts);
  EXPECT_EQ(encoder.evaluations[0].ops[3].reason, original.evaluations[0].ops[3].reason);
  EXPECT_EQ(encoder.evaluations[0].ops[3].cost_us, 12.345);
  EXPECT_TRUE(encoder.evaluations[0].ops[0].boundary);
  EXPECT_EQ(encoder.evaluations[0].risks[0].op, "main/conv_1");
  EXPECT_EQ(encoder.findings[3].suppressed, original.findings[3].suppressed);
  EXPECT_EQ(encoder.manifest_line, 9U);
  EXPECT_EQ(again->entries[2].evaluations[0].error->signal, 9);
  EXPECT_EQ(again->entries[4].skipped, "filtered out");
  EXPECT_EQ(again->run.duration, std::chrono::milliseconds(1234));
  EXPECT_EQ(again->totals.errors, 3U);
  EXPECT_EQ(again->exit_code, 3);
}

TEST(ReportJson, RunsDifferOnlyInRun) {
  auto report = test::sample();
  const auto first = nlohmann::json::parse(to_json(report));
  report.run.duration = std::chrono::milliseconds(99);
  report.run.started = "2027-01-01T00:00:00Z";
  report.entries[1].evaluations[1].duration = std::chrono::microseconds(1);
  report.entries[1].evaluations[1].attempts[0].duration = std::chrono::milliseconds(77);
  auto second = nlohmann::json::parse(to_json(report));
  EXPECT_NE(first, second);
  second["run"] = first["run"];
  EXPECT_EQ(first, second);
}

TEST(ReportJson, HasOneOperationALineAndDesignedOrder) {
  const auto text = to_json(test::sample());
  EXPECT_THAT(text, HasSubstr(R"(
            {"path":"main/conv_3","type":"conv","shape":"fp16[1, 64, 32, 32]","placement":"cpu","eligible":["cpu"],"reason":{"code":"fp32-precision","message":"fp32[1, 64]: the ANE computes in fp16 only"},"cost_us":12.345},
)"));
  std::size_t at = 0;
  for (const auto* key : {"\n  \"schema\"", "\n  \"tool\"", "\n  \"host\"", "\n  \"run\"",
                          "\n  \"entries\"", "\n  \"findings\"", "\n  \"totals\""}) {
    const auto next = text.find(key);
    ASSERT_NE(next, std::string::npos) << key;
    EXPECT_GT(next, at) << key;
    at = next;
  }
}

TEST(ReportJson, RoundsNumbersToWhatTheyMean) {
  auto report = test::sample();
  auto& evaluation = report.entries[0].evaluations[0];
  evaluation.shares.ops = 2.0 / 3;
  evaluation.shares.cost = std::nullopt;
  evaluation.ops[0].cost_us = 1.0 / 3;
  const auto text = to_json(report);
  EXPECT_THAT(text, HasSubstr(R"("shares": {"ops":0.6667,"cost":null})"));
  EXPECT_THAT(text, HasSubstr(R"("cost_us":0.333})"));
}

TEST(ReportJson, OneEntryIsAnEntryOfTheReport) {
  const auto report = test::sample();
  EXPECT_EQ(nlohmann::json::parse(to_json(report.entries[1])),
            nlohmann::json::parse(to_json(report))["entries"][1]);
}

TEST(ReportJson, HostileNamesSurviveAsUtf8) {
  const auto again = report_from_json(to_json(test::hostile()), "report.json");
  ASSERT_TRUE(again) << again.error().to_string();
  const auto names = test::hostile_names();
  ASSERT_EQ(again->entries.size(), names.size());
  EXPECT_EQ(again->entries[0].name, names[0]);
  EXPECT_EQ(again->entries.back().name, names.back());
  EXPECT_EQ(again->entries[9].name, "\uFFFD\uFFFD broken");
}

TEST(ReportJson, UnknownKeysAreIgnored) {
  const auto text = replaced(to_json(test::sample()), R"("name": "encoder",)",
                             R"("name": "encoder", "future": {"x": [1]},)");
  const auto report = report_from_json(text, "report.json");
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(report->entries[1].name, "encoder");
}

TEST(ReportJson, KeysMayStandInAnyOrder) {
  const auto sorted = nlohmann::json::parse(to_json(test::sample())).dump();  // std::map: sorted
  ASSERT_LT(sorted.find("\"entries\""), sorted.find("\"schema\""));
  const auto report = report_from_json(sorted, "report.json");
  ASSERT_TRUE(report) << report.error().to_string();
  EXPECT_EQ(to_json(*report), to_json(test::sample()));
}

TEST(ReportJson, ErrorsNameThePath) {
  EXPECT_EQ(sample_error(R"("level": "partial")", R"("level": "fulll")"),
            "entries[1].evaluations[0].level: unknown value \"fulll\"");
  EXPECT_EQ(sample_error(R"("spec_version": 7)", R"("spec_version": "7")"),
            "entries[0].spec_version: must be a whole number, not string");
  EXPECT_EQ(sample_error(R"("first":0,"count":8)", R"("first":-1,"count":8)"),
            "entries[0].evaluations[0].segments[0].first: the number is out of range");
  EXPECT_EQ(sample_error(R"("first":0,"count":8)", R"("first":4294967295,"count":4294967295)"),
            "entries[0].evaluations[0]: a segment ends after the last of 8 operations");
  EXPECT_EQ(sample_error(R"("ops":1.0,)", R"("ops":1.5,)"),
            "entries[0].evaluations[0].shares: \"ops\" is a share, between 0 and 1");
  EXPECT_EQ(sample_error(R"("placement":"cpu")", R"("placement":"npu")"),
            "entries[1].evaluations[0].ops[3].placement: unknown value \"npu\"");
  EXPECT_EQ(sample_error(R"("name": "detector",)", ""), "entries[0]: \"name\" is missing");
  EXPECT_EQ(sample_error(R"("severity": "notice")", R"("severity": [])"),
            "entries[0].findings[0].severity: must be text, not array");
  EXPECT_EQ(sample_error(R"("duration": 1.234)", R"("duration": 1e300)"),
            "run: \"duration\" is out of range");
}

TEST(ReportJson, OtherSchemasAreRefused) {
  EXPECT_EQ(sample_error(R"("schema": 1)", R"("schema": 2)"),
            "schema: is 2, and this program reads schema 1 only; a newer anecompat wrote it");
  EXPECT_EQ(sample_error(R"("schema": 1,)", ""), "\"schema\" is missing");
  // The schema is the reason, whatever else is different then.
  auto text = replaced(to_json(test::sample()), R"("schema": 1)", R"("schema": 2)");
  EXPECT_THAT(error_of(replaced(text, R"("level": "partial")", R"("level": "most")")),
              testing::StartsWith("schema: is 2"));
}

TEST(ReportJson, WhatIsNoReportIsRefused) {
  EXPECT_EQ(error_of(""), "is not valid JSON");
  EXPECT_EQ(error_of("[]"), "must be an object, not array");
  EXPECT_EQ(error_of("{}"), "\"schema\" is missing");
  EXPECT_EQ(error_of(R"({"schema": 1, "entries": {}})"), "entries: must be a list, not object");
  EXPECT_EQ(error_of(R"({"schema": 1, "entries": [{"name": "a", "evaluations": []}, 5]})"),
            "entries[1]: must be an object, not number");
  EXPECT_EQ(error_of(R"({"schema": 1e999})"), "is not valid JSON: a number is out of range");
}

TEST(ReportJson, SyntaxErrorsHaveAPosition) {
  const auto report = report_from_json("{\n  \"schema\": 1,\n  oops\n}", "r.json");
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().position, (TextPosition{.line = 3, .column = 3}));
}

TEST(ReportJson, DeepNestingEndsInAnError) {
  const std::string deep(1'000'000, '[');
  EXPECT_EQ(error_of(deep), "nests deeper than 32 levels");
  EXPECT_EQ(error_of(R"({"schema": 1, "x": )" + deep), "nests deeper than 32 levels");
}

TEST(ReportJson, EveryCutEndsInAnErrorOrAReport) {
  const auto text = to_json(test::sample());
  for (std::size_t size = 0; size + 2 < text.size(); size += 97)
    EXPECT_FALSE(report_from_json(text.substr(0, size), "r.json")) << size;
}

TEST(ReportJson, EveryChangedByteEndsInAnErrorOrAReportThatRenders) {
  const auto text = to_json(test::sample());
  std::size_t read = 0;
  for (std::size_t at = 0; at < text.size(); at += 211) {
    for (const char c : {'9', '"', '-', '{', '\x80'}) {
      auto changed = text;
      changed[at] = c;
      if (const auto report = report_from_json(changed, "r.json")) {
        ++read;
        for (const auto format : {Format::text, Format::html})
          EXPECT_FALSE(render(*report, {.format = format}, {}).empty());
      }
    }
  }
  EXPECT_GT(read, 0U);
}

}  // namespace
}  // namespace anecompat::report
