// Which pull request a workflow run is about.
#pragma once

#include "github/api_client.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace anecompat::github {

// What the event file ($GITHUB_EVENT_PATH) says. Either `number` is known, or the head is and has
// to be looked up, or `why_not` says why there is no pull request.
struct PullRequestEvent {
  std::optional<std::uint64_t> number;
  std::string head_owner;   // of a workflow_run of a fork's pull request, which has no number
  std::string head_branch;  // any bytes: the fork chose it
  std::string head_sha;
  std::string why_not;
};

// Understands pull_request, pull_request_target, their reviews, issue_comment, and workflow_run of
// such a run. Errors: unreadable, naming `file`.
Result<PullRequestEvent> parse_pull_request_event(std::string_view text, const std::string& file);

// The pull request of the event, looked up where the event only knows the head; none when it has
// been closed or has newer commits, which `event.why_not` then says.
ApiResult<std::optional<std::uint64_t>> find_pull_request(const ApiClient& client,
                                                          const std::string& repository,
                                                          PullRequestEvent& event);

}  // namespace anecompat::github
