#include "github/comment.hpp"

#include "support/http_server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <mutex>

namespace anecompat::github {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using test::respond;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* k_bot = "github-actions[bot]";

// GitHub's API as far as issue comments go.
class GitHubDouble {
 public:
  // What a test wants instead of the usual answer.
  std::function<std::optional<test::ServedResponse>(const test::ServedRequest&)> instead;

  GitHubDouble() : m_server([this](const auto& request) { return answer(request); }) {}

  void add(const std::string& author, const std::string& body) {
    m_comments.push_back(
        {{"id", m_comments.size() + 1}, {"user", {{"login", author}}}, {"body", body}});
  }
  const json& comments() const { return m_comments; }
  std::vector<test::ServedRequest> requests() const { return m_server.requests(); }
  std::size_t count(const std::string& method) const {
    const auto all = requests();
    return static_cast<std::size_t>(std::ranges::count(all, method, &test::ServedRequest::method));
  }

  ApiClient client() const {
    ApiSettings settings{.url = m_server.url(""), .token = "secret", .network = {}};
    settings.network.allow_loopback = true;
    settings.network.first_pause = 1ms;
    settings.network.longest_pause = 3s;
    return ApiClient(settings);
  }

 private:
  test::ServedResponse answer(const test::ServedRequest& request) {
    const std::lock_guard lock(m_mutex);
    if (instead) {
      if (auto other = instead(request))
        return *other;
    }
    if (request.header("authorization") != "Bearer secret")
      return respond(401, R"({"message": "Bad credentials"})");
    if (request.target == "/user")
      return respond(403, R"({"message": "Resource not accessible by integration"})");
    if (request.target.starts_with("/repos/o/r/issues/7/comments")) {
      if (request.method == "GET")
        return respond(200, page(request.target).dump());
      add(k_bot, json::parse(request.body).at("body"));
      return respond(201, m_comments.back().dump());
    }
    const std::string one = "/repos/o/r/issues/comments/";
    if (request.method == "PATCH" && request.target.starts_with(one)) {
      auto& comment = m_comments.at(std::stoul(request.target.substr(one.size())) - 1);
      comment["body"] = json::parse(request.body).at("body");
      return respond(200, comment.dump());
    }
    return respond(404, R"({"message": "Not Found"})");
  }

  json page(const std::string& target) const {
    const auto at = target.find("&page=");
    const auto number = std::stoul(target.substr(at + 6));
    auto result = json::array();
    for (std::size_t i = (number - 1) * 100; i < std::min(number * 100, m_comments.size()); ++i)
      result.push_back(m_comments[i]);
    return result;
  }

