#include "report/reporter.hpp"

#include "github/step_summary.hpp"
#include "report/reporters.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace anecompat::report {

namespace {

constexpr std::array<std::pair<Format, std::string_view>, 8> k_formats = {
    {{Format::text, "text"},
     {Format::junit, "junit"},
     {Format::github, "github"},
     {Format::summary, "summary"},
     {Format::json, "json"},
     {Format::markdown, "markdown"},
     {Format::sarif, "sarif"},
     {Format::html, "html"}}};

constexpr std::string_view k_jenkins = "jenkins";

Error usage(std::string_view option, std::string message, std::string advice) {
  return {.kind = ErrorKind::usage,
          .message = fmt::format("--report {}: {}", printable(option), std::move(message)),
          .advice = std::move(advice)};
}

Result<Format> parse_format(std::string_view option, std::string_view name) {
  const auto* found =
      std::ranges::find(k_formats, name, &std::pair<Format, std::string_view>::second);
  if (found != k_formats.end())
    return found->first;
  const auto names = format_names();
  const auto meant = did_you_mean(name, names);
  return fail(usage(option, fmt::format("unknown format \"{}\"", printable(name)),
                    meant ? fmt::format("did you mean \"{}\"?", *meant)
                          : fmt::format("use one of {}", fmt::join(names, ", "))));
}

Result<void> write_to_standard_output(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return {};
  return fail({.kind = ErrorKind::system,
               .message = fmt::format("cannot write to standard output: {}",
                                      std::generic_category().message(errno))});
}

}  // namespace

std::string_view to_string(Format format) {
  return std::ranges::find(k_formats, format, &std::pair<Format, std::string_view>::first)->second;
}

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names;
  for (const auto& [format, name] : k_formats)
    names.push_back(name);
  return names;
}

Result<Output> parse_output(std::string_view option) {
  const auto equals = option.find('=');
  const auto what = option.substr(0, equals);
  const auto colon = what.find(':');
  Output output;
  ANECOMPAT_TRY_ASSIGN(output.format, parse_format(option, what.substr(0, colon)));
  if (colon != std::string_view::npos) {
    output.dialect = what.substr(colon + 1);
    if (output.format != Format::junit || output.dialect != k_jenkins) {
      return fail(usage(option,
                        fmt::format("{} has no dialect \"{}\"", to_string(output.format),
                                    printable(output.dialect)),
                        output.format == Format::junit ? "the other dialect is junit:jenkins"
                                                       : "only junit has one, junit:jenkins"));
    }
  }
  if (equals != std::string_view::npos) {
    output.path = option.substr(equals + 1);
    if (output.path.empty()) {
      return fail(
          usage(option, "no path after \"=\"", "leave the \"=\" out to write to standard output"));
    }
  }
  return output;
}

std::string render(const Report& report, const Output& output, const RenderOptions& options) {
  switch (output.format) {
    case Format::text:
      return render_text(report, options);
    case Format::junit:
      return render_junit(
          report, output.dialect == k_jenkins ? JunitDialect::jenkins : JunitDialect::common);
    case Format::github:
      return render_github(report);
    case Format::summary:
      return render_markdown(report, options.summary_limit);
    case Format::json:
      return to_json(report);
    case Format::markdown:
      return render_markdown(report, options.comment_limit);
    case Format::sarif:
      return render_sarif(report, options.rules);
    case Format::html:
      return render_html(report, options.rules);
  }
  return {};
}

Result<void> write_report(const Report& report, const Output& output,
                          const RenderOptions& options) {
  if (output.format == Format::summary) {
    auto path = output.path;
    if (path.empty()) {
      ANECOMPAT_TRY_ASSIGN(path, github::step_summary_path());
    }
    auto limited = options;
    limited.summary_limit =
        std::min<std::size_t>(options.summary_limit, github::step_summary_room(path));
    return github::append_step_summary(path, render(report, output, limited));
  }
  const auto text = render(report, output, options);
  if (output.path.empty())
    return write_to_standard_output(text);
  return write_text_file(output.path, text);
}

}  // namespace anecompat::report
