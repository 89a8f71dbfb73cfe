#include "source/http_hop.hpp"

#include "source/address.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>

namespace anecompat::source {

namespace {

struct CurlDelete {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlHandle = std::unique_ptr<CURL, CurlDelete>;
using CurlList = std::unique_ptr<curl_slist, CurlDelete>;

constexpr std::size_t k_error_body = 16U << 10U;
constexpr std::uint64_t k_longest_error_page = 1U << 20U;
constexpr std::size_t k_most_header_bytes = 256U << 10U;

void append(CurlList& list, const std::string& text) {
  auto* head = curl_slist_append(list.get(), text.c_str());
  if (!list)
    list.reset(head);  // of a longer list it stays the same
}

void initialize_curl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
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

// One request on the wire, without redirects.
class Hop {
 public:
  Hop(const HttpRequest& request, const NetworkPolicy& policy, const HttpSink& sink)
      : m_request(request), m_policy(policy), m_sink(sink) {}

  tl::expected<HttpResponse, HttpFailure> perform(const std::string& url, const std::string& proxy,
                                                  bool with_token);

 private:
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  bool begin();
  void set_request(const std::string& url, const std::string& proxy);
  void set_limits();
  void set_callbacks();
  CurlList request_headers(bool with_token) const;
  HttpFailure failure(CURLcode code, const char* text) const;

  const HttpRequest& m_request;
  const NetworkPolicy& m_policy;
  const HttpSink& m_sink;
  bool m_check_addresses = true;
  CURL* m_curl = nullptr;  // while perform() runs
  HttpResponse m_response;
  std::size_t m_header_bytes = 0;
  bool m_begun = false;
  std::optional<Error> m_stopped;  // why we ended the exchange ourselves
};

std::size_t Hop::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Hop*>(self)->take_header({data, size * count}) ? size * count : 0;
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
    hop.m_stopped = internal_address(to_string(address->addr, address->addrlen));
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype, address->protocol);
}

int Hop::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* cancel = static_cast<Hop*>(self)->m_policy.cancel;
  return cancel != nullptr && cancel->load() ? 1 : 0;
}

bool Hop::take_header(std::string_view line) {
  m_header_bytes += line.size();
  if (m_header_bytes > k_most_header_bytes) {
    m_stopped = download_error("the server sends headers without end");
    return false;
  }
  line = trim(line);
  if (line.starts_with("HTTP/")) {  // a new response: what came before was an interim one
    m_response.headers.clear();
    return true;
  }
  const auto colon = line.find(':');
  if (colon != std::string_view::npos)
    m_response.headers[to_lower(line.substr(0, colon))] = std::string(trim(line.substr(colon + 1)));
  return true;
}

bool Hop::begin() {
  m_begun = true;
  if (!m_sink.begin)
    return true;
  auto wanted = m_sink.begin(m_response);
  if (!wanted)
    m_stopped = std::move(wanted.error());
  return wanted.has_value();
}

bool Hop::take_body(std::string_view bytes) {
  curl_easy_getinfo(m_curl, CURLINFO_RESPONSE_CODE, &m_response.status);
  if (m_response.status >= 300) {  // an error page: its beginning may say why
    const auto room = k_error_body - std::min(k_error_body, m_response.error_body.size());
    m_response.error_body += bytes.substr(0, room);
    m_response.received += bytes.size();
    if (m_response.received <= k_longest_error_page)
      return true;
    m_stopped = download_error(
        fmt::format("the server answered {} with a page without end", m_response.status));
    return false;
  }
  if (!m_begun && !begin())
    return false;
  m_response.received += bytes.size();
  if (m_request.resume_from + m_response.received > m_policy.max_bytes) {
    m_stopped = download_error(
        fmt::format("it is larger than the limit of {}", human_bytes(m_policy.max_bytes)));
    return false;
  }
  if (!m_sink.write)
    return true;
  auto taken = m_sink.write(bytes);
  if (!taken)
    m_stopped = std::move(taken.error());
  return taken.has_value();
}

