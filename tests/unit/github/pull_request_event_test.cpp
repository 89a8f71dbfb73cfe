#include "github/pull_request_event.hpp"

#include "support/http_server.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace anecompat::github {
namespace {

using nlohmann::json;
using test::respond;
using testing::HasSubstr;

PullRequestEvent parsed(const json& event) {
  const auto result = parse_pull_request_event(event.dump(), "event.json");
  EXPECT_TRUE(result);
  return result.value_or(PullRequestEvent{});
}

json fork_run() {
  return {{"repository", {{"id", 1}}},
          {"workflow_run",
           {{"event", "pull_request"},
            {"head_branch", "fix/a&b"},
            {"head_sha", "abc"},
            {"head_repository", {{"owner", {{"login", "forker"}}}}},
            {"pull_requests", json::array()}}}};
}

json open_pull_request(int number, const std::string& sha, const std::string& owner = "Forker") {
  return {{"number", number},
          {"head", {{"ref", "fix/a&b"}, {"sha", sha}, {"user", {{"login", owner}}}}}};
}

struct Found {
  std::optional<std::uint64_t> number;
  std::string why_not;
  std::string asked;
};

// What is found for `fork_run()` when GitHub answers so.
Found found(const json& answer) {
  test::HttpServer server([&](const auto&) { return respond(200, answer.dump()); });
  ApiSettings settings{.url = server.url(""), .token = "t", .network = {}};
  settings.network.allow_loopback = true;
  auto event = parsed(fork_run());
  const auto number = find_pull_request(ApiClient(settings), "o/r", event);
  EXPECT_TRUE(number) << number.error().error.to_string();
  return {.number = number.value_or(std::nullopt),
          .why_not = event.why_not,
          .asked = server.requests().at(0).target};
}

TEST(ParsePullRequestEvent, KnowsTheNumberOfPullRequestEvents) {
  EXPECT_EQ(parsed({{"pull_request", {{"number", 12}}}}).number, 12U);
  EXPECT_EQ(parsed({{"issue", {{"number", 13}, {"pull_request", json::object()}}}}).number, 13U);
}

TEST(ParsePullRequestEvent, OtherEventsAreAboutNone) {
  const auto push = parsed({{"ref", "refs/heads/main"}});
  EXPECT_FALSE(push.number);
  EXPECT_EQ(push.why_not, "the event is not about a pull request");
  EXPECT_FALSE(parsed({{"issue", {{"number", 13}}}}).number);
  auto run = fork_run();
  run["workflow_run"]["event"] = "push";
  EXPECT_THAT(parsed(run).why_not, HasSubstr("not for a pull request but for `push`"));
}

TEST(ParsePullRequestEvent, OddValuesAreNoNumbers) {
  for (const auto& number : {json(0), json(-3), json("12"), json(1.5), json()})
    EXPECT_FALSE(parsed({{"pull_request", {{"number", number}}}}).number) << number;
  EXPECT_FALSE(parse_pull_request_event("[1]", "event.json"));
  EXPECT_FALSE(parse_pull_request_event("{", "event.json"));
}

TEST(ParsePullRequestEvent, AWorkflowRunNamesPullRequestsOfThisRepository) {
  auto run = fork_run();
  run["workflow_run"]["pull_requests"] = {{{"number", 3}, {"base", {{"repo", {{"id", 99}}}}}},
                                          {{"number", 4}, {"base", {{"repo", {{"id", 1}}}}}}};
  EXPECT_EQ(parsed(run).number, 4U);
}

TEST(ParsePullRequestEvent, AForksWorkflowRunNamesTheHeadOnly) {
  const auto event = parsed(fork_run());
  EXPECT_FALSE(event.number);
  EXPECT_EQ(event.head_owner, "forker");
  EXPECT_EQ(event.head_branch, "fix/a&b");
  EXPECT_EQ(event.why_not, "");
  auto gone = fork_run();
  gone["workflow_run"]["head_repository"] = nullptr;
  EXPECT_EQ(parsed(gone).why_not, "the head of the pull request is gone");
}

TEST(FindPullRequest, LooksUpTheHeadOfAFork) {
  const auto result = found(
      json::array({open_pull_request(5, "abc", "someone-else"), open_pull_request(6, "abc")}));
  EXPECT_EQ(result.number, 6U);
  EXPECT_EQ(result.asked, "/repos/o/r/pulls?state=open&per_page=100&head=forker%3Afix%2Fa%26b");
}

TEST(FindPullRequest, NewerCommitsAreLeftToTheirOwnRun) {
  const auto result = found(json::array({open_pull_request(6, "def")}));
  EXPECT_FALSE(result.number);
  EXPECT_THAT(result.why_not, HasSubstr("newer commits"));
}

TEST(FindPullRequest, AClosedOneIsNotFound) {
  const auto result = found(json::array());
  EXPECT_FALSE(result.number);
  EXPECT_EQ(result.why_not, "no open pull request has this head");
}

}  // namespace
}  // namespace anecompat::github
