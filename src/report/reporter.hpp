// All output formats, by name.
#pragma once

#include "report/report.hpp"
#include "support/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::report {

enum class Format : std::uint8_t { text, junit, github, summary, json, markdown, sarif, html };

std::string_view to_string(Format format);
std::vector<std::string_view> format_names();

// One --report option, FORMAT[:DIALECT][=PATH].
struct Output {
  Format format = Format::text;
  std::string dialect;  // junit:jenkins → "jenkins"; empty: the format's default
  std::string path;     // empty: standard output (summary: $GITHUB_STEP_SUMMARY)
};

// Errors: usage, with the format that was probably meant.
Result<Output> parse_output(std::string_view option);

// What a rule is about, for formats that explain their rules.
struct RuleText {
  std::string id;
  std::string title;  // one line
  std::string help;   // what it means and what to do
};

struct RenderOptions {
  bool color = false;                     // text only
  bool verbose = false;                   // text only: details of what passed, too
  bool quiet = false;                     // text only: failures and the last line
  std::size_t width = 0;                  // text only: columns of the terminal; 0: unlimited
  std::size_t summary_limit = 1U << 20U;  // bytes GitHub takes for a job summary
  std::size_t comment_limit = 65'536;     // markdown: characters GitHub takes for a comment
  std::span<const RuleText> rules;        // sarif and html
};

// The whole output as text, ready to be written. Pure.
std::string render(const Report& report, const Output& output, const RenderOptions& options);

// Renders and writes: a file whole or not at all, standard output, or appended to the job summary.
Result<void> write_report(const Report& report, const Output& output, const RenderOptions& options);

// report.json, both ways; reading treats the text as hostile. Errors: unreadable, with `name` and
// position.
std::string to_json(const Report& report);
std::string to_json(const Entry& entry);
std::string to_json(const evaluate::Comparison& comparison);
Result<Report> report_from_json(std::string_view text, const std::string& name);

}  // namespace anecompat::report