HttpFailure Hop::failure(CURLcode code, const char* text) const {
  if (m_stopped)
    return {.error = *m_stopped};
  if (code == CURLE_ABORTED_BY_CALLBACK)
    return {.error = {.kind = ErrorKind::interrupted, .message = "the download was interrupted"}};
  long proxy_status = 0;
  curl_easy_getinfo(m_curl, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  if (proxy_status >= 300) {
    return {.error = download_error(fmt::format("the proxy answered {}", proxy_status),
                                    proxy_status == 407
                                        ? "give its variable the name and password it wants, as "
                                          "https_proxy=http://name:password@host:port"
                                        : "ask its administrators, or name the host in no_proxy"),
            .retryable = is_retryable_status(proxy_status)};
  }
  constexpr std::array k_final = {
      CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_CACERT_BADFILE,   CURLE_WRITE_ERROR,   CURLE_OUT_OF_MEMORY};
  const bool is_final = std::ranges::find(k_final, code) != k_final.end();
  const auto* words = text != nullptr && *text != '\0' ? text : curl_easy_strerror(code);
  auto error = download_error(printable(words));
  if (code == CURLE_PEER_FAILED_VERIFICATION)
    error.advice = "behind a proxy that has its own certificate, set CURL_CA_BUNDLE";
  return {.error = std::move(error), .retryable = !is_final};
}

CurlList Hop::request_headers(bool with_token) const {
  CurlList list;
  const auto add = [&](const std::string& header) { append(list, header); };
  for (const auto& header : m_request.headers)
    add(header);
  if (with_token && !m_request.token.empty())
    add(fmt::format("Authorization: Bearer {}", m_request.token));
  if (!m_request.method.empty())
    add("Content-Type: application/json");
  return list;
}

void Hop::set_request(const std::string& url, const std::string& proxy) {
  const auto agent = fmt::format("anecompat/{}", k_version);
  curl_easy_setopt(m_curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(m_curl, CURLOPT_USERAGENT, agent.c_str());
  curl_easy_setopt(m_curl, CURLOPT_FOLLOWLOCATION, 0L);
  // What was decided stands: an empty proxy is none, whatever the environment says.
  curl_easy_setopt(m_curl, CURLOPT_PROXY, proxy.c_str());
  curl_easy_setopt(m_curl, CURLOPT_NOPROXY, "");
  if (m_request.head_only)
    curl_easy_setopt(m_curl, CURLOPT_NOBODY, 1L);
  if (!m_request.method.empty()) {
    curl_easy_setopt(m_curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(m_request.body.size()));
    curl_easy_setopt(m_curl, CURLOPT_POSTFIELDS, m_request.body.c_str());
    curl_easy_setopt(m_curl, CURLOPT_CUSTOMREQUEST, m_request.method.c_str());
  }
  if (m_request.resume_from != 0)
    curl_easy_setopt(m_curl, CURLOPT_RANGE, fmt::format("{}-", m_request.resume_from).c_str());
  // Range applies to the stored bytes: ask for them as they are, not compressed for the way.
  curl_easy_setopt(m_curl, CURLOPT_ACCEPT_ENCODING, nullptr);
  use_certificates_of_environment(m_curl);
}

void Hop::set_limits() {
  curl_easy_setopt(m_curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(m_curl, CURLOPT_CONNECTTIMEOUT,
                   static_cast<long>(m_policy.connect_timeout.count()));
  curl_easy_setopt(m_curl, CURLOPT_LOW_SPEED_LIMIT, m_policy.slowest);
  curl_easy_setopt(m_curl, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>(m_policy.stall_timeout.count()));
}

void Hop::set_callbacks() {
  curl_easy_setopt(m_curl, CURLOPT_HEADERFUNCTION, &Hop::on_header);
  curl_easy_setopt(m_curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(m_curl, CURLOPT_WRITEFUNCTION, &Hop::on_body);
  curl_easy_setopt(m_curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(m_curl, CURLOPT_OPENSOCKETFUNCTION, &Hop::on_socket);
  curl_easy_setopt(m_curl, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(m_curl, CURLOPT_XFERINFOFUNCTION, &Hop::on_progress);
  curl_easy_setopt(m_curl, CURLOPT_XFERINFODATA, this);
  curl_easy_setopt(m_curl, CURLOPT_NOPROGRESS, 0L);
}

tl::expected<HttpResponse, HttpFailure> Hop::perform(const std::string& url,
                                                     const std::string& proxy, bool with_token) {
  const CurlHandle handle(curl_easy_init());
  if (!handle)
    return tl::unexpected(HttpFailure{.error = download_error("libcurl cannot be initialised")});
  m_curl = handle.get();
  // The address of a connection is the proxy's where there is one, and that is what the user set.
  m_check_addresses = proxy.empty();
  m_response.url = url;

  std::array<char, CURL_ERROR_SIZE> error_text{};
  curl_easy_setopt(m_curl, CURLOPT_ERRORBUFFER, error_text.data());
  const auto headers = request_headers(with_token);
  curl_easy_setopt(m_curl, CURLOPT_HTTPHEADER, headers.get());
  CurlList names;  // NAME:PORT:ADDRESS
  for (const auto& name : m_policy.resolve)
    append(names, name);
  curl_easy_setopt(m_curl, CURLOPT_RESOLVE, names.get());
  set_request(url, proxy);
  set_limits();
  set_callbacks();

  const auto code = curl_easy_perform(m_curl);
  curl_easy_getinfo(m_curl, CURLINFO_RESPONSE_CODE, &m_response.status);
  if (code != CURLE_OK)
    return tl::unexpected(failure(code, error_text.data()));
  if (m_response.status < 300 && !m_begun && !begin())
    return tl::unexpected(HttpFailure{.error = *m_stopped});
  return std::move(m_response);
}

}  // namespace

Error download_error(std::string message, std::string advice) {
  return {.kind = ErrorKind::download, .message = std::move(message), .advice = std::move(advice)};
}

Error internal_address(std::string_view address) {
  return download_error(
      fmt::format("it leads to {}, an address inside this network", printable(address)));
}

tl::expected<HttpResponse, HttpFailure> perform_hop(const HttpRequest& request,
                                                    const NetworkPolicy& policy,
                                                    const HttpSink& sink, const std::string& url,
                                                    const std::string& proxy, bool with_token) {
  initialize_curl();
  return Hop(request, policy, sink).perform(url, proxy, with_token);
}

}  // namespace anecompat::source
