// GitHub's REST API, as far as comments need it.
#pragma once

#include "source/http.hpp"
#include "support/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace anecompat::github {

struct ApiSettings {
  std::string url;    // "https://api.github.com"
  std::string token;  // goes to that origin and nowhere else
  source::NetworkPolicy network;
};

// From GITHUB_API_URL and GITHUB_TOKEN (or GH_TOKEN). Waits for a rate limit of up to a minute.
// Errors: usage, when there is no token.
Result<ApiSettings> api_settings_from_environment();

// What went wrong, with advice; `status` is 0 when no answer came.
struct ApiFailure {
  Error error;
  long status = 0;
};

template <typename T>
using ApiResult = tl::expected<T, ApiFailure>;

class ApiClient {
 public:
  explicit ApiClient(ApiSettings settings) : m_settings(std::move(settings)) {}

  // The body of the answer, which is JSON. `path` starts with a slash. What failed for a reason
  // that passes (rate limits, 5xx, lost connections) is tried again.
  ApiResult<std::string> get(const std::string& path) const;
  // The same with a body. A POST is tried again only where GitHub certainly has not acted on it.
  ApiResult<std::string> send(const std::string& method, const std::string& path,
                              const std::string& json) const;

 private:
  ApiResult<std::string> exchange(source::HttpRequest request) const;

  ApiSettings m_settings;
};

// Text as part of a query: everything but letters, digits and -_.~ as %XX.
std::string url_encoded(std::string_view text);

// "owner/name" of plain characters, as it may stand in a path.
bool is_repository(std::string_view text);

}  // namespace anecompat::github
