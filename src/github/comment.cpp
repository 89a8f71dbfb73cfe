#include "github/comment.hpp"

#include "support/sha256.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>

namespace anecompat::github {

namespace {

using Json = nlohmann::json;

constexpr std::size_t k_page = 100;
constexpr std::size_t k_most_pages = 100;

struct Comment {
  std::uint64_t id = 0;
  std::string body;
};

ApiFailure not_json(std::string_view what) {
  return {.error = {.kind = ErrorKind::download,
                    .message = fmt::format("GitHub's answer is not {}", what)}};
}

std::string member_text(const Json& json, const char* key) {
  if (!json.is_object())
    return {};
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Web forms turn line ends into CRLF, and the server trims.
std::string normalized(std::string_view body) {
  std::string result;
  for (const char c : body) {
    if (c != '\r')
      result += c;
  }
  return std::string(trim(result));
}

// Tokens of apps, GITHUB_TOKEN among them, have no user: GitHub answers 403 then, and what they
// write is by the app's bot.
ApiResult<std::string> own_login(const ApiClient& client) {
  const auto answer = client.get("/user");
  if (!answer && (answer.error().status == 403 || answer.error().status == 404))
    return "github-actions[bot]";
  if (!answer)
    return tl::unexpected(answer.error());
  auto login = member_text(Json::parse(*answer, nullptr, /*allow_exceptions=*/false), "login");
  if (login.empty())
    return tl::unexpected(not_json("a user"));
  return login;
}

ApiResult<std::optional<Comment>> find_own(const ApiClient& client, const CommentRequest& request,
                                           const std::string& author) {
  for (std::size_t page = 1; page <= k_most_pages; ++page) {
    const auto answer =
        client.get(fmt::format("/repos/{}/issues/{}/comments?per_page={}&page={}",
                               request.repository, request.pull_request, k_page, page));
    if (!answer)
      return tl::unexpected(answer.error());
    const auto comments = Json::parse(*answer, nullptr, /*allow_exceptions=*/false);
    if (!comments.is_array())
      return tl::unexpected(not_json("a list of comments"));
    for (const auto& comment : comments) {
      const auto body = member_text(comment, "body");
      if (!body.starts_with(request.marker) || !comment.contains("user") ||
          to_lower(member_text(comment["user"], "login")) != to_lower(author))
        continue;
      const auto id = comment.find("id");
      if (id != comment.end() && id->is_number_unsigned())
        return Comment{.id = id->get<std::uint64_t>(), .body = body};
    }
    if (comments.size() < k_page)
      break;
  }
  return std::optional<Comment>();
}

ApiResult<CommentChange> put_once(const ApiClient& client, const CommentRequest& request,
                                  const std::string& author, const std::string& body) {
  const auto json =
      Json{{"body", body}}.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
  const auto own = find_own(client, request, author);
  if (!own)
    return tl::unexpected(own.error());
  if (!own->has_value()) {
    if (request.only_existing)
      return CommentChange::none;
    const auto created = client.send(
        "POST",
        fmt::format("/repos/{}/issues/{}/comments", request.repository, request.pull_request),
        json);
    if (!created)
      return tl::unexpected(created.error());
    return CommentChange::created;
  }
  const auto& comment = **own;
  if (normalized(comment.body) == normalized(body))
    return CommentChange::unchanged;
  const auto updated = client.send(
      "PATCH", fmt::format("/repos/{}/issues/comments/{}", request.repository, comment.id), json);
  if (!updated)
    return tl::unexpected(updated.error());
  return CommentChange::updated;
}

}  // namespace

std::string comment_marker(std::string_view manifest, std::string_view workflow,
                           std::string_view key) {
  // Hashed: names may hold "-->", and tell nobody anything here.
  constexpr std::size_t k_digits = 16;
  const auto digest = sha256_hex(
      fmt::format("{}:{}\n{}:{}\n{}", manifest.size(), manifest, workflow.size(), workflow, key));
  return fmt::format("<!-- anecompat:{} -->", digest.substr(0, k_digits));
}

ApiResult<CommentChange> put_comment(const ApiClient& client, const CommentRequest& request) {
  auto author = request.author;
  if (author.empty()) {
    auto login = own_login(client);
    if (!login)
      return tl::unexpected(std::move(login.error()));
    author = std::move(*login);
  }
  const auto body = request.marker + "\n" + request.markdown;
  auto change = put_once(client, request, author, body);
  // A server error may hide that the comment was made: look again before making another.
  if (!change && change.error().status >= 500)
    change = put_once(client, request, author, body);
  return change;
}

}  // namespace anecompat::github
