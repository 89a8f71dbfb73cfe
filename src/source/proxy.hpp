// Which proxy the environment wants a request to go through, by curl's rules.
#pragma once

#include "source/url.hpp"

#include <string>

namespace anecompat::source {

// The proxy for `url`: $https_proxy or $HTTPS_PROXY for https, $http_proxy (in lower case only: a
// web server's CGI could be told HTTP_PROXY) for http, else $all_proxy or $ALL_PROXY; none for the
// hosts of $no_proxy or $NO_PROXY. Empty: straight to the host. Asked here and handed to libcurl,
// so that we know whose address a connection will go to.
std::string proxy_for(const Url& url);

}  // namespace anecompat::source
