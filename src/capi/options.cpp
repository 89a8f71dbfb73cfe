#include "capi/options.hpp"

#include "cli/host_info.hpp"
#include "cli/parse_values.hpp"
#include "support/duration.hpp"
#include "support/json_cursor.hpp"
#include "support/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace anecompat::capi {

namespace {

using Json = nlohmann::json;

constexpr unsigned k_most_retries = 10;
constexpr int k_deepest = 4;

constexpr std::array<std::string_view, 11> k_members = {
    "targets", "evidence", "compute_units", "function",         "rules", "timeout", "isolate",
    "retries", "program",  "log_dir",       "reshape_frequency"};

Error usage(std::string message) {
  return {.kind = ErrorKind::usage, .message = "options: " + std::move(message)};
}

Result<Json> parse(std::string_view text) {
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > k_deepest;
    return depth <= k_deepest;
  };
  auto json = Json::parse(text, watch, false);
  if (too_deep || json.is_discarded() || !json.is_object())
    return fail(usage("they must be one JSON object"));
  for (const auto& [name, value] : json.items()) {
    if (std::ranges::find(k_members, name) != k_members.end())
      continue;
    const auto meant = did_you_mean(name, k_members);
    return fail(usage(fmt::format("there is no member \"{}\"{}", printable(name),
                                  meant ? fmt::format(" (did you mean \"{}\"?)", *meant) : "")));
  }
  return json;
}

Result<void> read_words(const JsonCursor& root, Options& options) {
  const auto targets =
      root.list("targets", Need::optional, [](const JsonCursor& item) { return item.as_text(); });
  ANECOMPAT_TRY_ASSIGN(options.request.targets, cli::parse_targets(targets));
  if (const auto word = root.text("evidence", Need::optional); !word.empty()) {
    ANECOMPAT_TRY_ASSIGN(options.choice.evidence, cli::parse_evidence_wanted(word));
  }
  if (const auto word = root.text("compute_units", Need::optional); !word.empty()) {
    ANECOMPAT_TRY_ASSIGN(options.request.compute_units, cli::parse_units(word));
  }
  if (const auto word = root.text("reshape_frequency", Need::optional); !word.empty()) {
    const auto frequency = ane::parse_reshape_frequency(word);
    if (!frequency)
      return fail({.kind = ErrorKind::usage,
                   .message = "\"reshape_frequency\" is \"frequent\" or \"infrequent\""});
    options.request.reshape_frequency = *frequency;
  }
  if (const auto word = root.text("timeout", Need::optional); !word.empty()) {
    ANECOMPAT_TRY_ASSIGN(options.request.timeout, parse_duration(word));
  }
  return {};
}

}  // namespace

Result<Options> read_options(std::string_view text) {
  Options options;
  if (!text.empty()) {
    ANECOMPAT_TRY_ASSIGN(const auto json, parse(text));
    JsonProblem problem;
    const JsonCursor root(json, problem);
    if (auto read = read_words(root, options); !read && !problem.found())
      return fail(usage(read.error().to_string()));
    options.request.function = root.text("function", Need::optional);
    options.choice.rules_directory = root.text("rules", Need::optional);
    options.choice.isolate = root.flag("isolate");
    options.choice.retries = root.integer<std::uint32_t>("retries", Need::optional);
    options.choice.worker_program = root.text("program", Need::optional);
    options.choice.log_directory = root.text("log_dir", Need::optional);
    if (problem.found())
      return fail(usage(problem.message()));
    if (options.choice.retries > k_most_retries)
      return fail(usage(fmt::format("\"retries\" is at most {}", k_most_retries)));
  }
  if (options.request.targets.empty())
    options.request.targets = {cli::default_target()};
  return options;
}

}  // namespace anecompat::capi
