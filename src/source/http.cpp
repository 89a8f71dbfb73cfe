#include "source/http.hpp"

#include "source/address.hpp"
#include "source/http_hop.hpp"
#include "source/proxy.hpp"
#include "source/url.hpp"
#include "support/text.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <thread>

namespace anecompat::source {

namespace {

bool host_allowed(const std::string& host, const NetworkPolicy& policy) {
  if (policy.allowed_hosts.empty())
    return true;
  return std::ranges::any_of(policy.allowed_hosts, [&](const std::string& allowed) {
    if (allowed.starts_with("*."))
      return host.ends_with(std::string_view(allowed).substr(1));
    return host == to_lower(allowed);
  });
}

// What may be asked of this host before anything is sent to it.
std::optional<Error> check_hop(const Url& url, const std::string& text, const std::string& proxy,
                               const NetworkPolicy& policy) {
  const bool loopback = policy.allow_loopback && is_loopback_name(url.host);
  if (url.scheme != "https" && !(url.scheme == "http" && loopback)) {
    return download_error(
        fmt::format("{} is not https, and models are fetched over https only", printable(text)));
  }
  if (url.has_credentials)
    return download_error(fmt::format("{} holds credentials", printable(url.host)));
  if (!host_allowed(url.host, policy)) {
    return download_error(fmt::format("{} is not among the allowed hosts", printable(url.host)),
                          "add it with --allow-host if the models really live there");
  }
  // Straight connections are judged by the address they go to. A proxy hides that, but not an
  // address that is written out.
  if (!proxy.empty() && !loopback) {
    const auto kind = kind_of_literal(url.host);
    const bool internal = kind == AddressKind::internal && !policy.allow_internal;
    if (internal || kind == AddressKind::loopback || is_loopback_name(url.host))
      return internal_address(url.host);
  }
  return std::nullopt;
}

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end == text.data())
    return std::nullopt;
  return value;
}

}  // namespace

tl::expected<HttpResponse, HttpFailure> http_exchange(const HttpRequest& request,
                                                      const NetworkPolicy& policy,
                                                      const HttpSink& sink) {
  const auto refused = [](Error error) {
    return tl::unexpected(HttpFailure{.error = std::move(error)});
  };
  auto url = request.url;
  auto parts = parse_url(url);
  if (!parts)
    return refused(std::move(parts.error()));
  const auto origin = *parts;
  bool with_token = true;
  for (int hop = 0; hop <= policy.max_redirects; ++hop) {
    const auto proxy = proxy_for(*parts);
    if (auto error = check_hop(*parts, url, proxy, policy))
      return refused(std::move(*error));
    with_token = with_token && parts->same_origin(origin);

    auto response = perform_hop(request, policy, sink, url, proxy, with_token);
    if (!response || !is_redirect(response->status))
      return response;
    const auto target = response->header("location");
    if (target.empty())
      return refused(download_error("the server redirects without saying where"));
    auto next = resolve_url(url, target);
    if (!next)
      return refused(std::move(next.error()));
    url = std::move(*next);
    parts = parse_url(url);
    if (!parts)
      return refused(download_error(std::move(parts.error().message)));
    const bool repeats = response->status == 307 || response->status == 308;
    if (!request.method.empty() && !(repeats && parts->same_origin(origin))) {
      return refused(download_error(
          fmt::format("the server redirects a {} to {}", request.method, printable(url))));
    }
  }
  return refused(download_error(
      fmt::format("more than {} redirects, which looks like a loop", policy.max_redirects)));
}

HttpSink collect_into(std::string& body, std::size_t max_size) {
  return {.begin = {}, .write = [&body, max_size](std::string_view bytes) -> Result<void> {
            body += bytes;
            if (body.size() <= max_size)
              return {};
            return fail(
                download_error(fmt::format("the answer is larger than {}", human_bytes(max_size))));
          }};
}

Result<std::string> http_get_text(const HttpRequest& request, const NetworkPolicy& policy,
                                  std::size_t max_size) {
  auto wait = policy.first_pause;
  for (int attempt = 1;; ++attempt) {
    std::string body;
    const auto response = http_exchange(request, policy, collect_into(body, max_size));
    if (response && response->status < 300)
      return body;
    const bool retryable =
        response ? is_retryable_status(response->status) : response.error().retryable;
    const auto asked =
        response ? pause_asked_for(*response, wait, std::chrono::system_clock::now()) : wait;
    if (!retryable || attempt >= policy.attempts || asked > policy.longest_pause ||
        !pause(asked, policy))
      return fail(response ? status_error(*response) : response.error().error);
    wait *= 2;
  }
}

std::chrono::milliseconds pause_asked_for(const HttpResponse& response,
                                          std::chrono::milliseconds otherwise,
                                          std::chrono::system_clock::time_point now) {
  using std::chrono::seconds;
  const auto until = [&](std::time_t when) {
    const auto rest = std::chrono::system_clock::from_time_t(when) - now;
    return std::max(otherwise,
                    std::chrono::duration_cast<std::chrono::milliseconds>(rest) + seconds(1));
  };
  constexpr std::uint64_t k_year = 365ULL * 24 * 3600;
  const auto retry_after = response.header("retry-after");
  if (const auto delay = number(retry_after))
    return seconds(std::min(*delay, k_year) + 1);
  if (const auto date = curl_getdate(retry_after.c_str(), nullptr);
      !retry_after.empty() && date > 0)
    return until(date);
  const auto limit = response.header("ratelimit");
  if (const auto at = limit.find("t="); at != std::string::npos) {
    if (const auto delay = number(std::string_view(limit).substr(at + 2)))
      return seconds(std::min(*delay, k_year) + 1);
  }
  if (response.header("x-ratelimit-remaining") == "0") {
    if (const auto reset = number(response.header("x-ratelimit-reset")))
      return until(static_cast<std::time_t>(std::min<std::uint64_t>(*reset, INT32_MAX * 4ULL)));
  }
  return otherwise;
}

bool is_retryable_status(long status) {
  constexpr std::array k_retryable = {408L, 429L, 500L, 502L, 503L, 504L};
  return std::ranges::find(k_retryable, status) != k_retryable.end();
}

Error status_error(const HttpResponse& response) {
  Error error{.kind = ErrorKind::download,
              .message = fmt::format("the server answered {}", response.status)};
  switch (response.status) {
    case 401:
    case 403:
      error.advice =
          "set HF_TOKEN or GITHUB_TOKEN if the model is private, and check that it may read it";
      break;
    case 404:
      error.advice = "check the spelling; a private model also answers 404 without a token";
      break;
    case 429:
      error.advice = "the server limits requests; try later or with a token";
      break;
    default:
      break;
  }
  return error;
}

bool pause(std::chrono::milliseconds duration, const NetworkPolicy& policy) {
  constexpr std::chrono::milliseconds k_tick{50};
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
    if (policy.cancel != nullptr && policy.cancel->load())
      return false;
    std::this_thread::sleep_for(std::min<std::chrono::steady_clock::duration>(
        k_tick, end - std::chrono::steady_clock::now()));
  }
  return true;
}

}  // namespace anecompat::source
