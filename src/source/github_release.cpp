#include "source/github_release.hpp"

#include "support/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdlib>

namespace anecompat::source {

namespace {

std::string environment(const char* name, const char* otherwise = "") {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

std::string encode(std::string_view text) {
  std::string result;
  for (const char c : text)
    result += c == ' ' ? "%20" : c == '+' ? "%2B" : std::string(1, c);
  return result;
}

Result<HttpRequest> find_asset(const Locator& locator, const NetworkPolicy& policy,
                               const std::string& token) {
  const auto api = environment("GITHUB_API_URL", "https://api.github.com");
  const HttpRequest release{
      .url = fmt::format("{}/repos/{}/releases/tags/{}", api, encode(locator.repository),
                         encode(locator.revision)),
      .headers = {"Accept: application/vnd.github+json", "X-GitHub-Api-Version: 2022-11-28"},
      .token = token};
  ANECOMPAT_TRY_ASSIGN(const auto text, http_get_text(release, policy));
  std::string names;
  try {
    const auto answer = nlohmann::json::parse(text);
    for (const auto& asset : answer.at("assets")) {
      const auto name = asset.at("name").get<std::string>();
      if (name == locator.path) {
        return HttpRequest{
            .url = fmt::format("{}/repos/{}/releases/assets/{}", api, encode(locator.repository),
                               asset.at("id").get<std::uint64_t>()),
            .headers = {"Accept: application/octet-stream"},
            .token = token};
      }
      names += (names.empty() ? "" : ", ") + printable(name);
    }
  } catch (const nlohmann::json::exception&) {
    return fail({.kind = ErrorKind::download, .message = "GitHub's answer is not a release"});
  }
  return fail(
      {.kind = ErrorKind::download,
       .message = "the release has no such asset",
       .advice = names.empty() ? "it has none at all" : "it has " + elide_middle(names, 500)});
}

}  // namespace

std::string github_token() {
  auto token = environment("GITHUB_TOKEN");
  return token.empty() ? environment("GH_TOKEN") : token;
}

Result<HttpRequest> github_asset_request(const Locator& locator, const NetworkPolicy& policy) {
  const auto token = github_token();
  if (!token.empty())
    return find_asset(locator, policy, token);
  return HttpRequest{.url = fmt::format("{}/{}/releases/download/{}/{}",
                                        environment("GITHUB_SERVER_URL", "https://github.com"),
                                        encode(locator.repository), encode(locator.revision),
                                        encode(locator.path))};
}

}  // namespace anecompat::source
