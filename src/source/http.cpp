#include "source/http.hpp"

#include "source/address.hpp"
#include "source/url.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace anecompat::source {

namespace {

struct CurlDelete {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlHandle = std::unique_ptr<CURL, CurlDelete>;
using CurlHeaders = std::unique_ptr<curl_slist, CurlDelete>;

constexpr std::size_t k_error_body = 16U << 10U;

void initialize_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// With a proxy the address we connect to is the proxy's, and the proxy decides what may be reached.
bool proxy_configured() {
  constexpr std::array k_names = {"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy",
                                  "ALL_PROXY"};
  return std::ranges::any_of(k_names, [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  });
}

// The variables that the curl tool heeds and libcurl leaves to programs.
void use_certificates_of_environment(CURL* curl) {
  const auto set = [&](const char* name, CURLoption option) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0')
      return false;
    curl_easy_setopt(curl, option, value);
    return true;
  };
  if (!set("CURL_CA_BUNDLE", CURLOPT_CAINFO))
    set("SSL_CERT_FILE", CURLOPT_CAINFO);
  set("SSL_CERT_DIR", CURLOPT_CAPATH);
}

bool host_allowed(const std::string& host, const NetworkPolicy& policy) {
  if (policy.allowed_hosts.empty())
    return true;
  return std::ranges::any_of(policy.allowed_hosts, [&](const std::string& allowed) {
    if (allowed.starts_with("*."))
      return host.ends_with(std::string_view(allowed).substr(1));
    return host == to_lower(allowed);
  });
}

HttpFailure refused(std::string message, std::string advice = {}) {
  return {.error = {.kind = ErrorKind::download,
                    .message = std::move(message),
                    .advice = std::move(advice)}};
}

std::optional<HttpFailure> check_hop(const Url& url, const std::string& text,
                                     const NetworkPolicy& policy) {
  const bool loopback = policy.allow_loopback && is_loopback_name(url.host);
  if (url.scheme != "https" && !(url.scheme == "http" && loopback))
    return refused(
        fmt::format("{} is not https, and models are fetched over https only", printable(text)));
  if (url.has_credentials)
    return refused(fmt::format("{} holds credentials", printable(url.host)));
  if (!host_allowed(url.host, policy))
    return refused(fmt::format("{} is not among the allowed hosts", printable(url.host)),
                   "add it with --allow-host if the models really live there");
  return std::nullopt;
}

// One request on the wire, without redirects.
class Hop {
 public:
  Hop(const HttpRequest& request, const NetworkPolicy& policy, const HttpSink& sink)
      : m_request(request),
        m_policy(policy),
        m_sink(sink),
        m_check_addresses(!proxy_configured()) {}

  tl::expected<HttpResponse, HttpFailure> perform(const std::string& url, bool with_token);

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  void take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  HttpFailure failure(CURLcode code, const char* text) const;

  const HttpRequest& m_request;
  const NetworkPolicy& m_policy;
  const HttpSink& m_sink;
  bool m_check_addresses;
  CURL* m_curl = nullptr;  // while perform() runs
  HttpResponse m_response;
  bool m_begun = false;
  std::string m_refused;  // why we ended the exchange ourselves
  bool m_sink_stopped = false;
};

std::size_t Hop::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  static_cast<Hop*>(self)->take_header({data, size * count});
  return size * count;
}

std::size_t Hop::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Hop*>(self)->take_body({data, size * count}) ? size * count : 0;
}

curl_socket_t Hop::on_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& hop = *static_cast<Hop*>(self);
  const auto kind = kind_of(address->addr, address->addrlen);
  const bool allowed = !hop.m_check_addresses || kind == AddressKind::global ||
                       (kind == AddressKind::internal && hop.m_policy.allow_internal) ||
                       (kind == AddressKind::loopback && hop.m_policy.allow_loopback);
  if (!allowed) {
    hop.m_refused = fmt::format("it leads to {}, an address inside this network",
                                to_string(address->addr, address->addrlen));
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype, address->protocol);
}

int Hop::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* cancel = static_cast<Hop*>(self)->m_policy.cancel;
  return cancel != nullptr && cancel->load() ? 1 : 0;
}

