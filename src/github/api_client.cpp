#include "github/api_client.hpp"

#include "source/github_release.hpp"
#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace anecompat::github {

namespace {

constexpr std::size_t k_largest_answer = 32U << 20U;
constexpr std::chrono::seconds k_longest_wait{65};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// GitHub answers 403, too, when the rate limit is used up.
bool is_rate_limit(const source::HttpResponse& response) {
  if (response.status == 429)
    return true;
  return response.status == 403 && (response.header("x-ratelimit-remaining") == "0" ||
                                    !response.header("retry-after").empty());
}

// GitHub's own words for what is wrong.
std::string reason_in(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    return {};
  const auto message = json.find("message");
  if (message == json.end() || !message->is_string())
    return {};
  constexpr std::size_t k_longest = 200;
  return elide_middle(printable(message->get<std::string>()), k_longest);
}

std::string advice_for(const source::HttpResponse& response) {
  if (is_rate_limit(response))
    return "GitHub limits requests; the next run will bring the comment up to date";
  switch (response.status) {
    case 401:
      return "the token is not valid; pass ${{ github.token }} as GITHUB_TOKEN";
    case 403:
      return "give the job `permissions: pull-requests: write`; the token of a fork's pull request "
             "only reads, so comment from a workflow_run workflow there (docs/action.md)";
    case 404:
      return "check the repository and the pull request; GitHub also answers so when the token may "
             "not see them";
    case 410:
      return "comments are closed there";
    case 422:
      return "GitHub does not accept the comment; a locked conversation takes none";
    default:
      return response.status >= 500 ? "GitHub has a problem; try again later" : "";
  }
}

ApiFailure failure_of(const source::HttpRequest& request, const source::HttpResponse& response) {
  const auto reason = reason_in(response.error_body);
  return {.error = {.kind = ErrorKind::download,
                    .message = fmt::format("GitHub answered {}{}{} to {} {}", response.status,
                                           reason.empty() ? "" : ": ", reason,
                                           request.method.empty() ? "GET" : request.method,
                                           printable(request.url)),
                    .advice = advice_for(response)},
          .status = response.status};
}

}  // namespace

Result<ApiSettings> api_settings_from_environment() {
  ApiSettings settings;
  const char* url = std::getenv("GITHUB_API_URL");
  settings.url = url == nullptr || *url == '\0' ? "https://api.github.com" : url;
  settings.token = source::github_token();
  if (settings.token.empty()) {
    return fail({.kind = ErrorKind::usage,
                 .message = "there is no token for GitHub",
                 .advice = "set GITHUB_TOKEN, in Actions to ${{ github.token }}"});
  }
  // GitHub Enterprise Server often lives inside.
  settings.network.allow_internal = true;
  settings.network.longest_pause = k_longest_wait;
  return settings;
}

ApiResult<std::string> ApiClient::exchange(source::HttpRequest request) const {
  const auto& network = m_settings.network;
  request.url.insert(0, m_settings.url);
  request.token = m_settings.token;
  request.headers = {"Accept: application/vnd.github+json", "X-GitHub-Api-Version: 2022-11-28"};
  const bool repeatable = request.method != "POST";
  auto wait = network.first_pause;
  for (int attempt = 1;; ++attempt) {
    std::string body;
    const auto response =
        source::http_exchange(request, network, source::collect_into(body, k_largest_answer));
    if (response && response->status < 300)
      return body;
    bool again = repeatable && !response && response.error().retryable;
    auto asked = wait;
    if (response) {
      again =
          is_rate_limit(*response) || (repeatable && source::is_retryable_status(response->status));
      asked = source::pause_asked_for(*response, wait, std::chrono::system_clock::now());
    }
    if (!again || attempt >= network.attempts || asked > network.longest_pause ||
        !source::pause(asked, network)) {
      if (response)
        return tl::unexpected(failure_of(request, *response));
      auto error = response.error().error;
      error.message = fmt::format("{}: {}", printable(request.url), error.message);
      return tl::unexpected(ApiFailure{.error = std::move(error)});
    }
    wait *= 2;
  }
}

ApiResult<std::string> ApiClient::get(const std::string& path) const {
  return exchange({.url = path});
}

ApiResult<std::string> ApiClient::send(const std::string& method, const std::string& path,
                                       const std::string& json) const {
  return exchange({.url = path, .method = method, .body = json});
}

std::string url_encoded(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (is_alphanumeric(c) || std::string_view("-_.~").find(c) != std::string_view::npos)
      result += c;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return result;
}

bool is_repository(std::string_view text) {
  const auto parts = split(text, '/');
  return parts.size() == 2 && std::ranges::all_of(parts, [](std::string_view part) {
           return !part.empty() && part != "." && part != ".." &&
                  std::ranges::all_of(part, [](char c) {
                    return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
                  });
         });
}

}  // namespace anecompat::github