  json m_comments = json::array();
  std::mutex m_mutex;
  test::HttpServer m_server;
};

CommentRequest request(const std::string& markdown = "all is well",
                       const std::string& workflow = "CI") {
  return {.repository = "o/r",
          .pull_request = 7,
          .marker = comment_marker("m.yml", workflow, ""),
          .markdown = markdown,
          .author = {}};
}

CommentChange put(const GitHubDouble& github, const CommentRequest& what = request()) {
  const auto change = put_comment(github.client(), what);
  EXPECT_TRUE(change) << change.error().error.to_string();
  return change.value_or(CommentChange::none);
}

std::string refusal(const GitHubDouble& github) {
  const auto change = put_comment(github.client(), request());
  return change ? "no refusal" : change.error().error.to_string();
}

TEST(PutComment, CreatesThenUpdatesThenLeavesAlone) {
  GitHubDouble github;
  EXPECT_EQ(put(github), CommentChange::created);
  EXPECT_EQ(put(github), CommentChange::unchanged);
  EXPECT_EQ(put(github, request("it broke")), CommentChange::updated);
  ASSERT_EQ(github.comments().size(), 1U);
  EXPECT_EQ(github.comments()[0]["body"], request().marker + "\nit broke");
  EXPECT_EQ(github.count("POST"), 1U);
  EXPECT_EQ(github.count("PATCH"), 1U);
}

TEST(PutComment, LineEndsOfTheWebFormAreNoChange) {
  GitHubDouble github;
  github.add(k_bot, request().marker + "\r\none\r\ntwo\r\n");
  EXPECT_EQ(put(github, request("one\ntwo")), CommentChange::unchanged);
}

TEST(PutComment, WorkflowsHaveACommentEach) {
  GitHubDouble github;
  EXPECT_EQ(put(github, request("a", "CI")), CommentChange::created);
  EXPECT_EQ(put(github, request("b", "Nightly")), CommentChange::created);
  EXPECT_EQ(put(github, request("c", "CI")), CommentChange::updated);
  ASSERT_EQ(github.comments().size(), 2U);
  EXPECT_THAT(github.comments()[0]["body"].get<std::string>(), HasSubstr("\nc"));
  EXPECT_THAT(github.comments()[1]["body"].get<std::string>(), HasSubstr("\nb"));
}

TEST(PutComment, AMarkerOfAnotherAuthorIsNotOurs) {
  GitHubDouble github;
  github.add("mallory", request().marker + "\nlooks like ours");
  github.add("github-actions", request().marker + "\na user who likes the name");
  EXPECT_EQ(put(github), CommentChange::created);
  EXPECT_EQ(github.comments()[0]["body"], request().marker + "\nlooks like ours");
  EXPECT_EQ(github.comments()[1]["body"], request().marker + "\na user who likes the name");
  EXPECT_EQ(github.comments().size(), 3U);
}

TEST(PutComment, AQuotedMarkerIsNoMarker) {
  GitHubDouble github;
  github.add(k_bot, "> " + request().marker + "\nsomething else");
  EXPECT_EQ(put(github), CommentChange::created);
}

TEST(PutComment, FindsItsCommentAmong250) {
  GitHubDouble github;
  for (int i = 0; i < 250; ++i)
    github.add(i == 237 ? k_bot : "someone", i == 237 ? request().marker + "\nold" : "a remark");
  EXPECT_EQ(put(github), CommentChange::updated);
  EXPECT_EQ(github.comments().size(), 250U);
  EXPECT_EQ(github.comments()[237]["body"], request().marker + "\nall is well");
  EXPECT_EQ(github.count("GET"), 4U) << "the user and three pages";
}

TEST(PutComment, AFullLastPageIsFollowedByAnEmptyOne) {
  GitHubDouble github;
  for (int i = 0; i < 200; ++i)
    github.add("someone", "a remark");
  EXPECT_EQ(put(github), CommentChange::created);
}

TEST(PutComment, ATokenOfAUserLooksForThatUsersComments) {
  GitHubDouble github;
  github.instead = [](const auto& served) -> std::optional<test::ServedResponse> {
    if (served.target == "/user")
      return respond(200, R"({"login": "Release-Robot"})");
    return std::nullopt;
  };
  github.add(k_bot, request().marker + "\nof another token");
  github.add("release-robot", request().marker + "\nold");
  EXPECT_EQ(put(github), CommentChange::updated);
  EXPECT_EQ(github.comments()[0]["body"], request().marker + "\nof another token");
}

TEST(PutComment, OnlyExistingMakesNoNewOne) {
  GitHubDouble github;
  auto what = request();
  what.only_existing = true;
  EXPECT_EQ(put(github, what), CommentChange::none);
  github.add(k_bot, what.marker + "\nit failed");
  EXPECT_EQ(put(github, what), CommentChange::updated);
}

TEST(PutComment, WhatGitHubRefusesComesWithAdvice) {
  struct Row {
    int status;
    const char* message;
    const char* advice;
  };
  for (const auto& row :
       {Row{403, "Resource not accessible by integration", "pull-requests: write"},
        Row{404, "Not Found", "may not see them"}, Row{410, "Gone", "comments are closed"},
        Row{422, "Validation Failed", "does not accept the comment"}}) {
    GitHubDouble github;
    github.instead = [&](const auto& served) -> std::optional<test::ServedResponse> {
      if (served.method == "POST")
        return respond(row.status, json{{"message", row.message}}.dump());
      return std::nullopt;
    };
    const auto text = refusal(github);
    EXPECT_THAT(text,
                HasSubstr(fmt::format("GitHub answered {}: {} to POST", row.status, row.message)));
    EXPECT_THAT(text, HasSubstr(row.advice));
    EXPECT_EQ(github.count("POST"), 1U) << row.status;
  }
}

TEST(PutComment, ServerErrorsWhileLookingAreTriedAgain) {
  GitHubDouble github;
  int failures = 2;
  github.instead = [&](const auto& served) -> std::optional<test::ServedResponse> {
    if (served.method == "GET" && failures-- > 0)
      return respond(502, "<html>bad gateway</html>");
    return std::nullopt;
  };
  EXPECT_EQ(put(github), CommentChange::created);
}

TEST(PutComment, AServerErrorThatHidASuccessMakesNoSecondComment) {
  GitHubDouble github;
  github.instead = [&](const auto& served) -> std::optional<test::ServedResponse> {
    if (served.method != "POST")
      return std::nullopt;
    github.add(k_bot, json::parse(served.body).at("body"));
    return respond(504, "");
  };
  EXPECT_EQ(put(github), CommentChange::unchanged);
  EXPECT_EQ(github.comments().size(), 1U);
}

TEST(PutComment, LastingServerErrorsAreReported) {
  GitHubDouble github;
  github.instead = [](const auto&) { return respond(500, ""); };
  EXPECT_THAT(refusal(github), HasSubstr("GitHub answered 500"));
}

TEST(PutComment, AShortRateLimitIsWaitedForAlsoByAPost) {
  GitHubDouble github;
  int failures = 1;
  github.instead = [&](const auto& served) -> std::optional<test::ServedResponse> {
    if (served.method == "POST" && failures-- > 0)
      return respond(403, R"({"message": "secondary rate limit"})", {"Retry-After: 0"});
    return std::nullopt;
  };
  EXPECT_EQ(put(github), CommentChange::created);
}

TEST(PutComment, ALongRateLimitIsReported) {
  GitHubDouble github;
  github.instead = [](const auto& served) -> std::optional<test::ServedResponse> {
    if (served.target == "/user")
      return std::nullopt;
    return respond(403, R"({"message": "API rate limit exceeded"})",
                   {"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 4000000000"});
  };
  EXPECT_THAT(refusal(github), HasSubstr("GitHub limits requests"));
}

TEST(PutComment, TheTokenStaysWithTheApi) {
  test::HttpServer other([](const auto&) { return respond(200, "[]"); });
  GitHubDouble github;
  github.instead = [&](const auto& served) -> std::optional<test::ServedResponse> {
    if (served.method == "GET" && served.target != "/user")
      return respond(302, "", {"Location: " + other.url("/comments")});
    if (served.method == "POST")
      return respond(307, "", {"Location: " + other.url("/comments")});
    return std::nullopt;
  };
  EXPECT_THAT(refusal(github), HasSubstr("the server redirects a POST to"));
  ASSERT_FALSE(other.requests().empty());
  for (const auto& served : other.requests())
    EXPECT_EQ(served.header("authorization"), "");
}

TEST(PutComment, NonsenseIsNoListOfComments) {
  GitHubDouble github;
  github.instead = [](const auto& served) -> std::optional<test::ServedResponse> {
    if (served.target == "/user")
      return std::nullopt;
    return respond(200, "[{\"body\": 1}, null, {\"body\": \"x\", \"user\": 3}]");
  };
  EXPECT_EQ(put(github), CommentChange::created);
  github.instead = [](const auto& served) -> std::optional<test::ServedResponse> {
    if (served.target == "/user")
      return std::nullopt;
    return respond(200, "<html>");
  };
  EXPECT_THAT(refusal(github), HasSubstr("is not a list of comments"));
}

TEST(CommentMarker, IsAnHtmlCommentWhateverTheNames) {
  const auto marker = comment_marker("--> <b>", "-->", "\n");
  EXPECT_THAT(marker, StartsWith("<!-- anecompat:"));
  EXPECT_EQ(marker.find("-->"), marker.size() - 3);
  EXPECT_NE(comment_marker("a", "bc", ""), comment_marker("ab", "c", ""));
  EXPECT_NE(comment_marker("a", "b", "1"), comment_marker("a", "b", "2"));
}

TEST(IsRepository, TakesOwnerAndNameOnly) {
  EXPECT_TRUE(is_repository("owner/na.me-1_x"));
  for (const auto* text : {"", "owner", "o/", "/n", "a/b/c", "o/..", "o/n?x", "o/n m"})
    EXPECT_FALSE(is_repository(text)) << text;
}

}  // namespace
}  // namespace anecompat::github
