// One HTTP exchange at a time, under the rules that downloads of models follow.
#pragma once

#include "support/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace anecompat::source {

// What downloads may do. The defaults are for real use; tests loosen them for servers on loopback.
struct NetworkPolicy {
  bool allow_loopback = false;  // loopback addresses, and http:// to them
  // Addresses inside this network: only for a server that the runner itself names, such as GitHub
  // Enterprise, never for what a manifest or a redirect says.
  bool allow_internal = false;
  std::vector<std::string>
      allowed_hosts;  // host names or "*.example.org"; empty: every public host
  std::uint64_t max_bytes = 16ULL << 30U;  // of one download
  int max_redirects = 10;
  int attempts = 5;  // without progress; a good part of a file starts the count again
  std::chrono::milliseconds first_pause{1000};  // before the first retry; doubles
  std::chrono::milliseconds longest_pause{
      300'000};  // a server that asks for more is not waited for
  std::chrono::seconds connect_timeout{10};
  std::chrono::seconds stall_timeout{30};  // slower than `slowest` for so long ends the attempt
  long slowest = 1024;                     // bytes per second
  std::vector<std::string> resolve;        // "name:port:address": what DNS is not asked for (tests)
  const std::atomic<bool>* cancel = nullptr;
};

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;  // "Accept: …"
  std::string token;              // sent as a bearer token, to the origin of `url` and nowhere else
  std::uint64_t resume_from = 0;  // ask for the bytes from here on
  bool head_only = false;
  std::string method;  // empty: GET
  std::string body;    // sent as JSON, with a method only
};

struct HttpResponse {
  long status = 0;
  std::map<std::string, std::string> headers;  // names in lower case, the last of each
  std::string url;                             // after redirects
  std::uint64_t received = 0;                  // body bytes handed to the sink
  std::string error_body;                      // of a status of 300 or more, its first 16 KiB

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
};

// Why an exchange failed, and whether trying again may help.
struct HttpFailure {
  Error error;
  bool retryable = false;
};

// Takes the body. `begin` is called once, with the final response's status and headers, before the
// first byte; an error from either ends the exchange, and becomes its error.
struct HttpSink {
  std::function<Result<void>(const HttpResponse&)> begin;
  std::function<Result<void>(std::string_view)> write;
};

// A sink that appends to `body`, and takes no more than `max_size` bytes.
HttpSink collect_into(std::string& body, std::size_t max_size);

// Performs the exchange, following redirects itself: each hop must stay on https (or on loopback
// where that is allowed) and on a public address, whatever its name resolves to, and the token is
// dropped as soon as the origin changes; a request with a method of its own is only sent again to
// the same origin, and only where the server asks for just that (307, 308). Proxies and CA bundles
// are taken from the environment, as curl does; behind a proxy, it decides about names, and only
// addresses that are written out are refused here. Any status is a response; only responses below
// 300 reach the sink.
tl::expected<HttpResponse, HttpFailure> http_exchange(const HttpRequest& request,
                                                      const NetworkPolicy& policy,
                                                      const HttpSink& sink);

// The body of a small document, with retries. Errors: download.
Result<std::string> http_get_text(const HttpRequest& request, const NetworkPolicy& policy,
                                  std::size_t max_size = 8U << 20U);

// How long to wait before trying again after `response` (Retry-After in seconds or as a date,
// RateLimit's t=, X-RateLimit-Reset), or `otherwise` when it does not say.
std::chrono::milliseconds pause_asked_for(const HttpResponse& response,
                                          std::chrono::milliseconds otherwise,
                                          std::chrono::system_clock::time_point now);

// 408, 429, 500, 502, 503, 504.
bool is_retryable_status(long status);

// The error for a final status of 300 or more.
Error status_error(const HttpResponse& response);

// Waits, unless the policy's cancel flag is set meanwhile; false if it is.
bool pause(std::chrono::milliseconds duration, const NetworkPolicy& policy);

}  // namespace anecompat::source