void Hop::take_header(std::string_view line) {
  line = trim(line);
  if (line.starts_with("HTTP/")) {  // a new response: what came before was an interim one
    m_response.headers.clear();
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return;
  m_response.headers[to_lower(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
}

bool Hop::take_body(std::string_view bytes) {
  curl_easy_getinfo(m_curl, CURLINFO_RESPONSE_CODE, &m_response.status);
  if (m_response.status >= 300) {  // an error page: its beginning may say why
    const auto room = k_error_body - std::min(k_error_body, m_response.error_body.size());
    m_response.error_body += bytes.substr(0, room);
    return true;
  }
  if (!m_begun) {
    m_begun = true;
    if (m_sink.begin && !m_sink.begin(m_response))
      return !(m_sink_stopped = true);
  }
  m_response.received += bytes.size();
  if (m_request.resume_from + m_response.received > m_policy.max_bytes) {
    m_refused = fmt::format("it is larger than the limit of {}", human_bytes(m_policy.max_bytes));
    return false;
  }
  if (m_sink.write && !m_sink.write(bytes))
    return !(m_sink_stopped = true);
  return true;
}

HttpFailure Hop::failure(CURLcode code, const char* text) const {
  if (!m_refused.empty())
    return refused(m_refused);
  if (code == CURLE_ABORTED_BY_CALLBACK)
    return {.error = {.kind = ErrorKind::interrupted, .message = "the download was interrupted"}};
  constexpr std::array k_final = {
      CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_CACERT_BADFILE,   CURLE_WRITE_ERROR,   CURLE_OUT_OF_MEMORY};
  const bool is_final = m_sink_stopped || std::ranges::find(k_final, code) != k_final.end();
  const auto* words = text != nullptr && *text != '\0' ? text : curl_easy_strerror(code);
  return {.error = {.kind = ErrorKind::download, .message = printable(words)},
          .retryable = !is_final};
}

tl::expected<HttpResponse, HttpFailure> Hop::perform(const std::string& url, bool with_token) {
  const CurlHandle handle(curl_easy_init());
  if (!handle)
    return tl::unexpected(refused("libcurl cannot be initialised"));
  CURL* curl = handle.get();

  curl_slist* list = nullptr;
  for (const auto& header : m_request.headers)
    list = curl_slist_append(list, header.c_str());
  if (with_token && !m_request.token.empty())
    list =
        curl_slist_append(list, fmt::format("Authorization: Bearer {}", m_request.token).c_str());
  if (!m_request.method.empty())
    list = curl_slist_append(list, "Content-Type: application/json");
  const CurlHeaders headers(list);

  std::array<char, CURL_ERROR_SIZE> error_text{};
  const auto agent = fmt::format("anecompat/{}", k_version);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, agent.c_str());
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_text.data());
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
                   static_cast<long>(m_policy.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(m_policy.stall_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Hop::on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Hop::on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, &Hop::on_socket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Hop::on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  if (m_request.head_only)
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  if (!m_request.method.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(m_request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, m_request.body.c_str());
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, m_request.method.c_str());
  }
  if (m_request.resume_from != 0)
    curl_easy_setopt(curl, CURLOPT_RANGE, fmt::format("{}-", m_request.resume_from).c_str());
  // Range applies to the stored bytes: ask for them as they are, not compressed for the way.
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, nullptr);

  use_certificates_of_environment(curl);

  m_curl = curl;
  m_response.url = url;
  const auto code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &m_response.status);
  if (code != CURLE_OK)
    return tl::unexpected(failure(code, error_text.data()));
  if (m_response.status < 300 && !m_begun && m_sink.begin && !m_sink.begin(m_response))
    return tl::unexpected(refused("the response was not wanted"));
  return std::move(m_response);
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
  initialize_curl();
  auto url = request.url;
  const auto origin = parse_url(url);
  if (!origin)
    return tl::unexpected(HttpFailure{.error = origin.error()});
  bool with_token = true;
  for (int hop = 0; hop <= policy.max_redirects; ++hop) {
    const auto parts = parse_url(url);
    if (!parts)
      return tl::unexpected(refused(parts.error().message));
    if (auto failure = check_hop(*parts, url, policy))
      return tl::unexpected(std::move(*failure));
    with_token = with_token && parts->same_origin(*origin);

    auto response = Hop(request, policy, sink).perform(url, with_token);
    if (!response || !is_redirect(response->status))
      return response;
    const auto target = response->header("location");
    if (target.empty())
      return tl::unexpected(refused("the server redirects without saying where"));
    auto next = resolve_url(url, target);
    if (!next)
      return tl::unexpected(HttpFailure{.error = next.error()});
    if (!request.method.empty()) {
      const auto there = parse_url(*next);
      const bool repeats = response->status == 307 || response->status == 308;
      if (!repeats || !there || !there->same_origin(*origin)) {
        return tl::unexpected(refused(
            fmt::format("the server redirects a {} to {}", request.method, printable(*next))));
      }
    }
    url = std::move(*next);
  }
  return tl::unexpected(refused(
      fmt::format("more than {} redirects, which looks like a loop", policy.max_redirects)));
}

Result<std::string> http_get_text(const HttpRequest& request, const NetworkPolicy& policy,
                                  std::size_t max_size) {
  auto wait = policy.first_pause;
  for (int attempt = 1;; ++attempt) {
    std::string body;
    const HttpSink sink{.begin = {}, .write = [&](std::string_view bytes) {
                          body += bytes;
                          return body.size() <= max_size;
                        }};
    const auto response = http_exchange(request, policy, sink);
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
