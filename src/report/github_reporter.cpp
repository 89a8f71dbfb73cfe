// Annotations for GitHub Actions: at most ten of a kind, so the most important ones.
#include "github/workflow_commands.hpp"
#include "report/reporters.hpp"
#include "report/view.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

namespace anecompat::report {

namespace {

constexpr std::size_t k_title_limit = 255;  // of the Checks API, which annotations end up in

github::Annotation annotation_of(const Finding& finding, github::AnnotationLevel level) {
  auto message =
      fmt::format("{}: {}", elide_middle(subject(finding), k_title_limit), finding.message);
  for (const auto& detail : finding.details)
    message += "\n" + detail;
  return {.level = level,
          .title = elide_middle(finding.rule, k_title_limit),
          .message = std::move(message),
          .file = finding.file,
          .line = finding.line};
}

void append(std::string& out, const std::vector<const Finding*>& findings, Severity severity,
            github::AnnotationLevel level, std::string_view noun) {
  std::vector<const Finding*> wanted;
  for (const auto* finding : findings) {
    if (finding->severity == severity)
      wanted.push_back(finding);
  }
  const auto limit = github::k_annotations_per_level;
  const auto shown = wanted.size() > limit ? limit - 1 : wanted.size();
  for (std::size_t i = 0; i < shown; ++i)
    out += github::to_command(annotation_of(*wanted[i], level));
  if (shown < wanted.size()) {
    out += github::to_command(
        {.level = level,
         .title = "anecompat",
         .message = fmt::format("{} more {}s in the report; GitHub shows only {} of a kind",
                                wanted.size() - shown, noun, limit)});
  }
}

}  // namespace

std::string render_github(const Report& report) {
  const auto findings = ranked_findings(report, Suppressed::left_out);
  std::string out;
  append(out, findings, Severity::error, github::AnnotationLevel::error, "error");
  append(out, findings, Severity::warning, github::AnnotationLevel::warning, "warning");
  append(out, findings, Severity::notice, github::AnnotationLevel::notice, "notice");
  return out;
}

}  // namespace anecompat::report
