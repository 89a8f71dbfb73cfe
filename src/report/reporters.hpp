// One function per format; render() chooses.
#pragma once

#include "report/reporter.hpp"

#include <string>

namespace anecompat::report {

std::string render_text(const Report& report, const RenderOptions& options);

enum class JunitDialect : std::uint8_t {
  common,  // what the readers of GitHub Actions and GitLab like: file and line on each test case
  jenkins  // valid by Jenkins' junit-10.xsd, which knows neither
};
std::string render_junit(const Report& report, JunitDialect dialect);

std::string render_github(const Report& report);

// At most `limit` bytes: everything, else failures only, else cut at a line.
std::string render_markdown(const Report& report, std::size_t limit);

// At most 5,000 results and 10 MB, the least important left out.
std::string render_sarif(const Report& report, std::span<const RuleText> rules);

std::string render_html(const Report& report, std::span<const RuleText> rules);

}  // namespace anecompat::report
