#include "github/pull_request_event.hpp"

#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace anecompat::github {

namespace {

using Json = nlohmann::json;

// The value at a path of keys; null where anything on the way is missing or of another kind.
template <typename... Keys>
const Json& at(const Json& json, const char* key, Keys... keys) {
  static const Json nothing;
  if (!json.is_object())
    return nothing;
  const auto found = json.find(key);
  if (found == json.end())
    return nothing;
  if constexpr (sizeof...(keys) == 0)
    return *found;
  else
    return at(*found, keys...);
}

std::string text_of(const Json& json) {
  return json.is_string() ? json.get<std::string>() : std::string();
}

std::optional<std::uint64_t> number_of(const Json& json) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() == 0)
    return std::nullopt;
  return json.get<std::uint64_t>();
}

PullRequestEvent of_workflow_run(const Json& event) {
  const auto& run = at(event, "workflow_run");
  PullRequestEvent result;
  const auto trigger = text_of(at(run, "event"));
  if (trigger != "pull_request" && trigger != "pull_request_target") {
    result.why_not =
        fmt::format("the workflow run was not for a pull request but for `{}`", printable(trigger));
    return result;
  }
  result.head_owner = text_of(at(run, "head_repository", "owner", "login"));
  result.head_branch = text_of(at(run, "head_branch"));
  result.head_sha = text_of(at(run, "head_sha"));
  // Runs can belong to pull requests of other repositories, too: those between forks.
  const auto& here = at(event, "repository", "id");
  const auto& requests = at(run, "pull_requests");
  for (std::size_t i = 0; requests.is_array() && i < requests.size() && !result.number; ++i) {
    if (at(requests[i], "base", "repo", "id") == here)
      result.number = number_of(at(requests[i], "number"));
  }
  if (!result.number && (result.head_owner.empty() || result.head_branch.empty()))
    result.why_not = "the head of the pull request is gone";
  return result;
}

}  // namespace

Result<PullRequestEvent> parse_pull_request_event(std::string_view text, const std::string& file) {
  const auto event = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!event.is_object()) {
    return fail({.kind = ErrorKind::unreadable,
                 .message = "is not a GitHub event",
                 .file = file,
                 .advice = "name the pull request by --pull-request"});
  }
  if (at(event, "workflow_run").is_object())
    return of_workflow_run(event);
  PullRequestEvent result;
  result.number = number_of(at(event, "pull_request", "number"));
  if (!result.number && at(event, "issue", "pull_request").is_object())
    result.number = number_of(at(event, "issue", "number"));
  if (!result.number)
    result.why_not = "the event is not about a pull request";
  return result;
}

ApiResult<std::optional<std::uint64_t>> find_pull_request(const ApiClient& client,
                                                          const std::string& repository,
                                                          PullRequestEvent& event) {
  if (event.number || !event.why_not.empty())
    return event.number;
  const auto head = url_encoded(event.head_owner + ":" + event.head_branch);
  const auto answer =
      client.get(fmt::format("/repos/{}/pulls?state=open&per_page=100&head={}", repository, head));
  if (!answer)
    return tl::unexpected(answer.error());
  const auto requests = Json::parse(*answer, nullptr, /*allow_exceptions=*/false);
  for (std::size_t i = 0; requests.is_array() && i < requests.size(); ++i) {
    // An unknown `head` filter is ignored by the server, so what comes back is checked.
    if (text_of(at(requests[i], "head", "ref")) != event.head_branch ||
        to_lower(text_of(at(requests[i], "head", "user", "login"))) != to_lower(event.head_owner))
      continue;
    if (text_of(at(requests[i], "head", "sha")) == event.head_sha)
      return number_of(at(requests[i], "number"));
    event.why_not = "the pull request has newer commits, whose own run will comment";
  }
  if (event.why_not.empty())
    event.why_not = "no open pull request has this head";
  return std::optional<std::uint64_t>();
}

}  // namespace anecompat::github
