#include "source/url.hpp"

#include "support/text.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

namespace anecompat::source {

namespace {

struct CurlUrlDelete {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using CurlUrl = std::unique_ptr<CURLU, CurlUrlDelete>;

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
    return {};
  std::string result(text);
  curl_free(text);
  return result;
}

}  // namespace

Result<Url> parse_url(const std::string& text) {
  const CurlUrl url(curl_url());
  if (const auto code =
          curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME);
      code != CURLUE_OK) {
    return fail(
        {.kind = ErrorKind::manifest,
         .message = fmt::format("{} is not a URL: {}", printable(text), curl_url_strerror(code))});
  }
  return Url{.scheme = to_lower(part_of(url.get(), CURLUPART_SCHEME)),
             .host = to_lower(part_of(url.get(), CURLUPART_HOST)),
             .port = part_of(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT),
             .path = part_of(url.get(), CURLUPART_PATH, CURLU_URLDECODE),
             .has_credentials = !part_of(url.get(), CURLUPART_USER).empty() ||
                                !part_of(url.get(), CURLUPART_PASSWORD).empty()};
}

Result<std::string> resolve_url(const std::string& base, const std::string& reference) {
  const CurlUrl url(curl_url());
  const bool good = curl_url_set(url.get(), CURLUPART_URL, base.c_str(), 0) == CURLUE_OK &&
                    curl_url_set(url.get(), CURLUPART_URL, reference.c_str(),
                                 CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK;
  const auto whole = good ? part_of(url.get(), CURLUPART_URL) : std::string();
  if (whole.empty())
    return fail({.kind = ErrorKind::download,
                 .message = fmt::format("the server redirects to {}, which is no URL",
                                        printable(reference))});
  return whole;
}

bool is_loopback_name(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace anecompat::source
