// One HTTP request on the wire: no redirects, no retries.
#pragma once

#include "source/http.hpp"

#include <string>
#include <string_view>

namespace anecompat::source {

// Sends `request` to `url`, through `proxy` unless that is empty. Connects to nothing that the
// policy forbids; behind a proxy that is for the proxy to decide. Redirects are responses like any
// other.
tl::expected<HttpResponse, HttpFailure> perform_hop(const HttpRequest& request,
                                                    const NetworkPolicy& policy,
                                                    const HttpSink& sink, const std::string& url,
                                                    const std::string& proxy, bool with_token);

Error download_error(std::string message, std::string advice = {});

// The error for a way that ends at an address that downloads must not reach.
Error internal_address(std::string_view address);

}  // namespace anecompat::source
