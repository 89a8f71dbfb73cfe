#include "cli/check_outputs.hpp"

#include "cli/console.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

namespace anecompat::cli {

namespace {

bool environment_is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool in_github_actions() {
  const char* value = std::getenv("GITHUB_ACTIONS");
  return value != nullptr && std::string_view(value) == "true";
}

// Documents that stand alone; a second text on the same stream spoils them.
bool is_document(report::Format format) {
  switch (format) {
    case report::Format::json:
    case report::Format::junit:
    case report::Format::sarif:
    case report::Format::html:
      return true;
    case report::Format::text:
    case report::Format::github:
    case report::Format::summary:
    case report::Format::markdown:
      break;
  }
  return false;
}

std::vector<report::Output> default_outputs() {
  std::vector<report::Output> outputs(1);
  if (in_github_actions()) {
    outputs.push_back({.format = report::Format::github, .dialect = {}, .path = {}});
    if (environment_is_set("GITHUB_STEP_SUMMARY"))
      outputs.push_back({.format = report::Format::summary, .dialect = {}, .path = {}});
  }
  return outputs;
}

Result<void> check_places(std::span<const report::Output> outputs) {
  std::size_t on_stdout = 0;
  const report::Output* document = nullptr;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto& output = outputs[i];
    for (const auto& other : outputs.first(i)) {
      if (!output.path.empty() && output.path == other.path) {
        return fail({.kind = ErrorKind::usage,
                     .message = fmt::format("--report: {} and {} would both be written to {}",
                                            report::to_string(other.format),
                                            report::to_string(output.format), output.path),
                     .advice = "give each its own path"});
      }
    }
    if (output.path.empty() && output.format != report::Format::summary) {
      ++on_stdout;
      if (is_document(output.format))
        document = &output;
    }
  }
  if (document != nullptr && on_stdout > 1) {
    return fail(
        {.kind = ErrorKind::usage,
         .message = fmt::format("--report: {} cannot share standard output with another report",
                                report::to_string(document->format)),
         .advice = fmt::format("give it a path, as in --report {}=PATH",
                               report::to_string(document->format))});
  }
  return {};
}

}  // namespace

Result<std::vector<report::Output>> parse_outputs(std::span<const std::string> options) {
  if (options.empty())
    return default_outputs();
  std::vector<report::Output> outputs;
  for (const auto& option : options) {
    ANECOMPAT_TRY_ASSIGN(auto output, report::parse_output(option));
    outputs.push_back(std::move(output));
  }
  ANECOMPAT_TRY(check_places(outputs));
  return outputs;
}

bool write_outputs(const report::Report& report, std::span<const report::Output> outputs,
                   const report::RenderOptions& options) {
  bool all_written = true;
  for (const auto& output : outputs) {
    if (const auto written = report::write_report(report, output, options); !written) {
      print_error(written.error());
      all_written = false;
    }
  }
  return all_written;
}

}  // namespace anecompat::cli
